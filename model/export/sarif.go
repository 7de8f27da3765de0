package export

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"hopscope/internal/text"
	"hopscope/model/assert"
	"hopscope/model/report"
)

// SARIF writes what became of the assertions of a report as results in SARIF 2.1.0, each at
// the line of its file. A live account has no files: its findings have no place, and are not
// in it.
func SARIF(w io.Writer, r *report.Report, version string) error {
	run := sarifRun{
		Tool: sarifTool{sarifDriver{
			Name: "hopscope", Version: version, Rules: []sarifRule{
				{ID: ruleBroken, Short: sarifText{"A request path is not as it was asserted to be"}},
				{ID: ruleNoMatch, Short: sarifText{"An assertion names what there is not"}},
				{ID: ruleUnknown, Short: sarifText{"It is not known whether an assertion holds"}},
			},
		}},
		Results: []sarifResult{}, ColumnKind: "unicodeCodePoints",
	}
	for i := range r.Assertions {
		if result, ok := resultOf(&r.Assertions[i]); ok {
			run.Results = append(run.Results, result)
		}
	}
	log := sarifLog{
		Schema:  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
		Version: "2.1.0", Runs: []sarifRun{run},
	}
	return Indented(w, log)
}

// The rules of results.
const (
	ruleBroken  = "assertion-broken"
	ruleNoMatch = "assertion-no-match"
	ruleUnknown = "assertion-unknown"
)

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool       sarifTool     `json:"tool"`
	Results    []sarifResult `json:"results"`
	ColumnKind string        `json:"columnKind"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name    string      `json:"name"`
	Version string      `json:"version,omitempty"`
	Rules   []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID    string    `json:"id"`
	Short sarifText `json:"shortDescription"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifResult struct {
	RuleID string `json:"ruleId"`
	// Kind is fail, or open where it is not known.
	Kind                string            `json:"kind"`
	Level               string            `json:"level"`
	Message             sarifText         `json:"message"`
	Locations           []sarifLocation   `json:"locations"`
	PartialFingerprints map[string]string `json:"partialFingerprints"`
}

type sarifLocation struct {
	Physical sarifPhysical `json:"physicalLocation"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   sarifRegion   `json:"region"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn,omitempty"`
}

// resultOf is the result of an assertion, unless it holds.
func resultOf(o *assert.Outcome) (sarifResult, bool) {
	out := sarifResult{RuleID: ruleBroken, Kind: "fail", Level: "error"}
	switch o.Verdict {
	case assert.Holds:
		return out, false
	case assert.Broken:
	case assert.NoMatch:
		out.RuleID = ruleNoMatch
	case assert.Unknown: // a result that is no failure has no level (SARIF 3.27.10)
		out.RuleID, out.Kind, out.Level = ruleUnknown, "open", "none"
	}
	lines := []string{AssertionText(o)}
	for i := range o.Reasons {
		lines = append(lines, o.Reasons[i].String())
	}
	out.Message.Text = text.CleanLines(strings.Join(lines, "\n"))
	out.Locations = []sarifLocation{{sarifPhysical{
		sarifArtifact{fileURI(o.File)}, sarifRegion{max(o.Line, 1), o.Column},
	}}}
	sum := sha256.Sum256([]byte(o.Assertion))
	out.PartialFingerprints = map[string]string{"assertion/v1": hex.EncodeToString(sum[:16])}
	return out, true
}

// fileURI is a file as a URI: relative to the directory that the check ran in, where the file
// was named so.
func fileURI(file string) string {
	u := url.URL{Path: filepath.ToSlash(file)}
	if filepath.IsAbs(file) {
		u.Scheme = "file"
	}
	return u.String()
}
