package planner

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/reach"
	"hopscope/model/words"
)

// call is a caller of an endpoint.
type call struct {
	caller   model.Ref
	endpoint string
}

// trafficWords say what of the traffic that was seen and counted a plan would cut or move;
// "" where nothing of it is known.
func trafficWords(c, after *situation, plan *fix.Plan) string {
	moves := slices.ContainsFunc(plan.Edits(), func(e fix.Edit) bool {
		return e.Kind == fix.EditOverride || e.Kind == fix.EditRemoveEndpoint
	})
	if !moves && !plan.Closes() {
		return ""
	}
	var parts []string
	if seen := c.seenCalls(); len(seen) > 0 {
		refused := after.refused()
		cut := 0
		for one := range seen {
			if refused[one] && !c.refused()[one] {
				cut++
			}
		}
		parts = append(parts, fmt.Sprintf("%d of %s seen calling in the last three hours would be refused", cut,
			words.Count(len(seen), "caller")))
	}
	if n := c.moved(after); n > 0 {
		parts = append(parts, strconv.FormatFloat(math.Round(n), 'f', -1, 64)+
			" requests a minute of load balancers change their way")
	}
	if len(parts) == 0 {
		return ""
	}
	return "Of the traffic: " + strings.Join(parts, "; ") + "."
}

// seenCalls are the callers of the service's endpoints that metrics saw.
func (c *situation) seenCalls() map[call]bool {
	seen := map[call]bool{}
	for _, p := range c.paths {
		callers, _ := c.analysis.SeenCalling(p)
		for _, ref := range callers {
			seen[call{ref, p.Source.Endpoint}] = true
		}
	}
	return seen
}

// refused are the callers of the service's endpoints that do not arrive.
func (c *situation) refused() map[call]bool {
	refused := map[call]bool{}
	for _, p := range c.paths {
		if p.Source.Kind != reach.SourceServiceConnect || p.Access != reach.Blocked {
			continue
		}
		for ref := range p.Source.Services.All() {
			refused[call{ref, p.Source.Endpoint}] = true
		}
	}
	return refused
}

// moved is how many requests a minute of load balancers go another way afterwards, as far
// as they were counted.
func (c *situation) moved(after *situation) (requests float64) {
	ways := map[string]reach.Via{}
	for _, p := range after.paths {
		ways[p.Place.String()] = p.Via
	}
	for _, p := range c.paths {
		proof, counted := c.analysis.Proofs()[p.ID]
		if via, is := ways[p.Place.String()]; counted && proof.Minutes > 0 && is && via != p.Via {
			requests += proof.LoadBalancer / float64(proof.Minutes)
		}
	}
	return requests
}
