package e2e

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hopscope/aws/simulator"
	"hopscope/model/journal"
)

// killAtSave makes the fast program kill itself: "before 3" means in front of the
// third time that an entry is written, "after 3" behind it.
const killAtSave = "KILL_AT_SAVE"

// killingJournal kills the process at one of the writes.
type killingJournal struct {
	journal.Store

	when string
	left int
}

func (k *killingJournal) Create(e *journal.Entry) error {
	return k.write(func() error { return k.Store.Create(e) })
}

func (k *killingJournal) Save(e *journal.Entry) error {
	return k.write(func() error { return k.Store.Save(e) })
}

func (k *killingJournal) write(write func() error) error {
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

// interruption is when the server ends the program. The zero value is never.
type interruption struct {
	// write is the number of a request that would change something, from 1; 0 is
	// for the start of the program. request counts on from there: 0 is the write
	// itself.
	write, request int
	// after is set when the request is carried out and only the reply is lost.
	after bool
	// by is the signal; os.Kill when nil.
	by os.Signal
}

// interruptingServer is the article's account on loopback; it kills the program that
// talks to it, or stops it.
type interruptingServer struct {
	testAccount

	server      *httptest.Server
	journal     string
	ahead       atomic.Int64 // of the account's clock
	rolloutsEnd atomic.Bool  // every request finds the rollouts ended

	mu           sync.Mutex
	interruption interruption
	child        *os.Process
	started      chan struct{}
	// requests counts those of the present program; writes are the numbers of those
	// that would change something.
	requests int
	writes   []int
}

func newInterruptingServer(t *testing.T, rolloutTime time.Duration) *interruptingServer {
	t.Helper()
	c := &interruptingServer{journal: t.TempDir()}
	c.testAccount = newTestAccount(t, simulator.Options{
		RolloutTime: rolloutTime,
		Clock:       func() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) },
	})
	c.endRollouts()
	c.server = httptest.NewServer(c)
	t.Cleanup(c.server.Close)
	return c
}

// endRollouts ends every rollout: the account's clock goes ahead.
func (c *interruptingServer) endRollouts() { c.ahead.Add(int64(time.Hour)) }

// ServeHTTP answers unless the interruption is due.
func (c *interruptingServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body bytes.Buffer
	if _, err := body.ReadFrom(r.Body); err != nil {
		panic(http.ErrAbortHandler) // the child is gone
	}
	r.Body = readCloser{&body}
	form, _ := url.ParseQuery(body.String())
	writes := strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".UpdateService") ||
		(strings.HasPrefix(form.Get("Action"), "Authorize") || strings.HasPrefix(form.Get("Action"), "Revoke")) &&
			form.Get("DryRun") != "true"
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests++
	if writes {
		c.writes = append(c.writes, c.requests)
	}
	if c.rolloutsEnd.Load() {
		c.endRollouts()
	}
	now := c.isDue()
	if now && !c.interruption.after {
		c.end()
	}
	if now && c.interruption.after {
		w = httptest.NewRecorder() // the answer reaches no program
	}
	c.simulator.ServeHTTP(w, r)
	if now && c.interruption.after {
		c.end()
		panic(http.ErrAbortHandler)
	}
}

// isDue tells whether the interruption is due.
func (c *interruptingServer) isDue() bool {
	m := c.interruption
	switch {
	case m == (interruption{}):
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
func (c *interruptingServer) end() {
	<-c.started
	if c.interruption.by != nil {
		_ = c.child.Signal(c.interruption.by)
		return
	}
	_ = c.child.Kill()
	if !c.interruption.after {
		panic(http.ErrAbortHandler)
	}
}

// run runs the fast program on the account, and interrupts it.
func (c *interruptingServer) run(at interruption, env []string, args ...string) result {
	c.t.Helper()
	home := c.t.TempDir()
	var stdout, stderr bytes.Buffer
	cmd := fastCommand(c.t, append([]string{
		"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_REGION=ap-northeast-1", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_ENDPOINT_URL=" + c.server.URL, "HOPSCOPE_JOURNAL=" + c.journal, "HOME=" + home,
		"XDG_CACHE_HOME=" + home, "TMPDIR=" + home,
	}, env...), args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	c.mu.Lock()
	c.interruption, c.requests, c.writes, c.started = at, 0, nil, make(chan struct{})
	c.mu.Unlock()
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.child = cmd.Process
	close(c.started)
	return wait(c.t, cmd)
}

// entry is the only one of the journal, nil when there is none.
func (c *interruptingServer) entry() *journal.Entry {
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
