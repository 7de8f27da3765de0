// Package awstest holds what the tests of the packages under aws share.
package awstest

import (
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hopscope/aws/simulator"
	"hopscope/model"
)

// Environment is one in which nothing of the machine's AWS configuration counts.
func Environment(t *testing.T, more map[string]string) {
	t.Helper()
	for _, e := range os.Environ() {
		if name, _, _ := strings.Cut(e, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	dir := t.TempDir()
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(dir, "config"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(dir, "credentials"))
	t.Setenv("HOME", dir)
	for name, value := range more {
		t.Setenv(name, value)
	}
}

// FakeKeys are credentials that no AWS knows.
func FakeKeys() map[string]string {
	return map[string]string{"AWS_ACCESS_KEY_ID": "FAKE", "AWS_SECRET_ACCESS_KEY": "fake", "AWS_REGION": "eu-west-1"}
}

// Load is a world that comes with the simulator.
func Load(t *testing.T, name string) *simulator.World {
	t.Helper()
	w, err := simulator.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// Transport is a function that answers requests.
type Transport func(*http.Request) (*http.Response, error)

// RoundTrip calls f.
func (f Transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Operation is the operation of a request of the JSON protocol, "" for others.
func Operation(r *http.Request) string {
	_, name, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	return name
}

// Body reads a body and returns it.
func Body(t *testing.T, body io.ReadCloser) []byte {
	t.Helper()
	b, err := io.ReadAll(body)
	if err != nil {
		t.Error(err)
	}
	_ = body.Close()
	return b
}

// Count is how many calls of an action arrived at a simulator.
func Count(sim *simulator.Simulator, action model.Action) int {
	n := 0
	for _, c := range sim.Calls() {
		if c.Action == string(action) {
			n++
		}
	}
	return n
}

// CheckCannotCheck proves that the error is one sentence for the user that holds
// the words.
func CheckCannotCheck(t *testing.T, err error, words ...string) {
	t.Helper()
	var cannot *model.CannotCheckError
	if !errors.As(err, &cannot) {
		t.Fatalf("got %v, want a CannotCheckError", err)
	}
	if err.Error() != cannot.Error() {
		t.Errorf("the sentence is wrapped: %q", err)
	}
	if cannot.Reason == "" || cannot.Next == "" || strings.ContainsAny(err.Error(), "\n\x1b") {
		t.Errorf("reason %q, next step %q", cannot.Reason, cannot.Next)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
	t.Log(err)
}
