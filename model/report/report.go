package report

import (
	"fmt"
	"slices"
	"time"

	"hopscope/model"
	"hopscope/model/assert"
	"hopscope/model/fix"
	"hopscope/model/observe"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// SchemaV1 is the value of Report.Schema.
const SchemaV1 = "hopscope.report/v1"

// Report is everything that hopscope says about a snapshot.
type Report struct {
	Schema string
	Scope  model.Scope
	Origin string
	// Part is what a report of less than everything is of: "service orders"; else "".
	Part        string
	CollectedAt time.Time
	Complete    bool
	Counts      model.Counts
	Gaps        []model.Gap
	// Paths are those of the analysis, and not copied.
	Paths []*reach.Path
	// TaskPorts are the ports of tasks that admit callers of which no path tells.
	TaskPorts  []reach.TaskPort
	Findings   []Finding
	NotChecked []rule.NotChecked
	// Proofs are what counts say about the ways of load balancers, by the IDs of paths; nil
	// where nothing was measured.
	Proofs map[string]observe.Proof
	// Seen are the callers of Service Connect paths that metrics saw in the last three hours, by
	// the IDs of paths; a path of which metrics would show none is not there.
	Seen map[string][]model.Ref
	// Assertions are what became of what must hold; nil where nothing was asserted.
	Assertions []assert.Outcome
	// Baseline is nil where no finding may be accepted.
	Baseline *Baseline
	Stats    Stats
}

// Stats is what the report cost.
type Stats struct {
	Calls         map[model.Action]int `json:"calls"`
	Throttled     int                  `json:"throttled"`
	CollectMillis int64                `json:"collectMillis"`
	// AnalyzeMillis is set by the caller, which owns a clock: it counts analysis and plans.
	AnalyzeMillis int64 `json:"analyzeMillis"`
}

// Finding is a finding as it is shown, with the remedies that the planner has for
// it.
type Finding struct {
	Code     string        `json:"code"`
	Severity rule.Severity `json:"severity"`
	// Key names the finding from run to run; see [rule.Finding.Key].
	Key string `json:"key"`
	// Path is the ID of the path that it is about, the first one of several.
	Path string `json:"path,omitempty"`
	// Paths are the IDs of all paths that it is about, when there are several.
	Paths      []string         `json:"paths,omitempty"`
	Cluster    string           `json:"cluster"`
	Service    string           `json:"service"`
	Title      string           `json:"title"`
	Detail     string           `json:"detail"`
	Confidence rule.Confidence  `json:"confidence"`
	Evidence   []reach.Evidence `json:"evidence"`
	Fixes      []Fix            `json:"fixes"`
	// CausedBy names the finding that this one follows from: repairing that one
	// repairs this one too.
	CausedBy *Cause `json:"causedBy,omitempty"`
	// Accepted is set where a baseline accepts the finding.
	Accepted *Acceptance `json:"accepted,omitempty"`
}

// Ref is the service that the finding is about.
func (f *Finding) Ref() model.Ref { return model.Ref{Cluster: f.Cluster, Service: f.Service} }

// Cause identifies the root cause of a finding: by its code for a reader, and by its key.
type Cause struct {
	Code string `json:"code"`
	Key  string `json:"key"`
}

// Fix is a plan that repairs a finding, in short.
type Fix struct {
	// ID says what is done, without to what: "set-ingress-port-override".
	ID    string `json:"id"`
	Title string `json:"title"`
	// Appliable tells whether hopscope itself can carry the plan out.
	Appliable bool `json:"appliable"`
	// Steps say what is done, in order. Many rules of one kind are not all listed.
	Steps []string `json:"steps"`
	// Among is set for one of several plans among which a person has to choose, and says
	// what is chosen: "the caller of app:80".
	Among string `json:"among,omitempty"`
	// Removes names what the plan takes away: endpoints, rules, encryption; not what is left
	// for later. Plans with it, or with Among, are carried out by name alone.
	Removes []string `json:"removes,omitempty"`
}

// New makes the report of an analysis and the plans for what it found.
func New(a *rule.Analysis, plans []fix.Plan) *Report {
	s := a.Snapshot
	r := &Report{
		Schema: SchemaV1, Scope: s.Scope, Origin: s.Origin, CollectedAt: s.CollectedAt,
		Complete: s.Complete, Counts: s.Counts,
		Gaps: settledGaps(s.Gaps), Paths: a.Paths, Findings: make([]Finding, len(a.Findings)), NotChecked: a.NotChecked(),
		TaskPorts: a.Deriver().TaskPorts(), Proofs: a.Proofs(),
		Stats: Stats{Calls: s.Stats.Calls, Throttled: s.Stats.Throttled, CollectMillis: s.Stats.CollectMillis},
	}
	r.Seen = map[string][]model.Ref{}
	for _, p := range a.Paths {
		if seen, known := a.SeenCalling(p); known {
			r.Seen[p.ID] = notNil(seen)
		}
	}
	remedies := fixesByFinding(plans)
	for i, f := range a.Findings {
		r.Findings[i] = newFinding(f, remedies)
	}
	return r
}

// settledGaps are the gaps less those that only say that loading goes on.
func settledGaps(all []model.Gap) []model.Gap {
	out := make([]model.Gap, 0, len(all))
	for _, g := range all {
		if g.State != model.Loading {
			out = append(out, g)
		}
	}
	return out
}

// fixesByFinding are the plans in short, by the key of each finding that they
// repair, in the order of the plans.
func fixesByFinding(plans []fix.Plan) map[string][]Fix {
	out := map[string][]Fix{}
	for i := range plans {
		short := newFix(&plans[i])
		for _, key := range plans[i].Findings {
			out[key] = append(out[key], short)
		}
	}
	return out
}

func newFix(p *fix.Plan) Fix {
	return Fix{
		ID: p.FixID(), Title: p.Title, Appliable: p.Appliable(), Steps: newSteps(p.Steps),
		Among: p.Among, Removes: p.Removes,
	}
}

// shownRules is how many rules a fix names that are added, or taken away, one after
// the other. A plan has a rule for each of an endpoint's callers, which may be thousands.
const shownRules = 5

// newSteps are the titles of a plan's steps, of many rules the first ones.
func newSteps(steps []fix.Step) []string {
	out := []string{}
	for i := 0; i < len(steps); {
		first, later := &steps[i], ""
		if first.Later {
			later = "Later: "
		}
		run := 1
		for first.ChangesGroup() && i+run < len(steps) && steps[i+run].Kind == first.Kind &&
			steps[i+run].Later == first.Later {
			run++
		}
		shown := run
		if run > shownRules+1 {
			shown = shownRules
		}
		for j := range shown {
			out = append(out, later+steps[i+j].Title)
		}
		if shown < run {
			out = append(out, fmt.Sprintf("%s%d more rules of this kind, which hopscope fix lists", later, run-shown))
		}
		i += run
	}
	return out
}

func newFinding(f *rule.Finding, remedies map[string][]Fix) Finding {
	key := f.Key()
	out := Finding{
		Code: f.Code, Severity: f.Severity, Key: key, Path: f.Path(), Cluster: f.Cluster, Service: f.Service,
		Title: f.Title(), Detail: f.Detail(), Confidence: f.Confidence,
		Evidence: slices.Clip(f.Evidence()), Fixes: remedies[key],
	}
	if len(f.Paths) > 1 {
		for _, p := range f.Paths {
			out.Paths = append(out.Paths, p.ID)
		}
	}
	if root := f.CausedBy; root != nil {
		out.CausedBy = &Cause{Code: root.Code, Key: root.Key()}
	}
	return out
}
