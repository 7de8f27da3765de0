package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hopscope/aws"
	"hopscope/aws/simulator"
	"hopscope/internal/app"
	"hopscope/model/journal"
)

// hastyName is the name under which the test binary is a hopscope without patience:
// rollouts that take milliseconds are not worth seconds of waiting.
const hastyName = "hasty-hopscope"

// killAtSave makes the hasty program kill itself: "before 3" means in front of the
// third time that an entry is written, "after 3" behind it.
const killAtSave = "KILL_AT_SAVE"

func hasty() {
	s := app.Settings{Apply: aws.ApplyOptions{Poll: 2 * time.Millisecond, MaxPoll: 5 * time.Millisecond, Recheck: time.Millisecond}}
	var deadly killingJournal
	if n, _ := fmt.Sscanf(os.Getenv(killAtSave), "%s %d", &deadly.when, &deadly.left); n == 2 {
		s.Journal = func(store journal.Store) aws.Journal {
			deadly.Store = store
			return &deadly
		}
	}
	os.Exit(app.Run(s))
}

// killingJournal kills the process at one of the writes.
type killingJournal struct {
	journal.Store

	when string
	left int
}

func (k *killingJournal) Create(e *journal.Entry) error {
	return k.at(func() error { return k.Store.Create(e) })
}

func (k *killingJournal) Save(e *journal.Entry) error {
	return k.at(func() error { return k.Store.Save(e) })
}

func (k *killingJournal) at(write func() error) error {
	k.left--
	if k.left == 0 && k.when == "before" {
		killSelf()
	}
	err := write()
	if k.left == 0 && k.when == "after" {
		killSelf()
	}
	return err
}

func killSelf() {
	if p, err := os.FindProcess(os.Getpid()); err == nil {
		_ = p.Kill()
	}
	select {}
}

// moment is when the program is ended. The zero value is never.
type moment struct {
	// write is the number of a request that would change something, from 1; 0 is
	// for the start of the program. request counts on from there: 0 is the write
	// itself.
	write, request int
	// after is set when the request is carried out and only the reply is lost.
	after bool
	// by is the signal; os.Kill when nil.
	by os.Signal
}

// cruel is an account on loopback, the article's, that kills the program that talks
// to it, or stops it.
type cruel struct {
	estate

	server  *httptest.Server
	journal string
	ahead   atomic.Int64 // of the account's clock
	hurried atomic.Bool  // every request finds the rollouts ended

	mu      sync.Mutex
	moment  moment
	child   *os.Process
	started chan struct{}
	// requests counts those of the present program; writes are the numbers of those
	// that would change something.
	requests int
	writes   []int
}

func newCruel(t *testing.T, rolloutTime time.Duration) *cruel {
	t.Helper()
	c := &cruel{journal: t.TempDir()}
	c.estate = newEstate(t, simulator.Options{
		RolloutTime: rolloutTime,
		Clock:       func() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) },
	})
	c.hurry()
	c.server = httptest.NewServer(c)
	t.Cleanup(c.server.Close)
	return c
}

// hurry ends every rollout: the account's clock goes ahead.
func (c *cruel) hurry() { c.ahead.Add(int64(time.Hour)) }

// ServeHTTP answers unless the moment has come.
func (c *cruel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body bytes.Buffer
	if _, err := body.ReadFrom(r.Body); err != nil {
		panic(http.ErrAbortHandler) // the child is gone
	}
	r.Body = readCloser{&body}
	form, _ := url.ParseQuery(body.String())
	writes := strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".UpdateService") ||
		(strings.HasPrefix(form.Get("Action"), "Authorize") || strings.HasPrefix(form.Get("Action"), "Revoke")) && form.Get("DryRun") != "true"
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests++
	if writes {
		c.writes = append(c.writes, c.requests)
	}
	if c.hurried.Load() {
		c.hurry()
	}
	now := c.isNow()
	if now && !c.moment.after {
		c.end()
	}
	if now && c.moment.after {
		w = httptest.NewRecorder() // nobody hears the answer
	}
	c.simulator.ServeHTTP(w, r)
	if now && c.moment.after {
		c.end()
		panic(http.ErrAbortHandler)
	}
}

// isNow tells whether the moment has come.
func (c *cruel) isNow() bool {
	m := c.moment
	switch {
	case m == (moment{}):
		return false
	case m.write == 0:
		return c.requests == m.request
	}
	return len(c.writes) >= m.write && c.requests == c.writes[m.write-1]+m.request
}

type readCloser struct{ *bytes.Buffer }

func (readCloser) Close() error { return nil }

// end ends the child. One that is killed hears no answer any more, and what it
// asked for is not carried out.
func (c *cruel) end() {
	<-c.started
	if c.moment.by != nil {
		_ = c.child.Signal(c.moment.by)
		return
	}
	_ = c.child.Kill()
	if !c.moment.after {
		panic(http.ErrAbortHandler)
	}
}

// ran is what became of a program.
type ran struct {
	status         int // -1 when it was killed
	stdout, stderr string
}

// run runs the hasty program on the account, and ends it at a moment.
func (c *cruel) run(at moment, env []string, args ...string) ran {
	c.t.Helper()
	home := c.t.TempDir()
	var stdout, stderr bytes.Buffer
	cmd := hastyCommand(c.t, append([]string{
		"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_REGION=ap-northeast-1", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_ENDPOINT_URL=" + c.server.URL, "HOPSCOPE_JOURNAL=" + c.journal, "HOME=" + home, "XDG_CACHE_HOME=" + home, "TMPDIR=" + home,
	}, env...), args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	c.mu.Lock()
	c.moment, c.requests, c.writes, c.started = at, 0, nil, make(chan struct{})
	c.mu.Unlock()
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.child = cmd.Process
	close(c.started)
	return waited(c.t, cmd)
}

// runHasty runs the hasty program to its end.
func runHasty(t *testing.T, env []string, args ...string) ran {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := hastyCommand(t, env, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return waited(t, cmd)
}

func hastyCommand(t *testing.T, env []string, args ...string) *exec.Cmd {
	t.Helper()
	return &exec.Cmd{Path: self(t), Args: append([]string{hastyName}, args...), Env: env}
}

// self is the test binary, which is hopscope under another name.
func self(t *testing.T) string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return exe
}

// waited is what became of a program.
func waited(t *testing.T, cmd *exec.Cmd) ran {
	t.Helper()
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return ran{cmd.ProcessState.ExitCode(), fmt.Sprint(cmd.Stdout), fmt.Sprint(cmd.Stderr)}
}

// entry is the only one of the journal, nil when there is none.
func (c *cruel) entry() *journal.Entry {
	c.t.Helper()
	entries, bad, err := journal.Store{Dir: c.journal}.List()
	if err != nil || len(bad) > 0 || len(entries) > 1 {
		c.t.Fatalf("the journal: %d entries, unreadable %v, %v", len(entries), bad, err)
	}
	if len(entries) == 0 {
		return nil
	}
	return entries[0]
}
