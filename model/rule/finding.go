package rule

import (
	"cmp"
	"fmt"

	"hopscope/model"
	"hopscope/model/reach"
)

// Severity is how much a finding matters.
type Severity string

// The severities, worst first.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Info    Severity = "info"
)

var severityRanks = map[Severity]int{Info: 1, Warning: 2, Error: 3}

// Rank orders severities: info, warning, error. An unknown one is 0.
func (s Severity) Rank() int { return severityRanks[s] }

// Confidence is how sure a finding is, given that the facts are as AWS says.
type Confidence string

// The degrees of confidence.
const (
	High   Confidence = "high"
	Medium Confidence = "medium"
	Low    Confidence = "low"
)

// Finding is a problem that a rule found: facts. How it is repaired is the
// planner's to say (hopscope/model/fix), and what is said of it is made when it is
// shown ([Finding.Text]).
type Finding struct {
	Code       string
	Severity   Severity
	Confidence Confidence
	Cluster    string
	Service    string
	// Paths are the paths that it is about, by ID; none where it is about the
	// service itself.
	Paths []*reach.Path
	// CausedBy is the finding that this one follows from: repairing that one
	// repairs this one too.
	CausedBy *Finding
	// Forward is the listener rule that it is about and that is not its paths'; nil
	// where there is none.
	Forward *Forward
	// Expected are callers of its paths that are refused and expected to call, as signs
	// outside of the rules say; none where there are no such signs.
	Expected []Expected

	// about tells it from other findings of its rule about the same port of the
	// service: names and ports, never a sentence.
	about string
	// nth counts findings that are about the same, from 1; 0 is one alone.
	nth int
	// verdict is what the finding makes of its paths; "" leaves them.
	verdict reach.Verdict
	// follows is the code of a rule whose finding this one follows from, where the case
	// says so and not the rule (see causes).
	follows string
	// shared names a fault that findings of several services are about; "" where it is the
	// service's own.
	shared string
	// Behind are the services that a shared fault is about, sorted; set of the finding that
	// the others follow from.
	Behind []model.Ref
	// Price is what its hops cost, by what was counted: the milliseconds that requests wait for
	// an agent in each second; 0 where nothing was counted.
	Price float64
	// missing is the fact that makes its paths unknown, if verdict says so.
	missing *model.Missing

	// text makes the sentences of the finding. It holds what does not change once the
	// rule has judged, and never the [Case], which is used again: several goroutines
	// may read a finding. It must not ask what other rules change: verdict, findings
	// and missing facts of a path.
	text func(*Finding) Text
}

// Forward is what a listener rule does with its requests.
type Forward struct {
	LoadBalancer *model.LoadBalancer
	Listener     *model.Listener
	Rule         *model.ListenerRule
	// TargetGroup is nil where the rule is not about one.
	TargetGroup *model.TargetGroup
}

// Text is what a finding says: see [Finding.Title], [Finding.Detail] and
// [Finding.Evidence].
type Text struct {
	Title, Detail string
	Evidence      []reach.Evidence
}

// fact is what an API call said, as evidence.
func fact(from model.Action, format string, args ...any) reach.Evidence {
	return reach.Evidence{Fact: fmt.Sprintf(format, args...), From: string(from)}
}

// Text is all that the finding says. It is made by each call.
func (f *Finding) Text() Text { return f.text(f) }

// Title is one line: what is wrong, where.
func (f *Finding) Title() string { return f.Text().Title }

// Detail says what the finding causes and why that matters, in a few sentences.
func (f *Finding) Detail() string { return f.Text().Detail }

// Evidence are the facts behind the finding.
func (f *Finding) Evidence() []reach.Evidence { return f.Text().Evidence }

// Ref is the service that the finding is about.
func (f *Finding) Ref() model.Ref { return model.Ref{Cluster: f.Cluster, Service: f.Service} }

// Path is the ID of the path that it is about, the first one of several; "" where
// it is about the service itself.
func (f *Finding) Path() string {
	if len(f.Paths) == 0 {
		return ""
	}
	return f.Paths[0].ID
}

// Key names the finding from run to run, whatever its sentences say and whichever service
// calls: code, service, and what it is about. No two findings of an analysis have
// the same.
func (f *Finding) Key() string {
	key := f.Code + " " + f.Ref().String()
	if len(f.Paths) > 0 {
		t := &f.Paths[0].Target
		key += fmt.Sprintf(" %s:%d", t.Container, t.ContainerPort)
		if f.Paths[0].Source.Services == nil && t.WirePort != t.ContainerPort {
			key += fmt.Sprintf("/%d", t.WirePort) // several targets of one container port
		}
		if role := role(f.Paths[0]); role != "" {
			key += " " + role
		}
	}
	if f.about != "" {
		key += " " + f.about
	}
	if f.nth > 1 {
		key += fmt.Sprintf(" #%d", f.nth)
	}
	return key
}

// compareFindings orders findings: worst first, of equal ones the dearer hop, then by service,
// code and path.
func compareFindings(a, b *Finding) int {
	return cmp.Or(
		cmp.Compare(b.Severity.Rank(), a.Severity.Rank()),
		cmp.Compare(b.Price, a.Price),
		a.Ref().Compare(b.Ref()),
		cmp.Compare(a.Code, b.Code),
		cmp.Compare(a.Path(), b.Path()),
	)
}
