package observe

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"hopscope/model/reach"
)

// Answer is what counts say about the way that the configuration gives.
type Answer string

// The answers.
const (
	Confirmed     Answer = "confirmed"
	Contradicted  Answer = "contradicted"
	TooFew        Answer = "too-few-requests"
	NotMeasurable Answer = "not-measurable"
)

// The formulas of docs/traffic.md, Metrics.
const (
	agentFormula  = "via agent: S = A + C + H"
	directFormula = "direct: S = C"
)

const (
	// fewestRequests of a load balancer in the window tell anything.
	fewestRequests = 100
	// timesChecks is how many times the health checks the load balancer's requests have to
	// be, and timesCallers which share of the callers' answers.
	timesChecks  = 10
	shareCallers = 0.1
	// near is how far a sum may be off, as a share of the load balancer's requests: minutes
	// do not begin together, and a load balancer may have more nodes than zones.
	near = 0.15
)

// Proof is what the counts of a window say about the way of a load balancer's requests.
type Proof struct {
	Answer Answer `json:"answer"`
	// Via is the way of the configuration that it is about.
	Via reach.Via `json:"-"`
	// Formula is the one that the counts follow; "" where they follow none.
	Formula string `json:"formula,omitempty"`
	// Why says what the numbers show, or why they show nothing.
	Why     string    `json:"why"`
	From    time.Time `json:"from,omitzero"`
	Minutes int       `json:"minutes,omitempty"`
	// LoadBalancer (A), Agents (S) and Callers (C) are requests in the window; HealthChecks
	// (H) is an estimate.
	LoadBalancer float64 `json:"loadBalancer"`
	Agents       float64 `json:"agents"`
	Callers      float64 `json:"callers"`
	HealthChecks float64 `json:"healthChecks"`
	// Price is what it costs where the way is through the agent; nil where nothing was counted.
	Price *Price `json:"price,omitempty"`
}

// judge compares counts with what the way would make of them.
func judge(via reach.Via, n Counts, checks float64) (a Answer, formula, why string) {
	switch {
	case n.LoadBalancer < fewestRequests:
		return TooFew, "", fmt.Sprintf("fewer than %d requests of the load balancer", fewestRequests)
	case n.LoadBalancer < timesChecks*checks:
		return TooFew, "", fmt.Sprintf("requests are not %d times the health checks", timesChecks)
	case n.LoadBalancer < shareCallers*n.Callers:
		return TooFew, "", "callers send so many more that their minutes hide the load balancer's requests"
	}
	var found reach.Via
	// Whether checks cross the agent is not asked: with or without them, a sum is near.
	left := (n.Agents - n.Callers) / n.LoadBalancer
	most := checks / n.LoadBalancer
	switch {
	case left >= 1-near && left <= 1+near+most:
		found, formula = reach.ViaAgent, agentFormula
	case left >= -near && left <= near+most:
		found, formula = reach.ViaDirect, directFormula
	case left > 1:
		return NotMeasurable, "", "agents also count requests of senders that are not counted here, such as callers of " +
			"another account"
	default:
		return NotMeasurable, "", "the counts follow neither formula: the way may have changed meanwhile, or requests of " +
			"callers are lost"
	}
	switch {
	case found == via:
		return Confirmed, formula, "the counts follow what the configuration says"
	case n.Agents == 0:
		return NotMeasurable, "", "the agents published no RequestCount, and no data is not zero"
	}
	return Contradicted, formula, fmt.Sprintf("the configuration says %s, and the counts say %s: in transition, changed "+
		"behind the configuration's back, or hopscope is wrong", via, found)
}

// whole judges a window, and its halves apart: a way that changed in between follows no
// formula that may be told.
func whole(via reach.Via, all, first, second Counts, checks float64) (a Answer, formula, why string) {
	a, formula, why = judge(via, all, checks)
	if a != Confirmed && a != Contradicted {
		return a, formula, why
	}
	for _, half := range []Counts{first, second} {
		half = half.times(2)
		if b, f, _ := judge(via, half, checks); b == NotMeasurable || f != "" && f != formula {
			return NotMeasurable, "", "the two halves of the window do not follow the same formula: the way changed meanwhile"
		}
	}
	return a, formula, why
}

func (c Counts) times(n float64) Counts {
	return Counts{LoadBalancer: n * c.LoadBalancer, Agents: n * c.Agents, Callers: n * c.Callers}
}

// Sentence says it for people, with the numbers and the window.
func (p *Proof) Sentence() string {
	if p.Price != nil {
		return p.ofWay() + ". Price: " + p.Price.Sentence()
	}
	return p.ofWay()
}

func (p *Proof) ofWay() string {
	if p.Minutes == 0 {
		return "the way is " + p.Answer.words() + " by counts: " + p.Why
	}
	formula := ""
	if p.Formula != "" {
		formula = " (" + p.Formula + ")"
	}
	return fmt.Sprintf("the way is %s by counts of %d min from %s: A %s of the load balancer, S %s of the agents, "+
		"C %s of callers, H about %s health checks%s: %s", p.Answer.words(), p.Minutes, p.From.UTC().Format("15:04Z"),
		number(p.LoadBalancer), number(p.Agents), number(p.Callers), number(p.HealthChecks), formula, p.Why)
}

func (a Answer) words() string {
	switch a {
	case TooFew:
		return "not told (too few requests)"
	case NotMeasurable:
		return "not measurable"
	case Confirmed, Contradicted:
	}
	return string(a)
}

func number(n float64) string { return strconv.FormatFloat(math.Round(n), 'f', -1, 64) }
