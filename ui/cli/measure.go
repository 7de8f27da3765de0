package cli

import (
	"context"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"hopscope/model"
	"hopscope/model/observe"
)

// Meter reads what CloudWatch counted. Each metric that is asked for costs money.
type Meter interface {
	// Now is the time of the account's clock.
	Now() time.Time
	// Measure reads series from one time to another. Its error says what AWS refused.
	Measure(ctx context.Context, wanted []model.Series, from, to time.Time) (*model.Metrics, error)
}

// metricsPerDollar is how many metrics GetMetricData may be asked for, by the list price
// of $0.01 for 1000.
const metricsPerDollar = 100_000

// registerMeasure adds --measure.
func registerMeasure(cmd *cobra.Command, measure *bool) {
	cmd.Flags().BoolVar(measure, "measure", false,
		"ask CloudWatch which way the requests of load balancers went: costs about $0.01 for 1000 metrics")
}

// measured reads a source as [run.collect] does, and then, where it is asked for, what
// CloudWatch counted on the paths of load balancers. What it does not say changes nothing
// of the rest.
func (r *run) measured(ctx context.Context, src Opened, measure bool) (*reading, error) {
	if measure && src.Meter == nil {
		return nil, &model.CannotCheckError{
			Reason: "--measure asks CloudWatch, and a file has none",
			Next:   "leave it out: what was measured when the file was saved is judged anyway",
		}
	}
	read, err := r.collect(ctx, src)
	if err != nil || !measure {
		return read, err
	}
	a := read.analysis
	ways := observe.Ways(a.Snapshot, a.Index, a.Paths)
	wanted := observe.Series(ways)
	from, to := observe.Window(src.Meter.Now())
	m := &model.Metrics{ReadAt: src.Meter.Now().UTC(), From: from, To: to, Source: model.GetMetricData}
	if len(wanted) > 0 {
		if m, err = src.Meter.Measure(ctx, wanted, from, to); err != nil {
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			r.note("not measured: %v", err)
			return read, nil
		}
	}
	r.note("CloudWatch was asked for %d metrics, about $%s", len(wanted),
		strconv.FormatFloat(float64(len(wanted))/metricsPerDollar, 'f', -1, 64))
	beside := *a.Snapshot
	beside.Metrics = m
	a.Snapshot = &beside
	read.report.Proofs = observe.Judge(ways, m)
	return read, nil
}
