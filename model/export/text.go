package export

import (
	"fmt"
	"io"
	"strings"

	"hopscope/internal/text"
	"hopscope/model"
	"hopscope/model/report"
	"hopscope/model/rule"
	"hopscope/model/scene"
	"hopscope/model/words"
)

// textWidth is what code blocks in chats and tickets show without a scroll bar.
const textWidth = 100

// plain builds a document as text.
type plain struct {
	strings.Builder
	d *Document
}

// Text writes the document for a code block: what is wrong, then every path drawn.
func Text(w io.Writer, d *Document) error {
	p := &plain{d: d}
	p.line("", Scope(d.Report))
	p.line("", Summary(d.Report))
	p.gaps()
	for _, f := range Fold(d.Findings) {
		p.finding(&f)
	}
	p.paths()
	p.line("", "")
	p.line("", Completeness(d.Report))
	out := p.String()
	if d.ASCII {
		out = ascii(out)
	}
	_, err := io.WriteString(w, out)
	return err
}

// line writes untrusted text, wrapped, behind a lead.
func (p *plain) line(lead, s string) {
	hang := strings.Repeat(" ", text.Width(lead))
	for _, line := range text.Wrap(s, textWidth-len(hang)) {
		p.WriteString(strings.TrimRight(lead+line, " ") + "\n")
		lead = hang
	}
}

func (p *plain) gaps() {
	for i := range p.d.Gaps {
		p.line("? ", "not read: "+Gap(&p.d.Gaps[i]))
	}
	for _, n := range NotChecked(p.d.NotChecked) {
		p.line("? ", "not checked: "+n)
	}
}

func (p *plain) finding(f *Folded) {
	p.WriteByte('\n')
	p.line(scene.OfSeverity(f.Severity).Glyph()+" ", fmt.Sprintf("%s %s %s: %s", f.Code, f.Severity, Subject(f.Finding),
		f.Title))
	if len(f.Fixes) > 0 {
		p.line("  next: ", f.Fixes[0].Title)
	}
	for _, c := range f.Consequences {
		p.line("  so: ", c.Code+" "+c.Title)
	}
}

func (p *plain) paths() {
	var service model.Ref
	for i, path := range p.d.Paths {
		if ref := path.Target.Ref(); i == 0 || ref != service {
			service = ref
			p.WriteByte('\n')
			p.line("", ref.String())
		}
		p.WriteByte('\n')
		said := words.Path(path) + "  " + words.Verdict(path)
		if why := path.WhyUnknown(); why != "" {
			said += ": " + why
		}
		p.line(scene.OfVerdict(path.Observed()).Glyph()+" ", said)
		if p.d.Draw == nil {
			p.line("  ", Line(path))
			continue
		}
		for line := range strings.Lines(p.d.Draw(path, textWidth-2)) {
			p.WriteString(strings.TrimRight("  "+strings.TrimRight(line, "\n"), " ") + "\n")
		}
	}
}

// Subject names what a finding is about: a service, a cluster or the account.
func Subject(f *report.Finding) string {
	switch {
	case f.Service != "":
		return f.Ref().String()
	case f.Cluster != "":
		return "cluster " + f.Cluster
	}
	return "the account"
}

// Gap says what could not be read, why, and what that leaves unknown.
func Gap(g *model.Gap) string {
	said := string(g.Action)
	if g.Resource != "" {
		said += " for " + g.Resource
	}
	said += ": " + string(g.State)
	if g.Error != "" {
		said += " (" + g.Error + ")"
	}
	for _, sentence := range []string{g.Effect, g.Message} {
		if sentence != "" {
			said += "; " + sentence
		}
	}
	return said
}

// severities are those of findings, the worst first, with the headings for them.
var severities = []struct {
	of      rule.Severity
	heading string
}{{rule.Error, "Errors"}, {rule.Warning, "Warnings"}, {rule.Info, "Worth knowing"}}
