package cli

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"github.com/spf13/cobra"

	"hopscope/model"
	"hopscope/model/export"
	"hopscope/model/k6"
	"hopscope/ui/theme"
)

const aboutCompare = `Compare the summaries of two k6 tests: what changed from the one to the other, by
which statistic, and whether it exceeds the noise. A summary in any of k6's forms
will do; k6 run --summary-export FILE writes one.

A summary has no samples: the noise is an upper bound, from the statistics that
it has. Tests of hopscope export --format k6 also tell how many responses
crossed the Service Connect agent, and how long requests were outside of the app.`

func (r *run) compareCommand() *cobra.Command {
	format := choice{value: formatHuman, allowed: []string{formatHuman, formatJSON}}
	cmd := &cobra.Command{
		Use:     "compare BEFORE.json AFTER.json",
		Short:   "Compare two k6 summaries",
		Long:    aboutCompare,
		Example: "hopscope compare before.json after.json",
		Args:    exactArgs("BEFORE.json", "AFTER.json"),
		RunE: r.action(func(ctx context.Context, args []string) (Status, error) {
			before, err := readSummary(ctx, args[0])
			if err != nil {
				return CannotCheck, err
			}
			after, err := readSummary(ctx, args[1])
			if err != nil {
				return CannotCheck, err
			}
			c := k6.Compare(before, after)
			if format.value == formatJSON {
				return Clean, export.Indented(r.Stdout, c)
			}
			p := comparisonPage{r.page()}
			p.comparison(c, args[0], args[1])
			return Clean, p.flush()
		}),
	}
	format.register(cmd, "format", "how to print the comparison")
	return cmd
}

// readSummary reads a file, and names it in an error.
func readSummary(ctx context.Context, path string) (*k6.Summary, error) {
	s, err := readFrom(ctx, path, k6.Read)
	if err != nil && ctx.Err() == nil {
		return nil, model.CannotRead(path, "pass a summary of k6", err)
	}
	return s, err
}

// comparisonPage is a comparison for people.
type comparisonPage struct{ *page }

func (p comparisonPage) comparison(c *k6.Comparison, before, after string) {
	p.wrapped(0, "before  ", tested(before, c.Before))
	p.wrapped(0, "after   ", tested(after, c.After))
	p.printf("\n%s\n", p.dim(fmt.Sprintf("  %-22s %9s %9s %9s %9s", "", "before", "after", "change", "noise")))
	for i := range c.Changes {
		p.change(&c.Changes[i])
	}
	p.printf("\n")
	for i, note := range c.Notes {
		p.wrapped(0, label("note", i), note)
	}
}

func tested(file string, s *k6.Summary) string {
	line := fmt.Sprintf("%s: %.0f requests", file, s.Requests)
	if s.Rate != nil {
		line += fmt.Sprintf(", %s a second", number(*s.Rate))
	}
	return line
}

// measures are the words for a measure, and the unit of its numbers.
var measures = map[k6.Measure]struct{ words, unit string }{
	k6.Duration:   {"duration", "ms"},
	k6.OutsideApp: {"outside the app", "ms"},
	k6.FailedPart: {"failed requests", "%"},
	k6.ByAgent:    {"by the agent", "%"},
	k6.Received:   {"bytes a response", "B"},
}

func (p comparisonPage) change(c *k6.Change) {
	of := measures[c.Measure]
	name := of.words
	if c.Statistic != "share" {
		name += " " + c.Statistic
	}
	noise := "?"
	if c.Noise != nil {
		noise = fmt.Sprintf("±%.2g", *c.Noise)
	}
	state, verdict := theme.Calm, string(c.Verdict)
	switch c.Verdict {
	case k6.Lower:
		state = theme.Good
	case k6.Higher:
		state = theme.Warn
	case k6.WithinNoise:
		verdict = "may be noise"
	case k6.NoiseUnknown:
		state, verdict = theme.Unknown, "not known"
	}
	sign := ""
	if c.Delta() > 0 {
		sign = "+"
	}
	p.printf("%s %-22s %9s %9s %9s %9s %-2s  %s\n", p.state(state, state.Glyph()), name, number(c.Before),
		number(c.After), sign+number(c.Delta()), noise, of.unit, verdict)
}

// number is a number with as many digits as there is meaning in: three, or all before
// the point.
func number(v float64) string {
	const digits = 3
	if math.Abs(v) >= math.Pow10(digits) {
		return fmt.Sprintf("%.0f", v)
	}
	return cmp.Or(fmt.Sprintf("%.3g", v), "0")
}
