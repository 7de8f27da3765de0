package aws

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// maxSilence is how long an attempt waits for a byte: for the head of the reply, and
// then for each piece of its body.
const maxSilence = 10 * time.Second

// wire sends requests. It puts an end to silence, and errors that it returns name the
// host, and the proxy on the way to it.
type wire struct {
	transport http.RoundTripper
	// proxy finds the proxy of a request; nil says that there is none.
	proxy func(*http.Request) (*url.URL, error)
}

// client sends over the wire and follows no redirection: AWS redirects none of our
// calls, and what is signed for one host is no other's business.
func (w wire) client() *http.Client {
	return &http.Client{
		Transport:     w,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// RoundTrip sends a request. The body of the reply ends with an error when it stalls.
func (w wire) RoundTrip(r *http.Request) (*http.Response, error) {
	way := w.route(r)
	clockOf(r.Context()).take(way)
	ctx, cancel := context.WithCancelCause(r.Context())
	quiet := time.AfterFunc(maxSilence, func() { cancel(&silenceError{after: maxSilence}) })
	reply, err := w.transport.RoundTrip(r.WithContext(ctx))
	if err != nil {
		quiet.Stop()
		err = &routeError{route: way, err: silenceOr(ctx, err)}
		cancel(nil)
		return nil, err
	}
	quiet.Reset(maxSilence)
	reply.Body = &body{ReadCloser: reply.Body, ctx: ctx, cancel: cancel, quiet: quiet, route: way}
	return reply, nil
}

// route is the way that a request takes.
func (w wire) route(r *http.Request) route {
	to := route{host: Printable(r.URL.Host)}
	if w.proxy != nil {
		if proxy, err := w.proxy(r); err == nil && proxy != nil {
			to.proxy = RedactedURL(proxy.String())
		}
	}
	return to
}

// body is the body of a reply that may stall.
type body struct {
	io.ReadCloser
	ctx    context.Context // the request's own, which its body ends with
	cancel context.CancelCauseFunc
	quiet  *time.Timer
	route  route
}

// Read reads, and gives the reply more time when something came.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 {
		b.quiet.Reset(maxSilence)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = &routeError{route: b.route, err: silenceOr(b.ctx, err)}
	}
	return n, err
}

// Close ends the request.
func (b *body) Close() error {
	b.quiet.Stop()
	err := b.ReadCloser.Close()
	b.cancel(nil)
	return err
}

// silenceOr is the silence that ended a request's context, or else err.
func silenceOr(ctx context.Context, err error) error {
	var silence *silenceError
	if errors.As(context.Cause(ctx), &silence) {
		return silence
	}
	return err
}

// silenceError says that a reply did not come, or did not go on.
type silenceError struct{ after time.Duration }

func (e *silenceError) Error() string { return fmt.Sprintf("nothing came for %s", e.after) }

// Timeout tells the SDK's retry loop that another attempt may go better.
func (*silenceError) Timeout() bool { return true }

// route is the way that a request took.
type route struct {
	host string
	// proxy is the URL of the proxy on the way, without its password; "" for none.
	proxy string
}

// String is "HOST" or "HOST by way of the proxy URL".
func (r route) String() string {
	switch {
	case r.host == "":
		return "the endpoint"
	case r.proxy == "":
		return r.host
	}
	return r.host + " by way of the proxy " + r.proxy
}

// routeError is an error of the network with the way that the request took.
type routeError struct {
	route route
	err   error
}

func (e *routeError) Error() string { return e.route.String() + ": " + e.err.Error() }

func (e *routeError) Unwrap() error { return e.err }

// Timeout tells whether the error is that of time that ran out: net/http asks the
// outermost error, and no other.
func (e *routeError) Timeout() bool { return isTimeout(e.err) }

// routeOf is the way of the request that an error is about.
func routeOf(err error) route {
	var at *routeError
	if errors.As(err, &at) {
		return at.route
	}
	return route{}
}

// proxyRefusalError is a proxy's refusal to connect to a host.
type proxyRefusalError struct{ status string }

func (e *proxyRefusalError) Error() string { return "the proxy answered " + Printable(e.status) }

// proxyRefusal is the error of a proxy's reply to CONNECT, nil for one that connects.
func proxyRefusal(_ context.Context, _ *url.URL, _ *http.Request, reply *http.Response) error {
	if reply.StatusCode == http.StatusOK {
		return nil
	}
	return &proxyRefusalError{status: reply.Status}
}
