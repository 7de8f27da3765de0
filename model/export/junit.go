package export

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"hopscope/internal/text"
	"hopscope/model"
	"hopscope/model/assert"
	"hopscope/model/reach"
	"hopscope/model/report"
	"hopscope/model/rule"
)

// JUnit writes a report as test results, the form that CodeBuild, GitLab and Jenkins read: a
// suite for each service and a case for each path. A path on which a finding fails the check
// fails; one that is unknown is skipped, with what is missing. least is the severity from
// which on findings fail, "" for none.
func JUnit(w io.Writer, r *report.Report, least rule.Severity) error {
	j := &junit{r: r, least: least}
	var suites []junitSuite
	for first := 0; first < len(r.Paths); {
		end := first
		for end < len(r.Paths) && r.Paths[end].Target.Ref() == r.Paths[first].Target.Ref() {
			end++
		}
		suites = append(suites, j.service(r.Paths[first].Target.Ref(), r.Paths[first:end]))
		first = end
	}
	if s := j.rest(); len(s.cases) > 0 {
		suites = append(suites, s)
	}
	if s := j.reading(); len(s.cases) > 0 {
		suites = append(suites, s)
	}
	if s := j.assertions(); len(s.cases) > 0 {
		suites = append(suites, s)
	}
	return writeJUnit(w, suites)
}

// junit makes test cases of a report.
type junit struct {
	r     *report.Report
	least rule.Severity
}

type junitSuite struct {
	name  string
	cases []junitCase
}

// junitCase is a test case; it passes where it has no outcome.
type junitCase struct {
	class, name string
	// outcome is failure, error or skipped.
	outcome, kind, message, text string
	file                         string
	line                         int
}

func (j *junit) service(ref model.Ref, paths []*reach.Path) junitSuite {
	s := junitSuite{name: ref.String()}
	for _, p := range paths {
		c := junitCase{class: ref.String(), name: Line(p)}
		failing := j.failing(func(f *report.Finding) bool {
			return f.Path == p.ID || slices.Contains(f.Paths, p.ID)
		})
		switch {
		case len(failing) > 0:
			c.fail(failing)
		case p.Observed() == reach.Unknown:
			c.outcome, c.message = "skipped", "unknown: "+strings.Join(reasons(p), "; ")
		}
		s.cases = append(s.cases, c)
	}
	return s
}

// failing are the findings that fail the check and of which something is true.
func (j *junit) failing(is func(*report.Finding) bool) []*report.Finding {
	var out []*report.Finding
	for i := range j.r.Findings {
		if f := &j.r.Findings[i]; f.Fails(j.least) && is(f) {
			out = append(out, f)
		}
	}
	return out
}

func (c *junitCase) fail(findings []*report.Finding) {
	first := findings[0]
	c.outcome, c.kind, c.message = "failure", first.Code, first.Code+" "+string(first.Severity)+": "+first.Title
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&b, "%s %s: %s\n", f.Code, f.Severity, f.Title)
		if f.Detail != "" {
			fmt.Fprintf(&b, "%s\n", f.Detail)
		}
		for _, e := range f.Evidence {
			fmt.Fprintf(&b, "because: %s\n", e.Fact)
		}
		if len(f.Fixes) > 0 {
			fmt.Fprintf(&b, "next: %s\n", f.Fixes[0].Title)
		}
		fmt.Fprintf(&b, "key: %s\n\n", f.Key)
	}
	c.text = b.String()
}

// rest are the failing findings that are about no path of the report.
func (j *junit) rest() junitSuite {
	onPath := map[string]bool{}
	for _, p := range j.r.Paths {
		onPath[p.ID] = true
	}
	s := junitSuite{name: "other findings"}
	for _, f := range j.failing(func(f *report.Finding) bool {
		return !onPath[f.Path] && !slices.ContainsFunc(f.Paths, func(id string) bool { return onPath[id] })
	}) {
		c := junitCase{class: "other findings", name: f.Key}
		if f.Service != "" {
			c.class = f.Ref().String()
		}
		c.fail([]*report.Finding{f})
		s.cases = append(s.cases, c)
	}
	return s
}

// reading are the calls that failed: what depends on them has no answer.
func (j *junit) reading() junitSuite {
	s := junitSuite{name: "reading"}
	for i := range j.r.Gaps {
		g := &j.r.Gaps[i]
		c := junitCase{class: "reading", name: strings.TrimSpace(string(g.Action) + " " + g.Resource), outcome: "skipped"}
		if g.State == model.Failed {
			c.outcome, c.kind = "error", "failed"
		}
		c.message = string(g.State) + ": " + strings.TrimSpace(g.Error+" "+g.Effect)
		s.cases = append(s.cases, c)
	}
	return s
}

func (j *junit) assertions() junitSuite {
	s := junitSuite{name: "assertions"}
	for i := range j.r.Assertions {
		o := &j.r.Assertions[i]
		c := junitCase{class: "assertions", name: o.Assertion, file: o.File, line: o.Line}
		var why []string
		for k := range o.Reasons {
			why = append(why, o.Reasons[k].String())
		}
		c.text = strings.Join(why, "\n")
		if c.message = AssertionText(o); o.Verdict != assert.Holds {
			c.outcome, c.kind = "error", string(o.Verdict)
		}
		if o.Verdict == assert.Broken {
			c.outcome = "failure"
		}
		s.cases = append(s.cases, c)
	}
	return s
}

// AssertionText says in one line what became of an assertion, and why.
func AssertionText(o *assert.Outcome) string {
	said := o.Assertion + ": " + strings.ReplaceAll(string(o.Verdict), "-", " ")
	if len(o.Reasons) > 0 {
		said += ": " + o.Reasons[0].String()
	}
	if more := len(o.Reasons) - 1 + o.More; more > 0 {
		said += fmt.Sprintf(" (and %d more)", more)
	}
	return said
}

func writeJUnit(w io.Writer, suites []junitSuite) error {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	var all junitSuite
	for i := range suites {
		all.cases = append(all.cases, suites[i].cases...)
	}
	fmt.Fprintf(&b, "<testsuites name=\"hopscope\"%s>\n", all.counts())
	for i := range suites {
		s := &suites[i]
		fmt.Fprintf(&b, "  <testsuite name=\"%s\"%s>\n", attribute(s.name), s.counts())
		for k := range s.cases {
			s.cases[k].write(&b)
		}
		b.WriteString("  </testsuite>\n")
	}
	b.WriteString("</testsuites>\n")
	_, err := w.Write(b.Bytes())
	return err
}

func (s *junitSuite) counts() string {
	n := map[string]int{}
	for i := range s.cases {
		n[s.cases[i].outcome]++
	}
	return fmt.Sprintf(" tests=\"%d\" failures=\"%d\" errors=\"%d\" skipped=\"%d\"",
		len(s.cases), n["failure"], n["error"], n["skipped"])
}

func (c *junitCase) write(b *bytes.Buffer) {
	fmt.Fprintf(b, "    <testcase classname=\"%s\" name=\"%s\"", attribute(c.class), attribute(c.name))
	if c.file != "" {
		fmt.Fprintf(b, " file=\"%s\" line=\"%d\"", attribute(c.file), c.line)
	}
	if c.outcome == "" {
		b.WriteString("/>\n")
		return
	}
	fmt.Fprintf(b, ">\n      <%s", c.outcome)
	if c.kind != "" {
		fmt.Fprintf(b, " type=\"%s\"", attribute(c.kind))
	}
	fmt.Fprintf(b, " message=\"%s\"", attribute(c.message))
	if body := text.CleanLines(strings.TrimSpace(c.text)); body == "" {
		b.WriteString("/>\n")
	} else {
		b.WriteString(">")
		_ = xml.EscapeText(b, []byte(body)) // a buffer takes everything
		fmt.Fprintf(b, "</%s>\n", c.outcome)
	}
	b.WriteString("    </testcase>\n")
}

// attribute is untrusted text as the value of an attribute.
func attribute(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text.Clean(s))) // a builder takes everything
	return b.String()
}
