package export

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"hopscope/internal/text"
	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// pathsMember is the member of the report that holds its paths, when there are
// none. Nothing else can look like it: strings have no line breaks in JSON, and
// one blank is the indentation of the outermost members.
const pathsMember = "\n \"paths\": []"

// errNoPaths is a change of the report's type that this file did not follow.
var errNoPaths = errors.New("the report has no member paths")

// JSON writes the report in the form that other programs depend on: hopscope.report/v1,
// indented. Arrays are never null.
//
// Paths are written one at a time: those of 5000 services in one namespace list
// 25 million callers, which would take gigabytes of memory in one piece.
func JSON(w io.Writer, r *rule.Report) error {
	frame := withoutNulls(r)
	frame.Paths = []reach.Path{}
	text, err := marshal(frame)
	if err != nil {
		return fmt.Errorf("encode the report: %w", err)
	}
	var framed bytes.Buffer
	indent(&framed, text, "")
	head, tail, ok := bytes.Cut(framed.Bytes(), []byte(pathsMember))
	if !ok {
		return errNoPaths
	}
	out := bufio.NewWriter(w)
	_, _ = out.Write(head)
	if len(r.Paths) == 0 {
		_, _ = out.WriteString(pathsMember)
	} else if err := writePaths(out, r.Paths); err != nil {
		return err
	}
	_, _ = out.Write(tail)
	_ = out.WriteByte('\n')
	return out.Flush() // a write that failed fails every later one, and this
}

func writePaths(out *bufio.Writer, paths []reach.Path) error {
	_, _ = out.WriteString("\n \"paths\": [")
	for i := range paths {
		text, err := marshal(pathWithoutNulls(&paths[i]))
		if err != nil {
			return fmt.Errorf("encode path %s: %w", paths[i].ID, err)
		}
		if i > 0 {
			_ = out.WriteByte(',')
		}
		_, _ = out.WriteString("\n  ")
		indent(out, text, "  ")
		if _, err := out.Write(nil); err != nil {
			return err // nobody reads any more: spare the rest
		}
	}
	_, _ = out.WriteString("\n ]")
	return nil
}

// Indented writes any value as JSON for people and programs, in the manner of the
// report: safe to print.
func Indented(w io.Writer, v any) error {
	text, err := marshal(v)
	if err != nil {
		return fmt.Errorf("encode %T: %w", v, err)
	}
	var out bytes.Buffer
	indent(&out, text, "")
	out.WriteByte('\n')
	_, err = w.Write(out.Bytes())
	return err
}

// marshal encodes a value without breaks or blanks, and without what a terminal
// would obey.
func marshal(v any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return text.EscapeJSON(bytes.TrimSuffix(out.Bytes(), []byte("\n"))), nil
}

// withoutNulls is the report with empty arrays in place of nil ones, but for its
// paths.
func withoutNulls(r *rule.Report) *rule.Report {
	out := *r
	out.Scope.Clusters = notNil(r.Scope.Clusters)
	out.Gaps = notNil(r.Gaps)
	out.NotChecked = notNil(r.NotChecked)
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

// pathWithoutNulls is the path with empty arrays in place of nil ones. Sources
// that are services are listed even if there are none.
func pathWithoutNulls(p *reach.Path) *reach.Path {
	out := *p
	out.Findings = notNil(p.Findings)
	kind := p.Source.Kind
	if p.Source.Services == nil && (kind == reach.SourceServiceConnect || kind == reach.SourceServiceDiscovery) {
		out.Source.Services = reach.NewCallers(nil)
	}
	return &out
}

func notNil[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
