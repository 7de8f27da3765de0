package simulator

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// A deployment whose tasks fail to start is what the fault "deployments" makes. What
// becomes of it is up to the service's circuit breaker, in AWS's words.

// circuitBreaker is deploymentConfiguration.deploymentCircuitBreaker.
type circuitBreaker struct {
	Enable   bool `json:"enable"`
	Rollback bool `json:"rollback"`
}

func (s *service) circuitBreaker() circuitBreaker {
	var config struct {
		Breaker circuitBreaker `json:"deploymentCircuitBreaker"`
	}
	_ = json.Unmarshal(s.deploymentConfig(), &config) // AWS's defaults, or what was accepted
	return config.Breaker
}

// failureThreshold is how many tasks have to fail before the breaker opens: half the
// desired count, from 3 to 200.
func (s *service) failureThreshold() int {
	const least, most = 3, 200
	return min(max((s.desired+1)/2, least), most)
}

// settleFailing brings the counts of a deployment whose tasks fail to what they are
// at a time. The older ones go on: none of their tasks stops before a new one runs.
func (s *service) settleFailing(now time.Time) {
	r, d := s.rollout, s.deployments[0]
	threshold := s.failureThreshold()
	elapsed := now.Sub(r.started)
	d.running, d.pending = 0, s.desired
	d.failed = int(int64(elapsed) * int64(threshold) / int64(r.length))
	if elapsed < r.length {
		return
	}
	at := r.started.Add(r.length)
	breaker := s.circuitBreaker()
	if !breaker.Enable {
		if !r.warned {
			r.warned = true
			s.event(
				at,
				"(service %s) is unable to consistently start tasks successfully. For more information, "+
					"see the Troubleshooting section of the Amazon ECS Developer Guide.", s.spec.Name,
			)
		}
		return
	}
	d.failed, d.pending = threshold, 0
	d.rolloutState, d.why = stateFailed, "ECS deployment circuit breaker: tasks failed to start."
	d.updated, d.finished = at, at
	s.event(at, "(service %s) (deployment %s) deployment failed: tasks failed to start.", s.spec.Name, d.id)
	s.rollout = nil
	good := s.lastCompleted()
	if !breaker.Rollback || good == nil {
		return
	}
	s.event(at, "(service %s) rolling back to deployment %s.", s.spec.Name, good.id)
	back := r.by.startAt(s, good.config, at)
	back.why = "ECS deployment circuit breaker: rolling back to deploymentId " + good.id + "."
	s.settle(now)
}

// lastCompleted is the last deployment that worked, or nil.
func (s *service) lastCompleted() *deployment {
	for _, d := range slices.Backward(s.history) {
		if d.rolloutState == stateCompleted {
			return d
		}
	}
	return nil
}

// fails uses up a fault that makes the next deployment of a service fail.
func (s *faultState) fails(of *service) bool {
	for i, f := range s.Deployments {
		cluster, name, found := strings.Cut(f.Service, "/")
		if !found {
			cluster, name = of.cluster.Name, f.Service
		}
		if cluster != of.cluster.Name || name != of.spec.Name {
			continue
		}
		if f.Times == 0 {
			return true
		}
		if s.deploymentsLeft[i] > 0 {
			s.deploymentsLeft[i]--
			return true
		}
	}
	return false
}
