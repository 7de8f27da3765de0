package rule

import (
	"cmp"
	"time"

	"hopscope/model"
	"hopscope/model/reach"
)

// SchemaV1 is the value of Report.Schema. Other programs depend on the report:
// fields are added, never renamed.
const SchemaV1 = "hopscope.report/v1"

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

// Fix is a way to repair a finding.
type Fix struct {
	// ID is stable: "set-ingress-port-override".
	ID    string `json:"id"`
	Title string `json:"title"`
	// Appliable tells whether hopscope itself can carry the fix out.
	Appliable bool     `json:"appliable"`
	Steps     []string `json:"steps"`
}

// Finding is a problem that a rule found.
type Finding struct {
	Code     string   `json:"code"`
	Severity Severity `json:"severity"`
	// Path is the ID of the path that it is about, the first one of several.
	Path string `json:"path,omitempty"`
	// Paths are the IDs of all paths that it is about, when there are several.
	Paths   []string `json:"paths,omitempty"`
	Cluster string   `json:"cluster"`
	Service string   `json:"service"`
	// Title is one line: what is wrong, where.
	Title string `json:"title"`
	// Detail says what it causes and why that matters, in a few sentences.
	Detail     string           `json:"detail"`
	Confidence Confidence       `json:"confidence"`
	Evidence   []reach.Evidence `json:"evidence"`
	Fixes      []Fix            `json:"fixes"`
	// CausedBy names the finding that this one follows from: repairing that
	// one repairs this one too.
	CausedBy *Cause `json:"causedBy,omitempty"`

	// verdict is what the finding makes of its paths; "" leaves them.
	verdict reach.Verdict
	// missing is the fact that makes its paths unknown, if verdict says so.
	missing *model.Missing
	// paths are all paths that it is about, Path included.
	paths []*reach.Path
}

// Cause identifies the root cause of a finding.
type Cause struct {
	Code string `json:"code"`
	Path string `json:"path,omitempty"`
}

// Ref is the service that the finding is about.
func (f *Finding) Ref() model.Ref { return model.Ref{Cluster: f.Cluster, Service: f.Service} }

// NotChecked is a rule that a gap disabled for a service ("" for all of them).
type NotChecked struct {
	Code    string `json:"code"`
	Cluster string `json:"cluster,omitempty"`
	Service string `json:"service,omitempty"`
	// Needs is the IAM action that is missing.
	Needs model.Action `json:"needs"`
}

// Stats is what the report cost.
type Stats struct {
	Calls         map[model.Action]int `json:"calls"`
	Throttled     int                  `json:"throttled"`
	CollectMillis int64                `json:"collectMillis"`
	// AnalyzeMillis is set by the caller of [Analyze], who owns a clock.
	AnalyzeMillis int64 `json:"analyzeMillis"`
}

// Report is everything hopscope says about a snapshot. Its JSON form is the
// contract with other programs: arrays are sorted, an absent
// member means not known.
type Report struct {
	Schema      string       `json:"schema"`
	Scope       model.Scope  `json:"scope"`
	Origin      string       `json:"origin,omitempty"`
	CollectedAt time.Time    `json:"collectedAt,omitzero"`
	Complete    bool         `json:"complete"`
	Counts      model.Counts `json:"counts"`
	Gaps        []model.Gap  `json:"gaps"`
	Paths       []reach.Path `json:"paths"`
	Findings    []Finding    `json:"findings"`
	NotChecked  []NotChecked `json:"notChecked"`
	Stats       Stats        `json:"stats"`
}

func compareNotChecked(a, b NotChecked) int {
	return cmp.Or(
		cmp.Compare(a.Code, b.Code), cmp.Compare(a.Cluster, b.Cluster), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Needs, b.Needs),
	)
}

// compareFindings orders findings: worst first, then by service, code and path.
func compareFindings(a, b *Finding) int {
	return cmp.Or(
		cmp.Compare(b.Severity.Rank(), a.Severity.Rank()),
		a.Ref().Compare(b.Ref()),
		cmp.Compare(a.Code, b.Code),
		cmp.Compare(a.Path, b.Path),
	)
}
