package export

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"hopscope/internal/text"
	"hopscope/model/assert"
	"hopscope/model/report"
	"hopscope/model/rule"
)

// GitHub writes a report as workflow commands, which GitHub Actions shows as annotations: a
// finding each, the worst first, and what does not hold or counts no more where it stands in
// its file. What a baseline accepts is in the summary alone.
func GitHub(w io.Writer, r *report.Report) error {
	var b bytes.Buffer
	for i := range r.Assertions {
		o := &r.Assertions[i]
		switch o.Verdict {
		case assert.Broken, assert.NoMatch:
			annotate(&b, "error", o.File, o.Line, "assertion "+string(o.Verdict), AssertionText(o))
		case assert.Unknown:
			annotate(&b, "warning", o.File, o.Line, "assertion unknown", AssertionText(o))
		case assert.Holds:
		}
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Accepted != nil {
			continue
		}
		level := map[rule.Severity]string{rule.Error: "error", rule.Warning: "warning", rule.Info: "notice"}[f.Severity]
		said := f.Title
		if f.Detail != "" {
			said += "\n" + f.Detail
		}
		if len(f.Fixes) > 0 {
			said += "\nNext: " + f.Fixes[0].Title
		}
		annotate(&b, level, "", 0, strings.TrimSpace(f.Code+" "+f.Ref().String()), said)
	}
	if base := r.Baseline; base != nil {
		for _, kind := range IdleKinds(base) {
			for _, e := range kind.Entries {
				annotate(&b, "warning", base.File, e.Line, "baseline: "+kind.Name, e.Key+": "+e.Reason)
			}
		}
	}
	if n := Unknown(r); n > 0 || !r.Complete {
		annotate(&b, "warning", "", 0, "not everything is known", Summary(r)+"; "+Completeness(r))
	}
	_, err := w.Write(b.Bytes())
	return err
}

// IdleKind are entries of a baseline that accept nothing, for one reason.
type IdleKind struct {
	Name    string
	Entries []report.IdleEntry
}

// IdleKinds are the entries of a baseline that accept nothing, by reason.
func IdleKinds(b *report.Baseline) []IdleKind {
	return []IdleKind{
		{"expired", b.Expired}, {"the finding is worse than what was accepted", b.Outgrown}, {"unused", b.Unused},
	}
}

// annotate writes one command. Its line starts with two colons, so that the runner looks for
// no other command in it; what would end the line or a property is escaped.
func annotate(b *bytes.Buffer, level, file string, line int, title, message string) {
	var properties []string
	if file != "" {
		properties = append(properties, "file="+property(file))
		if line > 0 {
			properties = append(properties, fmt.Sprintf("line=%d", line))
		}
	}
	properties = append(properties, "title="+property(title))
	fmt.Fprintf(b, "::%s %s::%s\n", level, strings.Join(properties, ","), commandData.Replace(text.CleanLines(message)))
}

// commandData and commandProperty are the escapes of workflow commands.
//
// Source: actions/toolkit, packages/core/src/command.ts.
var (
	commandData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	commandProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func property(s string) string { return commandProperty.Replace(text.Clean(s)) }

// maxSummary is how long a job summary is at most: GitHub takes 1 MiB of each step, and drops
// all of a longer one.
const maxSummary = 1_000_000

// GitHubSummary writes the report for the summary of a job.
func GitHubSummary(w io.Writer, r *report.Report) error {
	var b bytes.Buffer
	if err := Markdown(&b, r); err != nil {
		return err
	}
	said := b.Bytes()
	if len(said) > maxSummary {
		cut := bytes.LastIndexByte(said[:maxSummary], '\n')
		said = append(said[:cut+1:cut+1],
			"\n*A summary has no room for the rest, which `hopscope check --format json` has.*\n"...)
	}
	_, err := w.Write(said)
	return err
}
