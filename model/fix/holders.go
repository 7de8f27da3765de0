package fix

import (
	"hopscope/model"
	"hopscope/model/reach"
)

// OtherHolders are who has the group whose rules a step changes, besides those that the step
// is for: the service itself, or for a rule about what goes out the one caller whose
// group it is.
func OtherHolders(h reach.Holders, service model.Ref, s *Step) []string {
	refs := h.Services(s.Group)
	if s.IsEgress() && len(refs)+len(h.LoadBalancers(s.Group)) < 2 {
		return nil
	}
	var out []string
	for _, ref := range refs {
		switch {
		case ref == service && !s.IsEgress():
		case ref.Cluster != service.Cluster:
			out = append(out, ref.String())
		default:
			out = append(out, ref.Service)
		}
	}
	return append(out, h.LoadBalancers(s.Group)...)
}
