package journal

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"hopscope/model"
)

// Measured is what the metrics of CloudWatch say about the requests of a load balancer
// that a plan leads past the agents: before it was carried out, and after.
type Measured struct {
	// Endpoint is the discovery name of the endpoint whose agents stood in the way.
	Endpoint        string    `json:"endpoint"`
	LoadBalancer    string    `json:"loadBalancer"`
	LoadBalancerARN model.ARN `json:"loadBalancerArn"`
	TargetGroupARN  model.ARN `json:"targetGroupArn"`
	Before          Requests  `json:"before"`
	After           Requests  `json:"after"`
}

// Requests are requests a minute, counted in whole minutes.
type Requests struct {
	From    time.Time `json:"from"`
	Minutes int       `json:"minutes"`
	// LoadBalancer are those that the load balancer sent to the target group
	// (AWS/ApplicationELB RequestCount).
	LoadBalancer float64 `json:"loadBalancer"`
	// Agents are those that the service's agents took in (AWS/ECS RequestCount), Callers
	// the answers that agents of Service Connect callers got (HTTPCode_Target_*_Count).
	Agents  float64 `json:"agents"`
	Callers float64 `json:"callers"`
}

// Crossed is the share of the load balancer's requests that crossed an agent, between 0
// and 1, as far as the counts tell: health checks that cross the agent are counted by it
// too, and answers that never came are not.
func (r Requests) Crossed() float64 {
	if r.LoadBalancer == 0 {
		return 0
	}
	return min(max((r.Agents-r.Callers)/r.LoadBalancer, 0), 1)
}

// most is more than noise: the rest are health checks, and minutes that do not begin
// together.
const most = 0.5

// Known tells whether the counts can show anything: most requests crossed an agent
// before, and what the agents count now is the load balancer's or of known callers.
func (m *Measured) Known() bool { return m.Before.Crossed() > most && !m.foreign() }

// foreign tells whether agents count requests of senders that are not counted here, such
// as callers of another account, whose metrics go there: before, they counted more than
// the load balancer and the known callers sent, and as much now as that alone explains.
func (m *Measured) foreign() bool {
	more := m.Before.Agents - m.Before.Callers - m.Before.LoadBalancer
	return m.After.Crossed() >= most && more >= most*m.After.LoadBalancer
}

// Direct tells whether the counts show what the plan was for: most requests crossed an
// agent before, and few do after.
func (m *Measured) Direct() bool { return m.Known() && m.After.Crossed() < most }

// Sentences say it for people: what was counted before, what after, and what follows.
func (m *Measured) Sentences() []string {
	say := func(when string, r Requests) string {
		return fmt.Sprintf("%s (%d min from %s): %s of the %s requests a minute of %s crossed the agent", when, r.Minutes,
			r.From.UTC().Format("15:04Z"), number(r.Crossed()*r.LoadBalancer), number(r.LoadBalancer), m.LoadBalancer)
	}
	end := "so they go to the app directly now"
	switch {
	case m.foreign():
		end = "but agents also count requests of senders that are not counted here, such as callers of another account: " +
			"not measurable by these counts, see the paths"
	case !m.Known():
		end = "so the counts do not show which way they go: see the paths"
	case !m.Direct():
		end = "so most of them still cross it: see the paths, and the deployment's events"
	}
	return []string{say("before", m.Before), say("after", m.After), end}
}

// number is a count with as many digits as it takes.
func number(n float64) string {
	if n >= 10 || n == math.Trunc(n) {
		return strconv.FormatFloat(math.Round(n), 'f', -1, 64)
	}
	return strconv.FormatFloat(n, 'f', 1, 64)
}
