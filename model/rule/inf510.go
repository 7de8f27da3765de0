package rule

import (
	"fmt"
	"slices"
	"time"

	"hopscope/model"
	"hopscope/model/reach"
)

// ZoneRoutingSince is when Amazon ECS turned zone-aware routing of Service Connect on:
// a service starts it with its next deployment.
var ZoneRoutingSince = time.Date(2026, time.July, 1, 0, 0, 0, 0, time.UTC)

// zoneRoutingIdle is INF510.
func zoneRoutingIdle() Rule {
	return Rule{
		Code: "INF510", Title: "Zone-aware routing of Service Connect cannot work, or has not begun", Severity: Info,
		Sources: []reach.SourceKind{reach.SourceServiceConnect},
		Needs:   slices.Concat(serviceFacts, networkFacts, namespaceFacts),
		check:   checkZoneRouting,
		Doc: Doc{
			What: "Service Connect can keep calls within an availability zone. For this endpoint it does not: there are " +
				"too few tasks, or its deployment is from before ECS offered it.",
			Why: "Calls then go round robin to the tasks of all zones: traffic between zones costs money and some " +
				"latency. The next deployment, such as one that hopscope makes, may turn it on, which changes both: a " +
				"comparison of before and after sees it as well.",
			Detection: "The tasks' subnets are in two zones or more, and more than one task runs, but fewer than " +
				"2 × zones; or the PRIMARY deployment was created before 2026-07-01. One task says nothing.",
			FalsePositive: "The callers are all in one zone. On EC2 the instances' AMI may be too old (2026-03-23), which is " +
				"not read.",
			Fix: "Run 2 × zones tasks, or deploy the service and its callers again.",
			Source: "Amazon ECS developer guide, Service Connect zone-aware routing: docs.aws.amazon.com/AmazonECS/latest/" +
				"developerguide/service-connect-zone-aware-routing.html.",
		},
	}
}

func checkZoneRouting(c *Case) {
	for paths := range groupBy(c.Paths, targetPort) {
		d := paths[0].Facts.Deployment
		if !slices.ContainsFunc(paths, calledByAgent) ||
			d.Status != model.PrimaryDeployment || d.RunningCount < 2 || d.Network == nil {
			continue
		}
		zones, missing := c.zonesIn(d.Network.Subnets)
		if missing != nil {
			c.lack(missing)
			continue
		}
		n := len(zones)
		old := !d.CreatedAt.IsZero() && d.CreatedAt.Before(ZoneRoutingSince)
		if few := d.RunningCount < 2*n; n >= 2 && (few || old) {
			c.report(Finding{Paths: paths, text: func(f *Finding) Text { return zoneRoutingText(f, d, n) }})
		}
	}
}

func zoneRoutingText(f *Finding, d *model.Deployment, zones int) Text {
	endpoint := f.Paths[0].Source.Endpoint
	evidence := []reach.Evidence{
		fact(model.DescribeSubnets, "subnets of %s: %d zones", f.Service, zones),
		fact(model.DescribeServices, "deployment %s: runningCount = %d, createdAt = %s", d.ID, d.RunningCount,
			d.CreatedAt.UTC().Format(time.DateOnly)),
	}
	if d.RunningCount < 2*zones {
		return Text{
			Title: fmt.Sprintf("Calls of %s are not kept in their zone: it runs %d tasks, and needs %d", endpoint,
				d.RunningCount, 2*zones),
			Detail: fmt.Sprintf("%s has %d tasks in %d zones. Zone-aware routing needs two a zone; below that Service Connect "+
				"sends calls to all of them in turn.", f.Service, d.RunningCount, zones),
			Evidence: evidence,
		}
	}
	return Text{
		Title: fmt.Sprintf("Calls of %s are not kept in their zone yet: its deployment is of %s", endpoint,
			d.CreatedAt.UTC().Format(time.DateOnly)),
		Detail: fmt.Sprintf("Zone-aware routing begins with the first deployment of %s, and of each caller, after %s.",
			f.Service, ZoneRoutingSince.Format(time.DateOnly)),
		Evidence: evidence,
	}
}
