package simulator

import (
	"context"
	"io"
	"net"
	"net/http"
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
