package apply

import (
	"fmt"
	"slices"

	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"hopscope/model/fix"
	"hopscope/model/reach"
)

// Targets that were healthy before are to be so after a rollback: the load balancer serves
// no requests by others, whatever the configuration admits.

// healthNow is how the targets of a path are, where they were healthy and are not; "" where
// they are, or that is not known.
func healthNow(was *fix.Expectation, p *reach.Path) string {
	switch h := p.Health; {
	case !was.Healthy || h == nil:
	case h.Unhealthy > 0:
		return fmt.Sprintf("with %d of %d targets unhealthy (all were healthy)", h.Unhealthy, h.Len())
	case h.Healthy == 0:
		return "without a healthy target (all were healthy)"
	}
	return ""
}

// healthUnread tells whether the targets of a path were healthy, and are not known.
func healthUnread(was *fix.Expectation, p *reach.Path) bool {
	return was.Healthy && p.Health == nil && p.Facts.TargetGroup != nil && p.Facts.TargetGroup.Health == nil
}

// noteUnsettled notes the groups of paths that differ by the health of targets. After an
// earlier rollback only those are waited for that are on their way.
func (c *comparison) noteUnsettled(was *fix.Expectation, now []*reach.Path) {
	for _, p := range now {
		g := p.Facts.TargetGroup
		if healthNow(was, p) == "" || g == nil || c.over && !onItsWay(p.Health) {
			continue
		}
		if !slices.Contains(c.unsettled, g.ARN) {
			c.unsettled = append(c.unsettled, g.ARN)
		}
	}
}

// onItsWay tells whether targets are being registered or taken out.
func onItsWay(h *reach.Health) bool {
	states := h.States()
	return h.Len() == 0 || h.Starting > 0 ||
		states[string(elbtypes.TargetHealthStateEnumInitial)]+states[string(elbtypes.TargetHealthStateEnumDraining)] > 0
}
