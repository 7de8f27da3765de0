package aws

import (
	"context"
	"crypto/tls"
	"errors"
	"maps"
	"net"
	"net/http"
	"sync"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go/middleware"

	"hopscope/model"
)

// iamPrefixes are the prefixes of IAM actions by the SDK's service ids.
var iamPrefixes = map[string]string{
	"ECS":                       "ecs",
	"EC2":                       "ec2",
	"Elastic Load Balancing v2": "elasticloadbalancing",
	"ServiceDiscovery":          "servicediscovery",
	"CloudWatch":                "cloudwatch",
}

// sentAction is the IAM action of the operation that ctx belongs to.
func sentAction(ctx context.Context) model.Action {
	return model.Action(iamPrefixes[awsmiddleware.GetServiceID(ctx)] + ":" + awsmiddleware.GetOperationName(ctx))
}

// maxRefusals are the attempts after which a host is given up that has never
// answered: it refuses connections, is unknown, or stays silent.
const maxRefusals = 2

// attempts stands between the SDK's retry loop and the wire. It makes every
// attempt, retries included, pay a token; counts them; slows a bucket down when
// AWS throttles; and gives a host up that cannot be reached. It is a middleware
// because the SDK does not tell its AfterAttempt interceptors the error.
type attempts struct {
	buckets buckets
	clock   func() time.Time

	mu        sync.Mutex
	calls     map[model.Action]int
	throttled int
	hosts     map[string]*host
}

// host is the other end of connections.
type host struct {
	answered bool
	refusals int
	last     error // of the refusals
}

func newAttempts(b buckets, clock func() time.Time) *attempts {
	return &attempts{buckets: b, clock: clock, calls: make(map[model.Action]int), hosts: make(map[string]*host)}
}

// addTo makes a client's calls pass through, as an option of its config.
func (a *attempts) addTo(stack *middleware.Stack) error {
	return errors.Join(
		stack.Finalize.Insert(
			middleware.FinalizeMiddlewareFunc("hopscopeAttempts", a.handle), "Retry", middleware.After),
		stack.Initialize.Add(middleware.InitializeMiddlewareFunc("hopscopeContent", checkContent), middleware.After),
		stack.Initialize.Add(middleware.InitializeMiddlewareFunc("hopscopeTime", a.limitTime), middleware.After),
	)
}

// handle is one attempt.
func (a *attempts) handle(
	ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler,
) (middleware.FinalizeOutput, middleware.Metadata, error) {
	action := sentAction(ctx)
	if b := a.buckets.bucketFor(action); b != nil {
		clockOf(ctx).pause()
		err := b.wait(ctx, operations[action].Urgent || isUrgent(ctx))
		clockOf(ctx).resume()
		if err != nil {
			return middleware.FinalizeOutput{}, middleware.Metadata{}, err
		}
	}
	// The service stands for its host, whose name is resolved further down.
	service := awsmiddleware.GetServiceID(ctx)
	if err := a.begin(action, service); err != nil {
		return middleware.FinalizeOutput{}, middleware.Metadata{}, err
	}
	out, metadata, err := next.HandleFinalize(ctx, in)
	clockOf(ctx).note(err)
	if ctx.Err() != nil {
		return out, metadata, err
	}
	return out, metadata, a.end(action, service, err)
}

type urgency struct{}

// Urgently marks a call that gets a token before the others, as that of an operation
// whose row says so.
func Urgently(ctx context.Context) context.Context { return context.WithValue(ctx, urgency{}, true) }

func isUrgent(ctx context.Context) bool { return ctx.Value(urgency{}) != nil }

// begin counts an attempt, unless the host is known to be out of reach.
func (a *attempts) begin(action model.Action, service string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if h := a.hosts[service]; h != nil && h.refusals >= maxRefusals {
		return &unreachableError{err: h.last}
	}
	a.calls[action]++
	return nil
}

// end judges how an attempt ended. The error it returns is the attempt's, marked
// as final when the host is given up.
func (a *attempts) end(action model.Action, service string, err error) error {
	if b := a.buckets.bucketFor(action); b != nil {
		b.answered(IsThrottle(err))
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	h := a.hosts[service]
	if h == nil {
		h = &host{}
		a.hosts[service] = h
	}
	switch {
	case !IsUnreachable(err) && !isTimeout(err):
		h.answered, h.refusals = true, 0
		if IsThrottle(err) {
			a.throttled++
		}
	case !h.answered:
		h.refusals++
		h.last = err
		if h.refusals >= maxRefusals {
			return &unreachableError{err: err}
		}
	}
	return err
}

// stats is the cost so far.
func (a *attempts) stats() model.Stats {
	a.mu.Lock()
	defer a.mu.Unlock()
	return model.Stats{Calls: maps.Clone(a.calls), Throttled: a.throttled}
}

// unreachableError ends the attempts to reach a host.
type unreachableError struct{ err error }

func (e *unreachableError) Error() string { return e.err.Error() }

func (e *unreachableError) Unwrap() error { return e.err }

// RetryableError tells the SDK's retry loop to stop.
func (*unreachableError) RetryableError() bool { return false }

// IsUnreachable tells whether no connection came about.
func IsUnreachable(err error) bool {
	var dns *net.DNSError
	var op *net.OpError
	var refusal *proxyRefusalError
	return errors.As(err, &dns) || errors.As(err, &refusal) || isNotTrusted(err) ||
		errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect")
}

// isNotTrusted tells whether the other end could not show that it is the host.
func isNotTrusted(err error) bool {
	var certificate *tls.CertificateVerificationError
	return errors.As(err, &certificate) || isNoTLS(err)
}

// isNoTLS tells whether the other end answered the first message of TLS with something
// else.
func isNoTLS(err error) bool {
	var first tls.RecordHeaderError // with the connection, it is about the first record
	return errors.Is(err, http.ErrSchemeMismatch) || errors.As(err, &first) && first.Conn != nil
}

// isTimeout tells whether no answer came in time.
func isTimeout(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.As(err, &timeout) && timeout.Timeout()
}

// IsThrottle tells whether AWS refused a call for its rate.
func IsThrottle(err error) bool {
	return err != nil && retry.IsErrorThrottles(retry.DefaultThrottles).IsErrorThrottle(err) == awssdk.TrueTernary
}
