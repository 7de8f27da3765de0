package simulator

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
)

// Faults are what goes wrong on purpose. The zero value is an AWS in which
// everything works at once and without limits.
type Faults struct {
	// LatencyMillis is added to every call.
	LatencyMillis int `json:"latencyMillis,omitempty"`
	// Throttle turns on the documented token buckets.
	Throttle bool `json:"throttle,omitempty"`
	// Fail makes operations fail; the first one that fits a call counts.
	Fail []Failure `json:"fail,omitempty"`
	// Deployments make the next deployments of services fail: their tasks do not
	// start.
	Deployments []DeploymentFailure `json:"deployments,omitempty"`
}

// DeploymentFailure is a service whose new tasks do not start. What becomes of the
// deployment is up to the service's circuit breaker; one that ECS makes itself, to go
// back to what worked, does not fail.
type DeploymentFailure struct {
	// Service is a name, or CLUSTER/NAME.
	Service string `json:"service"`
	// Times is how many deployments fail; 0 is all.
	Times int `json:"times,omitempty"`
}

// Failure is how some operations fail.
type Failure struct {
	// Action is an IAM action, or a pattern of path.Match: "ec2:Describe*".
	Action string `json:"action"`
	// With is what happens.
	With FailureKind `json:"with"`
	// Times is how often, counted over all actions that fit; 0 is always.
	Times int `json:"times,omitempty"`
}

// FailureKind is a way to fail.
type FailureKind string

// The ways to fail.
const (
	// AccessDenied is a missing allow, in the words of each service.
	AccessDenied FailureKind = "access-denied"
	// ExplicitDeny is a refusal by a service control policy.
	ExplicitDeny FailureKind = "explicit-deny"
	// ExpiredToken is an expired session.
	ExpiredToken FailureKind = "expired-token"
	// Throttled is a refusal by a token bucket, even if none is empty.
	Throttled FailureKind = "throttled"
	// InternalError is a 5xx of AWS's own shape.
	InternalError FailureKind = "internal-error"
	// HTMLError is a 503 with an HTML page, as a proxy or another program
	// answers.
	HTMLError FailureKind = "html-error"
	// Unsupported is an operation that the endpoint does not know.
	Unsupported FailureKind = "unsupported"
	// Cut closes the connection before the operation is carried out.
	Cut FailureKind = "cut"
	// Truncated carries the operation out and closes the connection in the
	// middle of the reply.
	Truncated FailureKind = "truncated"
	// Lost carries the operation out and closes the connection before the reply.
	Lost FailureKind = "lost"
	// Slow delivers the reply over two seconds.
	Slow FailureKind = "slow"
)

// slowDelivery is how long a Slow body takes.
const slowDelivery = 2 * time.Second

func failureKinds() []FailureKind {
	return []FailureKind{
		AccessDenied, ExplicitDeny, ExpiredToken, Throttled, InternalError, HTMLError, Unsupported, Cut, Truncated, Lost,
		Slow,
	}
}

// faultState is the faults in force, with what they have used up.
type faultState struct {
	Faults
	left    []int // of Fail[i].Times
	buckets map[string]*bucket
	// deploymentsLeft are those of Deployments[i].Times.
	deploymentsLeft []int
}

func newFaultState(f Faults) *faultState {
	s := &faultState{Faults: f, left: make([]int, len(f.Fail)), buckets: map[string]*bucket{}}
	for i, fail := range f.Fail {
		s.left[i] = fail.Times
	}
	for _, fail := range f.Deployments {
		s.deploymentsLeft = append(s.deploymentsLeft, fail.Times)
	}
	return s
}

// next is the failure that hits a call, "" for none.
func (s *faultState) next(op *operation) FailureKind {
	for i, f := range s.Fail {
		if fits, err := path.Match(f.Action, op.action()); err != nil || !fits {
			continue
		}
		if f.Times == 0 {
			return f.With
		}
		if s.left[i] > 0 {
			s.left[i]--
			return f.With
		}
	}
	return ""
}

// refusal is the error of a failure kind that has one.
func refusal(a account, kind FailureKind, op *operation) *apiError {
	switch kind {
	case AccessDenied:
		return errDenied(a, op, false)
	case ExplicitDeny:
		return errDenied(a, op, true)
	case ExpiredToken:
		return errExpired(op)
	case Throttled:
		return errThrottled(op)
	case InternalError:
		return errInternal(op)
	case Unsupported:
		return errUnknownOperation(op)
	case HTMLError, Cut, Truncated, Lost, Slow:
	}
	return nil
}

// check names the first mistake in the faults.
func (f Faults) check(w *World) error {
	for i, fail := range f.Deployments {
		named := func(s Service) bool {
			return fail.Service == s.Name || strings.HasSuffix(fail.Service, "/"+s.Name)
		}
		if !slices.ContainsFunc(w.Services, named) {
			return fmt.Errorf("%s: service %q is not defined", place("faults.deployments", i, fail.Service), fail.Service)
		}
	}
	for i, fail := range f.Fail {
		at := place("faults.fail", i, fail.Action)
		if _, err := path.Match(fail.Action, ""); err != nil {
			return fmt.Errorf("%s: the pattern is malformed", at)
		}
		if !slices.Contains(failureKinds(), fail.With) {
			return fmt.Errorf("%s: there is no failure %q; choose one of %s", at, fail.With, choices(failureKinds()))
		}
	}
	return nil
}
