package planner

import (
	"fmt"
	"slices"
	"time"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// manyRedeploys is how many callers get a plan each.
const manyRedeploys = 10

// planRedeploy repairs CFG311: each caller that is older than the endpoint gets new
// tasks, which know its name. Each is a plan of its own, for the caller.
func planRedeploy(c *situation, f *rule.Finding) ([]*fix.Plan, error) {
	older, endpoint, more := olderCallers(c, f)
	if len(older) == 0 {
		return nil, nil
	}
	if more {
		return []*fix.Plan{advice(c, "redeploy-callers", "", fmt.Sprintf("Deploy those of the callers of %s again that are "+
			"to call it", endpoint),
			"There are too many for a plan each, and most of them may not want to call.",
			byHand("Deploy a caller again", c.aws("ecs", "update-service", "--cluster", "CLUSTER", "--service", "CALLER",
				"--force-new-deployment")))}, nil
	}
	var out []*fix.Plan
	for _, ref := range older {
		caller := c.look(c.world, ref)
		if caller.block() == nil {
			continue
		}
		plan := caller.plan(fix.Redeploy, "", fmt.Sprintf("Deploy %s again, so that its tasks know the endpoints that are "+
			"younger", ref.Service))
		plan.Why = "Names are written into the tasks of a deployment: one that is older than an endpoint does not know it. " +
			"Nothing about the service changes. In a template, let callers depend on what they call."
		plan.Steps = []fix.Step{{
			Kind: fix.UpdateService, ForceNewDeployment: true,
			Title: fmt.Sprintf("Make a new deployment of %s as it is", ref.Service),
		}}
		plan.Checks = append(restartChecks(ref, f), fix.Note{
			Title:   fmt.Sprintf("%s calls %s, or is about to", ref.Service, endpoint),
			Detail:  "If it never does, nothing has to be done.",
			Command: caller.inContainer(0, "cat /etc/hosts"),
		})
		plan.Risks = rolloutRisks(caller)
		deploys(caller, plan)
		plan.Undo = "There is nothing to take back: the configuration is the same."
		plan.Risks = append(plan.Risks, ownerRisks(caller, plan)...)
		plan.Refusal = refusal(caller, plan)
		out = append(out, plan)
	}
	return out, nil
}

// restartChecks say what a deployment does to a service of which nothing is known to
// fail: a database, a queue or a cache loses more by it than the finding is worth.
func restartChecks(ref model.Ref, f *rule.Finding) []fix.Note {
	if f.Severity != rule.Info {
		return nil
	}
	return []fix.Note{{
		Title: fmt.Sprintf("Every task of %s is replaced, and no call is known to fail", ref.Service),
		Detail: "Open connections end, and what a task keeps in memory or on its own disk is lost: of a database, a queue " +
			"or a cache, that is more than this finding is worth. Its next deployment brings the names as well.",
	}}
}

// olderCallers are the callers of a finding's endpoint that are older than it and
// were not seen calling; more is set when they are too many to name.
func olderCallers(c *situation, f *rule.Finding) (older []model.Ref, endpoint string, more bool) {
	paths := c.pathsOf(f)
	if len(paths) == 0 {
		return nil, "", false
	}
	endpoint = paths[0].Source.Endpoint
	made := c.madeAt(paths[0])
	for _, p := range paths {
		for ref := range p.Source.Services.All() {
			s := c.ix.Service(ref)
			if s == nil || s.Primary() == nil || !s.Primary().CreatedAt.Before(made) ||
				c.ix.Snapshot.Traffic.Calls(ref, p.Facts.Offer.Name()) || slices.Contains(older, ref) {
				continue
			}
			if older = append(older, ref); len(older) > manyRedeploys {
				return older, endpoint, true
			}
		}
	}
	return older, endpoint, false
}

// madeAt is when the endpoint of a path came into being; the zero time where that is
// not known.
func (c *situation) madeAt(p *reach.Path) time.Time {
	for _, r := range p.Facts.Deployment.ServiceConnectResources {
		if r.DiscoveryName != p.Facts.Offer.Name() {
			continue
		}
		if d, missing := c.ix.DiscoveryService(r.DiscoveryARN); missing == nil {
			return d.CreatedAt
		}
	}
	return time.Time{}
}
