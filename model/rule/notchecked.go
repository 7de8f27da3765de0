package rule

import (
	"cmp"
	"maps"
	"slices"

	"hopscope/model"
)

// NotChecked is a rule that a gap disabled for a service ("" for all of them).
type NotChecked struct {
	Code    string `json:"code"`
	Cluster string `json:"cluster,omitempty"`
	Service string `json:"service,omitempty"`
	// Needs is the IAM action that is missing.
	Needs model.Action `json:"needs"`
	// Failed is set where a call failed, which may go better another time; else it was
	// denied, say.
	Failed bool `json:"-"`
}

func compareNotChecked(a, b NotChecked) int {
	return cmp.Or(
		cmp.Compare(a.Code, b.Code), cmp.Compare(a.Cluster, b.Cluster), cmp.Compare(a.Service, b.Service),
		cmp.Compare(a.Needs, b.Needs),
	)
}

// skip is a rule that was not checked, small: while an account is loading nearly every
// rule is skipped at nearly every service, and few of them are ever looked at.
type skip struct {
	needs model.Action
	// rule is the position in the catalogue, service that in the snapshot.
	rule, service int32
	failed        bool
}

// everywhere stands for all services.
const everywhere = -1

// miss notes that a rule could not be checked for want of a fact. What no source
// tried to read is said once, not of every service.
func (r *result) miss(rule *Rule, c *Case, fact unread) {
	n := skip{needs: fact.action, rule: rule.at, service: c.at}
	if fact.state == model.NotRead {
		n.service = everywhere
		if slices.Contains(r.unread, n) {
			return
		}
		r.unread = append(r.unread, n)
	}
	failed := fact.state == model.Failed
	if last := len(r.skips) - 1; last >= 0 {
		was := &r.skips[last]
		if was.needs == n.needs && was.rule == n.rule && was.service == n.service {
			was.failed = was.failed || failed
			return // of another path into the service
		}
	}
	n.failed = failed
	r.skips = append(r.skips, n)
}

// skipped are skips as they are told.
func (a *Analysis) skipped(skips []skip) []NotChecked {
	out := make([]NotChecked, len(skips))
	for i, s := range skips {
		out[i] = NotChecked{Code: a.catalogue[s.rule].Code, Needs: s.needs, Failed: s.failed}
		if s.service != everywhere {
			ref := a.Snapshot.Services[s.service].Ref()
			out[i].Cluster, out[i].Service = ref.Cluster, ref.Service
		}
	}
	return out
}

// NotChecked are the rules that a gap disabled.
func (a *Analysis) NotChecked() []NotChecked {
	if a.notChecked == nil {
		return nil
	}
	return a.notChecked()
}

// unlisted reports the rules that could not look at services which a gap kept
// from being listed.
func unlisted(s *model.Snapshot, catalogue []Rule) []NotChecked {
	var out []NotChecked
	for _, g := range s.Gaps {
		if g.Action != model.ListServices && g.Action != model.ListClusters || g.State == model.Loading {
			continue
		}
		for i := range catalogue {
			out = append(out, NotChecked{
				Code: catalogue[i].Code, Cluster: model.ARNName(g.Resource), Needs: g.Action, Failed: g.State == model.Failed,
			})
		}
	}
	return out
}

// sortNotChecked sorts by code first, then each code's: they were made service by
// service, so that there is little left to sort.
func sortNotChecked(all []NotChecked) []NotChecked {
	end := map[string]int{} // of each code's in the sorted list
	for i := range all {
		end[all[i].Code]++
	}
	n, codes := 0, slices.Sorted(maps.Keys(end))
	for _, code := range codes {
		n, end[code] = n+end[code], n
	}
	sorted := make([]NotChecked, n)
	for _, one := range all {
		sorted[end[one.Code]] = one
		end[one.Code]++
	}
	n = 0
	for _, code := range codes {
		slices.SortFunc(sorted[n:end[code]], compareNotChecked)
		n = end[code]
	}
	return slices.Compact(sorted)
}
