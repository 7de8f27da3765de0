package reach

import (
	"bytes"
	"encoding/json"

	"hopscope/model"
)

// reported is a path in the report.
type reported struct {
	ID       string          `json:"id"`
	Source   Source          `json:"source"`
	Target   Target          `json:"target"`
	Via      Via             `json:"via"`
	Access   Access          `json:"access"`
	Verdict  Verdict         `json:"verdict"`
	Hops     []Hop           `json:"hops"`
	Findings []string        `json:"findings"`
	ViaWhy   string          `json:"viaWhy,omitempty"`
	Missing  []model.Missing `json:"missing,omitempty"`
}

// MarshalJSON writes the path as the report has it.
func (p *Path) MarshalJSON() ([]byte, error) {
	hops := p.Hops()
	if hops == nil {
		hops = []Hop{}
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false) // who writes the report says what is escaped
	err := enc.Encode(reported{p.ID, p.Source, p.Target, p.Via, p.Access, p.Verdict, hops, p.Findings, p.ViaWhy(), p.Missing})
	return out.Bytes(), err
}

// UnmarshalJSON reads a path of a report, as far as the report has it.
func (p *Path) UnmarshalJSON(data []byte) error {
	var r reported
	if err := json.Unmarshal(data, &r); err != nil {
		return err
	}
	*p = Path{
		ID: r.ID, Source: r.Source, Target: r.Target, Via: r.Via, Access: r.Access, Verdict: r.Verdict,
		Findings: r.Findings, Missing: r.Missing, Text: &Text{ViaWhy: r.ViaWhy, Hops: r.Hops},
	}
	return nil
}
