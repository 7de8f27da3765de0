package simulator

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// Options change how a simulator behaves, not what is in it.
type Options struct {
	// Clock tells the time; the system's by default. Deployments and token
	// buckets follow it.
	Clock func() time.Time
	// RolloutTime is how long a new deployment takes to replace the older ones,
	// whatever the number of tasks; two seconds by default.
	RolloutTime time.Duration
}

// Simulator answers AWS calls. It is an [http.Handler] for clients behind a
// socket, and an [http.RoundTripper] that serves as the HTTP transport of a
// client in the same process. It is safe for concurrent use and starts no
// goroutines.
type Simulator struct {
	clock      func() time.Time
	operations map[string]*operation // by action

	mu        sync.Mutex
	resources *resources
	faults    *faultState
	log       []loggedCall
}

var (
	_ http.Handler      = (*Simulator)(nil)
	_ http.RoundTripper = (*Simulator)(nil)
)

// New makes a simulator of a world that ParseWorld returned or World.Check
// accepts; in any other, references that lead nowhere stay so.
func New(world *World, options Options) *Simulator {
	if options.Clock == nil {
		options.Clock = time.Now //nolint:forbidigo // the one place where the clock comes in
	}
	if options.RolloutTime <= 0 {
		options.RolloutTime = 2 * time.Second
	}
	s := &Simulator{clock: options.Clock, operations: map[string]*operation{}, faults: newFaultState(world.Faults)}
	s.resources = newResources(world, s.faults, options.RolloutTime)
	for _, op := range operations(s.resources) {
		s.operations[op.action()] = &op
	}
	return s
}

// Region is where the world is: a default where it names none.
func (s *Simulator) Region() string { return s.resources.account.region }

// SetFaults replaces the faults, with full token buckets.
func (s *Simulator) SetFaults(f Faults) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*s.faults = *newFaultState(f)
}

// Calls are the calls so far, in the order in which they were carried out.
func (s *Simulator) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := make([]Call, len(s.log))
	for i, l := range s.log {
		calls[i] = l.call()
	}
	return calls
}

// RoundTrip answers a request in this process. It honours the request's context
// during added latency and slow bodies.
func (s *Simulator) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer func() { _ = r.Body.Close() }() // nothing was written to it
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	a, err := s.answer(r)
	if err != nil {
		return nil, err
	}
	return &http.Response{
		Status:        strconv.Itoa(a.status) + " " + http.StatusText(a.status),
		StatusCode:    a.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        a.header,
		Body:          io.NopCloser(a.reader(r.Context())),
		ContentLength: int64(len(a.body)),
		Request:       r,
	}, nil
}

// ServeHTTP answers a request that came over a socket.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a, err := s.answer(r)
	if err != nil {
		panic(http.ErrAbortHandler) // net/http's way to close the connection without a reply
	}
	for key, values := range a.header {
		w.Header()[key] = values
	}
	w.WriteHeader(a.status)
	flusher, _ := w.(http.Flusher)
	body := a.reader(r.Context())
	for buffer := make([]byte, 32<<10); ; {
		n, err := body.Read(buffer)
		if _, failed := w.Write(buffer[:n]); failed != nil {
			return
		}
		if flusher != nil && a.delivery != "" {
			flusher.Flush()
		}
		switch {
		case errors.Is(err, io.EOF):
			return
		case err != nil:
			panic(http.ErrAbortHandler) // in the middle of the body
		}
	}
}

// answer is a reply on its way.
type answer struct {
	status   int
	header   http.Header
	body     []byte
	delivery FailureKind // Slow, Truncated or ""
}

// maxBody bounds a request; UpdateService with a long Service Connect block is
// far below it.
const maxBody = 4 << 20

// answer carries a request out. An error means that no reply is to be sent.
func (s *Simulator) answer(r *http.Request) (*answer, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(io.LimitReader(r.Body, maxBody)); err != nil {
			return plainText(http.StatusBadRequest, "the request ended early"), nil //nolint:nilerr // the client is told
		}
	}
	q, err := newRequest(r, body, s.operations)
	if err != nil {
		text := "this is not an AWS request: " + err.Error()
		return plainText(http.StatusBadRequest, text), nil //nolint:nilerr // the client is told
	}
	if err := s.wait(r.Context()); err != nil {
		return nil, err
	}
	return s.carryOut(q)
}

// wait spends the added latency.
func (s *Simulator) wait(ctx context.Context) error {
	s.mu.Lock()
	latency := time.Duration(s.faults.LatencyMillis) * time.Millisecond
	s.mu.Unlock()
	return sleep(ctx, latency)
}

// carryOut runs the operation, or the fault that hits it, and logs the call.
func (s *Simulator) carryOut(q *request) (*answer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock()
	s.resources.clock.now = now
	logged := loggedCall{at: now, request: q}
	defer func() { s.log = append(s.log, logged) }()

	kind := s.faults.next(q.op)
	switch kind {
	case Cut:
		logged.failure = string(Cut)
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	case HTMLError:
		logged.failure = string(HTMLError)
		return htmlPage(), nil
	default: // an error or a reply of AWS
	}
	id := uuid("request", strconv.Itoa(len(s.log)))
	members, failed := s.perform(q, kind)
	a := &answer{status: http.StatusOK, header: q.wire.headers(failed)}
	a.header.Set("X-Amzn-Requestid", id)
	var err error
	if failed != nil {
		logged.failure = failed.code
		a.status = failed.status
		a.body, err = q.wire.failure(q.op, id, failed)
	} else {
		a.body, err = q.wire.reply(q.op, id, members)
	}
	if kind == Lost {
		logged.failure = string(Lost)
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	}
	if kind == Slow || kind == Truncated {
		a.delivery = kind
		logged.failure = string(kind)
	}
	return a, err
}

// perform refuses the call or runs its handler.
func (s *Simulator) perform(q *request, kind FailureKind) (members any, failed *apiError) {
	if s.faults.Throttle && !s.faults.take(q.op, s.resources.clock.now) {
		return nil, errThrottled(q.op)
	}
	if e := refusal(s.resources.account, kind, q.op); e != nil {
		return nil, e
	}
	if q.op.handle == nil {
		return nil, errUnknownOperation(q.op)
	}
	if q.op.mutating {
		s.resources.clock.writes++
	}
	members, err := q.op.handle(q)
	if err == nil {
		return members, nil
	}
	if !errors.As(err, &failed) {
		failed = refuse("ValidationError", "%s", err)
	}
	return nil, failed
}

func plainText(status int, text string) *answer {
	return &answer{
		status: status, header: http.Header{"Content-Type": {"text/plain; charset=utf-8"}}, body: []byte(text + "\n"),
	}
}

func htmlPage() *answer {
	const page = "<html><head><title>503 Service Temporarily Unavailable</title></head>" +
		"<body><center><h1>503 Service Temporarily Unavailable</h1></center></body></html>\n"
	return &answer{
		status: http.StatusServiceUnavailable, header: http.Header{"Content-Type": {"text/html"}}, body: []byte(page),
	}
}

// reader delivers the body, the way the fault wants it.
func (a *answer) reader(ctx context.Context) io.Reader {
	switch a.delivery {
	case Slow:
		return &slowReader{ctx: ctx, body: a.body, piece: max(len(a.body)/slowPieces, 1)}
	case Truncated:
		return io.MultiReader(bytes.NewReader(a.body[:len(a.body)/2]), brokenReader{})
	default:
		return bytes.NewReader(a.body)
	}
}

const slowPieces = 8

// slowReader delivers a body in pieces, with a pause before each.
type slowReader struct {
	ctx   context.Context // a reader has no other way to hear of the end of a request
	body  []byte
	piece int
}

func (r *slowReader) Read(p []byte) (int, error) {
	if len(r.body) == 0 {
		return 0, io.EOF
	}
	if err := sleep(r.ctx, slowDelivery/slowPieces); err != nil {
		return 0, err
	}
	n := copy(p, r.body[:min(r.piece, len(r.body))])
	r.body = r.body[n:]
	return n, nil
}

// brokenReader is a connection that was closed in the middle of a body.
type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// sleep waits, or returns the context's error when it ends first.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
