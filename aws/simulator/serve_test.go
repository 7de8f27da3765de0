package simulator

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func Test_Serve_answers_on_loopback_until_the_context_ends(t *testing.T) {
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- New(load(t, "article"), Options{}).Serve(ctx, l) }()
	url := "http://" + l.Addr().String() + "/?Action=DescribeVpcs&Version=2016-11-15"
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.Body.Close() != nil || !strings.Contains(string(body), "<cidrBlock>10.0.0.0/16</cidrBlock>") {
		t.Errorf("%s, %v", body, err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if _, err := http.DefaultClient.Do(r); err == nil {
		t.Error("it still answers")
	}
}

func Test_Serve_refuses_what_other_machines_can_reach(t *testing.T) {
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	err = New(load(t, "article"), Options{}).Serve(t.Context(), l)
	if err == nil || !strings.HasSuffix(err.Error(), "the simulator listens on loopback only") {
		t.Error(err)
	}
}

// A page that a browser shows must not read or change what is simulated, whatever name
// it gave this machine.
func Test_Serve_answers_programs_of_this_machine_alone(t *testing.T) {
	handler := fromHere(New(load(t, "article"), Options{}))
	for name, test := range map[string]struct {
		host, origin string
		status       int
	}{
		"a program":                     {"127.0.0.1:4566", "", http.StatusOK},
		"by name":                       {"LocalHost:4566", "", http.StatusOK},
		"IPv6":                          {"[::1]:4566", "", http.StatusOK},
		"without a port":                {"[::1]", "", http.StatusOK},
		"a page of this machine":        {"127.0.0.1:4566", "http://localhost:8080", http.StatusOK},
		"a page":                        {"127.0.0.1:4566", "https://evil.example", http.StatusForbidden},
		"a page from a file":            {"127.0.0.1:4566", "null", http.StatusForbidden},
		"a name that was pointed here":  {"evil.example:4566", "", http.StatusForbidden},
		"a name that looks like ours":   {"localhost.evil.example", "", http.StatusForbidden},
		"an address of another machine": {"192.0.2.1:4566", "", http.StatusForbidden},
		"no host":                       {"", "", http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet,
				"/?Action=DescribeVpcs&Version=2016-11-15", nil)
			r.Host = test.host
			if test.origin != "" {
				r.Header.Set("Origin", test.origin)
			}
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			if w.Code != test.status || (w.Code == http.StatusOK) != strings.Contains(w.Body.String(), "vpcSet") {
				t.Errorf("got %d, want %d: %s", w.Code, test.status, w.Body)
			}
		})
	}
}
