package app

import (
	"context"
	"errors"
	"time"

	"hopscope/aws"
	"hopscope/aws/metrics"
	"hopscope/model"
)

// meter reads the metrics of an account.
type meter struct {
	account *aws.Account
	reader  *metrics.Reader
}

func newMeter(a *aws.Account) *meter { return &meter{a, metrics.New(a.NewSession(), a.Now)} }

// Now is the time of the account's clock.
func (m *meter) Now() time.Time { return m.account.Now() }

// Measure reads series; see ui.Meter.
func (m *meter) Measure(
	ctx context.Context, wanted []model.Series, from, to time.Time,
) (*model.Metrics, error) {
	out, err := m.reader.Read(ctx, wanted, from, to)
	if err != nil {
		return nil, errors.New(m.account.Classify(model.GetMetricData, err).Sentence)
	}
	return out, nil
}
