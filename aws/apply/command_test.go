package apply_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"hopscope/aws"
	"hopscope/aws/awstest"
	"hopscope/aws/simulator"
	"hopscope/model/journal"
)

// meaning is a state whose block is written in one way: the AWS CLI has its own.
func meaning(t *testing.T, p state) state {
	t.Helper()
	var block any
	if err := json.Unmarshal([]byte(p.Block), &block); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(block)
	if err != nil {
		t.Fatal(err)
	}
	p.Block = string(text)
	return p
}

// pasted is what bash and the AWS CLI make of a command on an endpoint.
func pasted(t *testing.T, endpoint, command string) ([]byte, error) {
	t.Helper()
	nowhere := t.TempDir() + "/none"
	cmd := exec.CommandContext(t.Context(), "bash", "-euc", command)
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "AWS_ENDPOINT_URL=" + endpoint,
		"AWS_CONFIG_FILE=" + nowhere, "AWS_SHARED_CREDENTIALS_FILE=" + nowhere, "AWS_EC2_METADATA_DISABLED=true",
		"AWS_ACCESS_KEY_ID=FAKE", "AWS_SECRET_ACCESS_KEY=fake", "AWS_PAGER=", "NO_PROXY=127.0.0.1",
	}
	return cmd.CombinedOutput()
}

// A command in which something is masked is refused by the AWS CLI: it writes no mask.
func TestACommandWithAMaskChangesNothing(t *testing.T) {
	if _, err := exec.LookPath("aws"); err != nil {
		t.Skip("the aws CLI is not installed")
	}
	world := func() *simulator.World {
		w := awstest.Load(t, "article")
		w.Services[0].ServiceConnect = []byte(`{"enabled":true,"namespace":"sample-namespace",` +
			`"services":[{"portName":"app","discoveryName":"app",` +
			`"clientAliases":[{"port":80,"dnsName":"app.sample-namespace"}]}],` +
			`"logConfiguration":{"logDriver":"splunk","options":{"splunk-token":"planted-token"}}}`)
		return w
	}
	var command string
	synctest.Test(t, func(t *testing.T) {
		s := newWorkshop(t, world(), nil)
		e, err := s.applier.Apply(t.Context(), s.prepare(), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range e.Calls {
			if c.Action == aws.UpdateService {
				command = c.Command
			}
		}
		if !strings.Contains(s.block(), "planted-token") {
			t.Errorf("the mask was sent: %s", s.block())
		}
	})
	if !strings.Contains(command, "<masked>") || strings.Contains(command, "planted-token") {
		t.Fatalf("the command is %s", command)
	}
	copied := &workshop{T: t, sim: simulator.New(world(), simulator.Options{})}
	before := copied.state()
	server := httptest.NewServer(copied.sim)
	defer server.Close()
	out, err := pasted(t, server.URL, command)
	if err == nil {
		t.Errorf("it was carried out: %s", out)
	}
	copied.same(before, copied.state())
}

// AWS may quote in a refusal what was sent.
func TestWhatAWSQuotesOfABlockIsMasked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := awstest.Load(t, "article")
		w.Services[0].ServiceConnect = []byte(`{"enabled":true,"namespace":"sample-namespace",` +
			`"services":[{"portName":"app","discoveryName":"app",` +
			`"clientAliases":[{"port":80,"dnsName":"app.sample-namespace"}]}],` +
			`"logConfiguration":{"logDriver":"splunk","options":{"splunk-token":"planted-token"}}}`)
		s := newWorkshop(t, w, func(next http.RoundTripper) http.RoundTripper {
			return awstest.Transport(func(r *http.Request) (*http.Response, error) {
				if awstest.Operation(r) != "UpdateService" {
					return next.RoundTrip(r)
				}
				return &http.Response{
					StatusCode: http.StatusBadRequest, Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}},
					Body: io.NopCloser(strings.NewReader(`{"__type":"ClientException",` +
						`"message":"log option splunk-token=planted-token is not valid"}`)), Request: r,
				}, nil
			})
		})
		e, err := s.applier.Apply(t.Context(), s.prepare(), nil)
		if err == nil {
			t.Fatal("a refusal was taken for a success")
		}
		entry := *e
		entry.Before.Block, entry.AfterBlock = "", ""
		texts, jsonErr := json.Marshal(entry)
		if jsonErr != nil {
			t.Fatal(jsonErr)
		}
		all := err.Error() + string(texts)
		if strings.Contains(all, "planted") || !strings.Contains(all, "splunk-token=<masked> is not valid") {
			t.Errorf("%s", all)
		}
		refused := func(s journal.Step) bool { return s.State == journal.Refused }
		if !slices.ContainsFunc(e.Steps, refused) {
			t.Errorf("no step is refused: %+v", e.Steps)
		}
	})
}

// What the log says is what was done: bash and the AWS CLI, given its lines, do the
// same to another copy of the world, also where texts are hostile.
func TestTheCommandsOfTheLogDoWhatTheCallsDid(t *testing.T) {
	if _, err := exec.LookPath("aws"); err != nil {
		t.Skip("the aws CLI is not installed")
	}
	if testing.Short() {
		t.Skip("the aws CLI takes a second for each call")
	}
	hostile := func(t *testing.T) *simulator.World {
		t.Helper()
		w := awstest.Load(t, "article")
		w.SecurityGroups[1].Ingress[1].Note = "clients' $(touch /tmp/hopscope-pwned); \"`id`\""
		w.Services[0].ServiceConnect = []byte(`{"enabled":true,"namespace":"sample-namespace",` +
			`"services":[{"portName":"app","discoveryName":"app",` +
			`"clientAliases":[{"port":80,"dnsName":"app.sample-namespace"}]}],` +
			`"logConfiguration":{"logDriver":"awslogs"},"accessLogConfiguration":{"format":"it's $HOME; ` +
			"`id` \u202e\u2028" + ` \\u0007"}}`)
		return w
	}
	var applied, undone state
	var calls []journal.Call
	var done int
	synctest.Test(t, func(t *testing.T) {
		s := newWorkshop(t, hostile(t), nil)
		e, err := s.applier.Apply(t.Context(), s.prepare(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if e, err = s.applier.Tidy(t.Context(), e.ID, nil); err != nil {
			t.Fatal(err)
		}
		done, applied = len(e.Calls), s.state()
		if e, err = s.applier.Rollback(t.Context(), e.ID, nil); err != nil {
			t.Fatal(err)
		}
		calls, undone = e.Calls, s.state()
	})

	var minutes atomic.Int64
	now := func() time.Time {
		return time.Date(2026, 11, 25, 0, int(minutes.Load()), 0, 0, time.UTC)
	}
	copied := &workshop{T: t, sim: simulator.New(hostile(t), simulator.Options{Clock: now})}
	server := httptest.NewServer(copied.sim)
	defer server.Close()
	for i, c := range calls {
		if strings.ContainsAny(c.Command, "\n\u202e\u2028") {
			t.Errorf("the command has characters that act on a terminal: %q", c.Command)
		}
		if out, err := pasted(t, server.URL, c.Command); err != nil {
			t.Fatalf("%s: %v\n%s", c.Command, err, out)
		}
		minutes.Add(1)
		if i == done-1 {
			copied.same(meaning(t, applied), meaning(t, copied.state()))
		}
	}
	copied.same(meaning(t, undone), meaning(t, copied.state()))
	if _, err := os.Stat("/tmp/hopscope-pwned"); err == nil {
		t.Error("a description was executed")
	}
}
