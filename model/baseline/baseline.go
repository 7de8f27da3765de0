// Package baseline holds findings that were accepted, by their keys: a check fails for what is
// new. An entry says why, and until when; what is worse than what was accepted is new.
package baseline

import (
	"io"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"hopscope/internal/listfile"
	"hopscope/internal/text"
	"hopscope/model/report"
	"hopscope/model/rule"
)

// Entry is a finding that was accepted.
type Entry struct {
	// Key is the finding's: see [rule.Finding.Key].
	Key    string
	Reason string
	// Expires is the last day on which the entry counts, zero for no end.
	Expires time.Time
	// Severity is what was accepted at most; "" is any.
	Severity rule.Severity
	// Line is where it stands in its file, from 1.
	Line int
}

// listName is what the list of a file is called.
const listName = "accepted"

// Read reads the entries of a file. Its error names the line.
func Read(in io.Reader) ([]Entry, error) {
	nodes, err := listfile.Read(in, listName)
	if err != nil {
		return nil, err
	}
	lines := map[string]int{}
	out := make([]Entry, 0, len(nodes))
	for _, n := range nodes {
		e, err := readEntry(n)
		if err != nil {
			return nil, err
		}
		if at := lines[e.Key]; at != 0 {
			return nil, listfile.At(n, "the key of line %d is here again", at)
		}
		lines[e.Key] = e.Line
		out = append(out, e)
	}
	return out, nil
}

func readEntry(n *yaml.Node) (Entry, error) {
	e := Entry{Line: n.Line}
	if n.Kind != yaml.MappingNode {
		return e, listfile.At(n, "an entry has a key and a reason")
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, node := n.Content[i].Value, n.Content[i+1]
		value, ok := listfile.Text(node)
		switch {
		case !ok:
			return e, listfile.At(node, "%s is no text", name)
		case seen[name]:
			return e, listfile.At(n.Content[i], "%s is there twice", name)
		}
		seen[name] = true
		if err := e.set(name, value, n.Content[i]); err != nil {
			return e, err
		}
	}
	switch {
	case e.Key == "":
		return e, listfile.At(n, "an entry without a key accepts nothing")
	case e.Reason == "":
		return e, listfile.At(n, "say why: an entry has a reason")
	}
	return e, nil
}

func (e *Entry) set(name, value string, at *yaml.Node) error {
	switch name {
	case "key":
		e.Key = value
	case "reason":
		e.Reason = value
	case "expires":
		day, err := time.Parse(time.DateOnly, value)
		if err != nil {
			return listfile.At(at, "%q is no day such as 2027-01-31", value)
		}
		e.Expires = day
	case "severity":
		e.Severity = rule.Severity(value)
		if e.Severity.Rank() == 0 {
			return listfile.At(at, "%q is no severity: error, warning or info", value)
		}
	default:
		return listfile.At(at, "%q has no meaning in an entry: key, reason, expires and severity have", name)
	}
	return nil
}

// Expired tells whether an entry counts no more. It does through the whole of its last day.
func (e *Entry) Expired(now time.Time) bool {
	return !e.Expires.IsZero() && !now.Before(e.Expires.AddDate(0, 0, 1))
}

// Apply marks the findings of a report that entries accept, and lists the entries that accept
// nothing: they have expired, or no finding has their key.
func Apply(r *report.Report, file string, entries []Entry, now time.Time) {
	r.Baseline = &report.Baseline{File: file}
	byKey := make(map[string]*report.Finding, len(r.Findings))
	for i := range r.Findings {
		byKey[r.Findings[i].Key] = &r.Findings[i]
	}
	for i := range entries {
		e := &entries[i]
		f := byKey[e.Key]
		idle := report.IdleEntry{Key: e.Key, Line: e.Line, Reason: e.Reason}
		if !e.Expires.IsZero() {
			idle.Expires = e.Expires.Format(time.DateOnly)
		}
		switch {
		case f == nil:
			r.Baseline.Unused = append(r.Baseline.Unused, idle)
		case e.Expired(now):
			r.Baseline.Expired = append(r.Baseline.Expired, idle)
		case e.Severity != "" && f.Severity.Rank() > e.Severity.Rank():
			r.Baseline.Outgrown = append(r.Baseline.Outgrown, idle)
		default:
			f.Accepted = &report.Acceptance{Reason: e.Reason, Expires: idle.Expires, Line: e.Line}
		}
	}
}

// FromReport are entries that accept the findings of a report from a severity on. Entries
// that accept a finding already stay as they are.
func FromReport(r *report.Report, kept []Entry, least rule.Severity, now time.Time) []Entry {
	var out []Entry
	for i := range r.Findings {
		f := &r.Findings[i]
		at := slices.IndexFunc(kept, func(e Entry) bool { return e.Key == f.Key })
		switch {
		case f.Accepted != nil && at >= 0:
			out = append(out, kept[at])
		case f.Severity.Rank() >= least.Rank():
			out = append(out, Entry{
				Key: f.Key, Severity: f.Severity,
				Reason: "there on " + now.UTC().Format(time.DateOnly) + ": " + text.Clean(f.Title),
			})
		}
	}
	return out
}

// Write writes entries as a file.
func Write(w io.Writer, entries []Entry) error {
	var b strings.Builder
	b.WriteString("# Findings that hopscope check --baseline FILE accepts, each by its key, until it expires.\n")
	b.WriteString(listName + ":\n")
	for i := range entries {
		e := &entries[i]
		b.WriteString("  - key: " + listfile.Quoted(e.Key) + "\n    reason: " + listfile.Quoted(e.Reason) + "\n")
		if e.Severity != "" {
			b.WriteString("    severity: " + string(e.Severity) + "\n")
		}
		if !e.Expires.IsZero() {
			b.WriteString("    expires: " + e.Expires.Format(time.DateOnly) + "\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
