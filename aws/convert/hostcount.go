package convert

import (
	"math"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	metrictypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"hopscope/model"
)

// MetricPoints are the values of metrics by the id of the query and the beginning of their
// period.
type MetricPoints map[string]map[time.Time]float64

// Add adds a page of results: one query's values may come on several pages.
func (p MetricPoints) Add(page []metrictypes.MetricDataResult) {
	for i := range page {
		r := &page[i]
		id := awssdk.ToString(r.Id)
		for j, at := range r.Timestamps {
			if j >= len(r.Values) {
				break
			}
			if p[id] == nil {
				p[id] = make(map[time.Time]float64)
			}
			p[id][at.UTC()] = r.Values[j]
		}
	}
}

// HostCounts are the counts of the newest period that both metrics have a whole number
// for, nil if none has.
func (p MetricPoints) HostCounts(healthy, unhealthy string, period time.Duration) *model.HostCounts {
	var newest *model.HostCounts
	for at, up := range p[healthy] {
		down, both := p[unhealthy][at]
		if !both || !isCount(up) || !isCount(down) || newest != nil && !at.Add(period).After(newest.At) {
			continue
		}
		newest = &model.HostCounts{Healthy: int(up), Unhealthy: int(down), At: at.Add(period)}
	}
	return newest
}

// isCount tells whether a value is a number of targets.
func isCount(v float64) bool {
	const most = 1 << 20 // far beyond the targets that a group may have
	return v >= 0 && v <= most && v == math.Trunc(v)
}
