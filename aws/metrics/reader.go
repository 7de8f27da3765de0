package metrics

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	metrictypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"hopscope/aws"
	"hopscope/aws/convert"
	"hopscope/model"
)

// refresh is the least time between two readings of the same: CloudWatch has nothing new
// before.
const refresh = time.Minute

// Reader reads series. It is for one goroutine.
type Reader struct {
	session *aws.Session
	now     func() time.Time
	last    *model.Metrics
}

// New makes a reader whose calls are those of a session.
func New(session *aws.Session, now func() time.Time) *Reader {
	return &Reader{session: session, now: now}
}

// Read reads the values of series from one time to another, as many series by each call
// as it takes. What was read in the last minute is not asked for again. Series of which
// CloudWatch does not give all are left out: without a value they would look as if nothing
// had happened.
func (r *Reader) Read(ctx context.Context, wanted []model.Series, from, to time.Time) (*model.Metrics, error) {
	now := r.now()
	if r.fresh(wanted, from, to, now) {
		return r.last, nil
	}
	out := &model.Metrics{
		ReadAt: now.UTC(), From: from.UTC(), To: to.UTC(), Source: model.GetMetricData, Series: slices.Clone(wanted),
	}
	for batch := range slices.Chunk(out.Series, aws.Batch(model.GetMetricData)) {
		if err := r.fill(ctx, batch, from, to); err != nil {
			return nil, err
		}
	}
	read := len(out.Series)
	out.Series = slices.DeleteFunc(out.Series, func(s model.Series) bool { return s.Values == nil })
	if len(out.Series) < read {
		r.last = nil // the next one may give them
		return out, nil
	}
	r.last = out
	return out, nil
}

func (r *Reader) fresh(wanted []model.Series, from, to, now time.Time) bool {
	m := r.last
	return m != nil && now.Sub(m.ReadAt) < refresh && m.From.Equal(from) && m.To.Equal(to) &&
		slices.EqualFunc(m.Series, wanted, func(a, b model.Series) bool { return a.Key() == b.Key() })
}

// fill reads the values of as many series as one call takes. The values of one series
// may come on several pages, of which the last one says that it is complete; of those that
// are not the values are nil.
func (r *Reader) fill(ctx context.Context, batch []model.Series, from, to time.Time) error {
	in := &cloudwatch.GetMetricDataInput{StartTime: &from, EndTime: &to}
	byID := make(map[string]*model.Series, len(batch))
	for i := range batch {
		id := "m" + strconv.Itoa(i)
		byID[id] = &batch[i]
		in.MetricDataQueries = append(in.MetricDataQueries, convert.MetricDataQuery(id, &batch[i]))
	}
	complete := map[string]bool{}
	err := aws.EachPage(ctx, cloudwatch.NewGetMetricDataPaginator(r.session.Metrics, in),
		func(page *cloudwatch.GetMetricDataOutput) {
			for i := range page.MetricDataResults {
				result := &page.MetricDataResults[i]
				id := awssdk.ToString(result.Id)
				if s := byID[id]; s != nil {
					s.Values = append(s.Values, values(result)...)
					complete[id] = result.StatusCode == metrictypes.StatusCodeComplete
				}
			}
		})
	for id, s := range byID {
		switch {
		case !complete[id]:
			s.Values = nil
		case s.Values == nil:
			s.Values = []model.Value{}
		}
	}
	for i := range batch {
		slices.SortFunc(batch[i].Values, func(a, b model.Value) int { return cmp.Compare(a.At.Unix(), b.At.Unix()) })
	}
	return err
}

func values(r *metrictypes.MetricDataResult) []model.Value {
	n := min(len(r.Timestamps), len(r.Values))
	out := make([]model.Value, n)
	for i := range n {
		out[i] = model.Value{At: r.Timestamps[i].UTC(), Value: r.Values[i]}
	}
	return out
}
