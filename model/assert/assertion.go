// Package assert holds an account to what its owners say must be so: which ways requests
// take, who is let in, and who is not. An assertion is a line of a file:
//
//	lb:public -> api via direct    requests of a load balancer reach a service past the agent
//	web -> api:8080 via agent      a service calls another one through Service Connect
//	web -> api                     ... whichever way
//	any -> admin blocked           nothing gets there, by whatever way
//	db only from api, lb:internal  no rule admits anything else
//
// Names are those of [hopscope/model/selector]. What cannot be told is unknown, and never
// held.
package assert

import (
	"fmt"
	"io"
	"strings"

	"hopscope/internal/listfile"
	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/selector"
)

// Assertion is something that must hold.
type Assertion struct {
	// Text is as it was written.
	Text string
	// Line and Column are where it stands in its file, from 1; 0 outside of a file.
	Line, Column int

	from, to selector.Selector
	// via is the way that was asked for, "" for any.
	via     reach.Via
	blocked bool
	// only are those that may be admitted; nil for all other assertions.
	only []selector.Selector
}

// listName is what the list of a file is called.
const listName = "assert"

// Read reads the assertions of a file. Its error names the line.
func Read(in io.Reader) ([]Assertion, error) {
	entries, err := listfile.Read(in, listName)
	if err != nil {
		return nil, err
	}
	out := make([]Assertion, 0, len(entries))
	for _, n := range entries {
		text, ok := listfile.Text(n)
		if !ok {
			return nil, listfile.At(n, "an assertion is a quoted text, such as 'web -> api via agent'")
		}
		a, err := Parse(text)
		if err != nil {
			return nil, listfile.At(n, "%v", err)
		}
		a.Line, a.Column = n.Line, n.Column
		out = append(out, a)
	}
	return out, nil
}

const (
	arrow    = "->"
	onlyFrom = " only from "
	via      = " via "
	blocked  = " blocked"
)

// Parse reads one assertion. Its error is a [model.CannotCheckError].
func Parse(text string) (Assertion, error) {
	a := Assertion{Text: text}
	line := strings.Join(strings.Fields(strings.ReplaceAll(text, "→", arrow)), " ")
	if target, sources, ok := strings.Cut(line, onlyFrom); ok {
		return a, a.parseOnly(target, sources)
	}
	from, rest, ok := strings.Cut(line, arrow)
	if !ok {
		return a, wrong(text, "write FROM -> TO, FROM -> TO via agent, FROM -> TO blocked, or TO only from FROM")
	}
	to := rest
	if name, cut := strings.CutSuffix(rest, blocked); cut {
		to, a.blocked = name, true
	} else if name, way, cut := strings.Cut(rest, via); cut {
		if a.via = reach.Via(way); a.via != reach.ViaAgent && a.via != reach.ViaDirect {
			return a, wrong(text, "a way is agent or direct")
		}
		to = name
	}
	var err error
	if a.from, err = parseName(from); err != nil {
		return a, err
	}
	if a.from.Port != 0 && a.from.Kind != selector.LoadBalancer {
		return a, wrong(text, "a caller calls as a whole: leave its port out")
	}
	return a, a.parseTarget(to)
}

// parseName reads a name, which has no blanks: what else stands there is a word too many.
func parseName(text string) (selector.Selector, error) {
	text = strings.TrimSpace(text)
	if strings.ContainsAny(text, " ") {
		return selector.Selector{}, wrong(text, "write one name on each side of the arrow")
	}
	return selector.Parse(text)
}

func (a *Assertion) parseTarget(name string) error {
	var err error
	if a.to, err = parseName(name); err != nil {
		return err
	}
	switch {
	case a.to.Kind != selector.Service && a.to.Kind != selector.LoadBalancer:
		return wrong(a.Text, "name a service or a load balancer as the target")
	case a.to.Kind == selector.LoadBalancer && a.via != "":
		return wrong(a.Text, "agents are in tasks: a load balancer is reached without a way")
	}
	return nil
}

func (a *Assertion) parseOnly(target, sources string) error {
	if err := a.parseTarget(target); err != nil {
		return err
	}
	for name := range strings.SplitSeq(sources, ",") {
		s, err := parseName(name)
		if err != nil {
			return err
		}
		if s.Port != 0 {
			return wrong(a.Text, "a caller calls as a whole: leave its port out")
		}
		a.only = append(a.only, s)
	}
	return nil
}

func wrong(text, next string) error {
	return &model.CannotCheckError{Reason: fmt.Sprintf("%q is no assertion", text), Next: next}
}
