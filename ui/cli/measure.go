package cli

import (
	"context"

	"github.com/spf13/cobra"

	"hopscope/model"
	"hopscope/model/observe"
	"hopscope/model/rule"
	"hopscope/ui"
)

// registerMeasure adds --measure.
func registerMeasure(cmd *cobra.Command, measure *bool) {
	cmd.Flags().BoolVar(measure, "measure", false,
		"ask CloudWatch which way the requests of load balancers went: costs about $0.01 for 1000 metrics")
}

// measured reads a source as [run.collect] does, and before it is judged, where it is asked
// for, what CloudWatch counted on the paths of load balancers. What it does not say changes
// nothing of the rest.
func (r *run) measured(ctx context.Context, src Opened, measure bool) (*reading, error) {
	if !measure {
		return r.collect(ctx, src)
	}
	if src.Meter == nil {
		return nil, &model.CannotCheckError{
			Reason: "--measure asks CloudWatch, and a file has none",
			Next:   "leave it out: what was measured when the file was saved is judged anyway",
		}
	}
	s, err := r.snapshotOf(ctx, src)
	if err != nil {
		return nil, err
	}
	a := rule.Analyze(s)
	m, err := r.metrics(ctx, src.Meter, observe.Ways(s, a.Index, a.Paths))
	if err != nil || m == nil {
		return r.judged(s), err
	}
	beside := *s
	beside.Metrics = m
	return r.judged(&beside), nil
}

// metrics are what CloudWatch counted for ways, and what that cost is said; nil where it
// refused.
func (r *run) metrics(ctx context.Context, meter ui.Meter, ways []observe.Way) (*model.Metrics, error) {
	wanted := observe.Series(ways)
	from, to := observe.Window(meter.Now())
	m := &model.Metrics{ReadAt: meter.Now().UTC(), From: from, To: to, Source: model.GetMetricData}
	if len(wanted) > 0 {
		var err error
		if m, err = meter.Measure(ctx, wanted, from, to); err != nil {
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			r.note("not measured: %v", err)
			return nil, nil
		}
	}
	if unread := len(wanted) - len(m.Series); unread > 0 {
		r.note("CloudWatch gave no answer for %d of %d metrics", unread, len(wanted))
	}
	r.note("CloudWatch was asked for %d metrics, about %s", len(wanted), observe.Dollars(len(wanted)))
	return m, nil
}
