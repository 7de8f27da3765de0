package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"unicode"
	"unicode/utf8"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// JSON writes the report in the form that other programs depend on: version 1 of
// design.md §5, indented. Arrays are never null.
func JSON(w io.Writer, r *rule.Report) error {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(withoutNulls(r)); err != nil {
		return fmt.Errorf("encode the report: %w", err)
	}
	_, err := w.Write(escapeControls(out.Bytes()))
	return err
}

// withoutNulls is the report with empty arrays in place of nil ones.
func withoutNulls(r *rule.Report) *rule.Report {
	out := *r
	out.Scope.Clusters = notNil(r.Scope.Clusters)
	out.Gaps = notNil(r.Gaps)
	out.NotChecked = notNil(r.NotChecked)
	out.Paths = notNil(slices.Clone(r.Paths))
	for i := range out.Paths {
		p := &out.Paths[i]
		p.Hops, p.Findings = notNil(p.Hops), notNil(p.Findings)
		if p.Source.Services == nil && calledByServices(p.Source.Kind) {
			p.Source.Services = reach.NewCallers(nil)
		}
	}
	out.Findings = notNil(slices.Clone(r.Findings))
	for i := range out.Findings {
		f := &out.Findings[i]
		f.Evidence, f.Fixes = notNil(f.Evidence), notNil(slices.Clone(f.Fixes))
		for j := range f.Fixes {
			f.Fixes[j].Steps = notNil(f.Fixes[j].Steps)
		}
	}
	if r.Stats.Calls == nil {
		out.Stats.Calls = map[model.Action]int{}
	}
	return &out
}

// calledByServices tells whether the sources of a kind are services, which the
// report lists even if there are none.
func calledByServices(kind reach.SourceKind) bool {
	return kind == reach.SourceServiceConnect || kind == reach.SourceServiceDiscovery
}

func notNil[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// escapeControls writes the control and format characters that encoding/json
// leaves as they are (DEL, the C1 set, direction overrides) as \u escapes, so
// that a report is safe to print. Outside of strings JSON has none of them.
func escapeControls(text []byte) []byte {
	if !bytes.ContainsFunc(text, unprintable) {
		return text
	}
	out := make([]byte, 0, len(text)+64)
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case !unprintable(r):
			out = append(out, text[:size]...)
		case r > 0xffff:
			high, low := surrogates(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		text = text[size:]
	}
	return out
}

func unprintable(r rune) bool {
	return r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r))
}
