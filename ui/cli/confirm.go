package cli

import (
	"cmp"
	"fmt"

	"hopscope/model"
	"hopscope/model/fix"
)

// aboutPlan is what the user confirms: where, and what; with tidy also what is done
// once the rest is verified.
func aboutPlan(p *fix.Plan, tidy bool) []string {
	lines := []string{
		"About to change " + place(p.Account, p.Region, p.Service) + ":",
	}
	n := 0
	for i := range p.Steps {
		switch s := &p.Steps[i]; {
		case !s.Later:
			n++
			lines = append(lines, fmt.Sprintf("  %d. %s", n, s.Title))
		case tidy:
			n++
			lines = append(lines, fmt.Sprintf("  %d. once that is verified: %s", n, s.Title))
		}
	}
	for _, c := range p.ChecksFirst() {
		lines = append(lines, "  check first: "+c.Title)
	}
	if tidy {
		for _, c := range p.ChecksLater() {
			lines = append(lines, "  check before anything is removed: "+c.Title)
		}
	}
	for _, k := range p.Risks {
		lines = append(lines, "  risk: "+k.Title)
	}
	return lines
}

// place names a service so that it cannot be taken for another one.
func place(account, region string, ref model.Ref) string {
	return fmt.Sprintf("account %s, region %s, cluster %s, service %s",
		cmp.Or(account, "not known"), cmp.Or(region, "not known"), cmp.Or(ref.Cluster, "not known"), ref.Service)
}
