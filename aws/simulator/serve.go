package simulator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// fromHere passes on requests that programs of this machine make. A page in a browser
// makes requests too: its Origin tells it, or, where its own name was pointed to this
// machine (DNS rebinding), the Host.
func fromHere(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		from, err := url.Parse(origin)
		if !isHere(r.Host) || origin != "" && (err != nil || !isHere(from.Host)) {
			http.Error(w, "the simulator answers requests to and from this machine only", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// isHere tells whether a host, with a port or without, is this machine by its own names.
func isHere(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// Serve answers on a listener until the context ends, and closes it. It refuses
// a listener that other machines can reach: nothing here checks who calls.
func (s *Simulator) Serve(ctx context.Context, l net.Listener) error {
	addr, ok := l.Addr().(*net.TCPAddr)
	if !ok || !addr.IP.IsLoopback() {
		_ = l.Close() // unused: no error matters
		return fmt.Errorf("serve on %s: the simulator listens on loopback only", l.Addr())
	}
	server := &http.Server{Handler: fromHere(s), ReadHeaderTimeout: 10 * time.Second}
	done := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(done)
		// A reply takes no longer than a slow body; clients that ask for more
		// are cut off.
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if server.Shutdown(grace) != nil {
			_ = server.Close() // what Shutdown left
		}
	})
	err := server.Serve(l)
	if !stop() {
		<-done
	}
	if !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve on %s: %w", addr, err)
	}
	return nil
}
