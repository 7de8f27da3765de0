package diff

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"hopscope/model"
	"hopscope/model/change"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// SchemaV1 is the value of Document.Schema.
const SchemaV1 = "hopscope.diff/v1"

// Kind is what became of something.
type Kind string

// What becomes of paths and facts.
const (
	Appeared Kind = "appeared"
	Vanished Kind = "vanished"
	Changed  Kind = "changed"
)

// Document is what differs between two readings. Members are added to its JSON, never
// renamed; arrays are sorted, and what is absent is not known or does not apply.
type Document struct {
	Schema string  `json:"schema"`
	Before Reading `json:"before"`
	After  Reading `json:"after"`
	// Paths are those that differ, by the service that they lead to.
	Paths    []Path   `json:"paths"`
	Findings Findings `json:"findings"`
	// Facts are all that differ; paths and findings name theirs by ID.
	Facts []Fact `json:"facts"`
	// Notes say what limits the comparison.
	Notes []string `json:"notes,omitempty"`
}

// Reading is one of the two snapshots.
type Reading struct {
	Scope       model.Scope `json:"scope"`
	Origin      string      `json:"origin,omitempty"`
	CollectedAt time.Time   `json:"collectedAt,omitzero"`
	Complete    bool        `json:"complete"`
	Services    int         `json:"services"`
	Paths       int         `json:"paths"`
}

// Findings are what became of findings.
type Findings struct {
	New  []Finding `json:"new"`
	Gone []Finding `json:"gone"`
	// Changed are those whose severity is another one; they have the one of after.
	Changed []Finding `json:"changed"`
	// Kept counts those that are as they were.
	Kept int `json:"kept"`
}

// Finding is a finding in short.
type Finding struct {
	Key      string        `json:"key"`
	Code     string        `json:"code"`
	Severity rule.Severity `json:"severity"`
	// Was is the severity before, of one that changed.
	Was     rule.Severity `json:"was,omitempty"`
	Cluster string        `json:"cluster,omitempty"`
	Service string        `json:"service,omitempty"`
	Title   string        `json:"title"`
	// Unread says why it is not known whether the finding is gone, or new, or was always as
	// severe.
	Unread string `json:"unread,omitempty"`
	// Facts are the IDs of the facts behind it.
	Facts []string `json:"facts,omitempty"`
}

// Ref is the service that the finding is about.
func (f *Finding) Ref() model.Ref { return model.Ref{Cluster: f.Cluster, Service: f.Service} }

// Empty tells whether no path and no finding differs.
func (d *Document) Empty() bool {
	f := &d.Findings
	return len(d.Paths)+len(f.New)+len(f.Gone)+len(f.Changed) == 0
}

// Worsened tells whether there is a new finding of at least a severity, or one that was
// less severe. One of which that is not known is none.
func (d *Document) Worsened(least rule.Severity) bool {
	return d.anyWorse(least, func(f *Finding) bool { return f.Unread == "" })
}

// MayHaveWorsened tells whether there is such a finding of which it is not known whether it
// was there before.
func (d *Document) MayHaveWorsened(least rule.Severity) bool {
	return d.anyWorse(least, func(f *Finding) bool { return f.Unread != "" })
}

func (d *Document) anyWorse(least rule.Severity, which func(*Finding) bool) bool {
	bad := func(f Finding) bool {
		return f.Severity.Rank() >= least.Rank() && f.Was.Rank() < least.Rank() && which(&f)
	}
	return slices.ContainsFunc(d.Findings.New, bad) || slices.ContainsFunc(d.Findings.Changed, bad)
}

// Between compares two analyses.
func Between(before, after *rule.Analysis) *Document {
	c := newComparison(before, after)
	d := &Document{
		Schema: SchemaV1, Before: reading(before), After: reading(after), Paths: c.paths(),
		Findings: c.findings(), Facts: c.shownFacts(), Notes: c.notes(),
	}
	return d
}

func reading(a *rule.Analysis) Reading {
	s := a.Snapshot
	scope := s.Scope
	if scope.Clusters == nil {
		scope.Clusters = []string{}
	}
	return Reading{
		Scope: scope, Origin: s.Origin, CollectedAt: s.CollectedAt, Complete: s.Complete,
		Services: s.Counts.Services.Loaded, Paths: len(a.Paths),
	}
}

// comparison is two analyses side by side.
type comparison struct {
	before, after *side
	facts         []Fact
}

func newComparison(before, after *rule.Analysis) *comparison {
	c := &comparison{before: newSide(before), after: newSide(after)}
	c.facts = differences(c.before, c.after)
	return c
}

func (c *comparison) shownFacts() []Fact {
	if c.facts == nil {
		return []Fact{}
	}
	return c.facts
}

// behind are the IDs of the facts that touch any of some paths.
func (c *comparison) behind(paths ...*reach.Path) []string {
	var out []string
	for i := range c.facts {
		touched := func(p *reach.Path) bool { return p != nil && c.facts[i].touches(p) }
		if slices.ContainsFunc(paths, touched) {
			out = append(out, c.facts[i].ID)
		}
	}
	return out
}

// gaps are the IDs of the facts that something could not be read.
func (c *comparison) gaps() []string {
	var out []string
	for i := range c.facts {
		if c.facts[i].gap {
			out = append(out, c.facts[i].ID)
		}
	}
	return out
}

// about are the IDs of the facts of a service itself.
func (c *comparison) about(ref model.Ref) []string {
	var out []string
	for i := range c.facts {
		if c.facts[i].service == ref {
			out = append(out, c.facts[i].ID)
		}
	}
	return out
}

func (c *comparison) findings() Findings {
	was := make(map[string]*rule.Finding, len(c.before.Findings))
	for _, f := range c.before.Findings {
		was[f.Key()] = f
	}
	all := change.OfFindings(c.before.Findings, c.after.Findings)
	out := Findings{New: []Finding{}, Gone: []Finding{}, Changed: []Finding{}}
	for _, f := range all.New {
		short := c.finding(f)
		short.Unread = c.before.unreadFinding(c.after, f)
		out.New = append(out.New, short)
	}
	for _, f := range all.Gone {
		short := c.finding(f)
		short.Unread = c.after.unreadFinding(c.before, f)
		out.Gone = append(out.Gone, short)
	}
	for _, f := range all.Kept {
		if old := was[f.Key()]; old.Severity != f.Severity {
			short := c.finding(f)
			short.Was = old.Severity
			short.Unread = cmp.Or(c.after.unreadUses(c.before, f.Code, f.Paths), c.before.unreadUses(c.after, f.Code, f.Paths))
			out.Changed = append(out.Changed, short)
			continue
		}
		out.Kept++
	}
	return out
}

func (c *comparison) finding(f *rule.Finding) Finding {
	out := Finding{
		Key: f.Key(), Code: f.Code, Severity: f.Severity, Cluster: f.Cluster, Service: f.Service, Title: f.Title(),
		Facts: c.about(f.Ref()),
	}
	if len(f.Paths) > 0 {
		out.Facts = c.behind(f.Paths...)
	}
	return out
}

// notes say what makes the comparison less than one of the same account at two times.
func (c *comparison) notes() []string {
	var out []string
	a, b := &c.before.Snapshot.Scope, &c.after.Snapshot.Scope
	if a.Account != "" && b.Account != "" && a.Account != b.Account {
		out = append(out, fmt.Sprintf("these are two accounts: %s and %s", a.Account, b.Account))
	}
	if a.Region != "" && b.Region != "" && a.Region != b.Region {
		out = append(out, fmt.Sprintf("these are two regions: %s and %s", a.Region, b.Region))
	}
	if from, to := c.before.Snapshot.CollectedAt, c.after.Snapshot.CollectedAt; from.After(to) && !to.IsZero() {
		out = append(out, "the first snapshot is the younger one: what is called new is gone by now")
	}
	for _, side := range []struct {
		name string
		s    *model.Snapshot
	}{{"before", c.before.Snapshot}, {"after", c.after.Snapshot}} {
		if !side.s.Complete {
			out = append(out, "the reading "+side.name+" was incomplete: what it lacks may have been there")
		}
	}
	return out
}
