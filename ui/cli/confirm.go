package cli

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"strings"

	"hopscope/internal/text"
	"hopscope/model"
	"hopscope/model/fix"
)

// canConfirm refuses what nobody could confirm.
func (r *run) canConfirm(yes bool) error {
	if yes || r.Answers {
		return nil
	}
	return &model.CannotCheckError{Reason: "nobody can be asked here, so nothing was changed", Next: "pass --yes to confirm"}
}

// aboutPlan is what somebody confirms: where, and what; with tidy also what is done
// once the rest is verified.
func aboutPlan(p *fix.Plan, tidy bool) []string {
	lines := []string{
		"About to change " + place(p.Account, p.Region, p.Service) + ":",
	}
	n := 0
	for i := range p.Steps {
		switch s := &p.Steps[i]; {
		case !s.Later:
			n++
			lines = append(lines, fmt.Sprintf("  %d. %s", n, s.Title))
		case tidy:
			n++
			lines = append(lines, fmt.Sprintf("  %d. once that is verified: %s", n, s.Title))
		}
	}
	for _, c := range p.ChecksFirst() {
		lines = append(lines, "  check first: "+c.Title)
	}
	if tidy {
		for _, c := range p.ChecksLater() {
			lines = append(lines, "  check before anything is removed: "+c.Title)
		}
	}
	for _, k := range p.Risks {
		lines = append(lines, "  risk: "+k.Title)
	}
	return lines
}

// place names a service so that it cannot be taken for another one.
func place(account, region string, ref model.Ref) string {
	return fmt.Sprintf("account %s, region %s, cluster %s, service %s",
		cmp.Or(account, "not known"), cmp.Or(region, "not known"), cmp.Or(ref.Cluster, "not known"), ref.Service)
}

// say writes lines to stderr.
func (r *run) say(lines []string) {
	for _, line := range lines {
		_, _ = fmt.Fprintln(r.Stderr, text.Clean(line))
	}
}

// confirm asks on stderr for a word to be typed on stdin. The error says that it
// was not.
func (r *run) confirm(ctx context.Context, about []string, word string) error {
	r.say(about)
	_, _ = fmt.Fprintf(r.Stderr, "Type %s to go on, anything else to leave: ", text.Clean(word))
	answers := make(chan string, 1)
	if r.answers == nil {
		r.answers = bufio.NewReader(r.Stdin)
	}
	go func(in *bufio.Reader) {
		line, _ := in.ReadString('\n') // what was read until the end counts
		answers <- strings.TrimSpace(line)
	}(r.answers)
	select {
	case <-ctx.Done(): // nobody waits for the answer any more; the program ends
		_, _ = fmt.Fprintln(r.Stderr)
		return fmt.Errorf("not confirmed: %w", ctx.Err())
	case answer := <-answers:
		if answer != word {
			return &model.CannotCheckError{Reason: "not confirmed", Next: "nothing was changed"}
		}
		return nil
	}
}
