package convert

import (
	"testing"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	metrictypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/google/go-cmp/cmp"

	"hopscope/model"
)

func TestHostCountsAreThoseOfTheNewestMinuteThatHasBoth(t *testing.T) {
	minute := func(n int) time.Time { return time.Date(2026, 11, 22, 9, n, 0, 0, time.UTC) }
	result := func(id string, values ...float64) metrictypes.MetricDataResult {
		r := metrictypes.MetricDataResult{Id: awssdk.String(id), Values: values}
		for i := range values {
			r.Timestamps = append(r.Timestamps, minute(i).In(time.FixedZone("", 3600)))
		}
		return r
	}
	cut := result("up", 1, 2)
	cut.Values = cut.Values[:1]
	for name, test := range map[string]struct {
		pages [][]metrictypes.MetricDataResult
		want  *model.HostCounts
	}{
		"both": {
			[][]metrictypes.MetricDataResult{{result("up", 1, 2), result("down", 0, 3), result("other", 9, 9)}},
			&model.HostCounts{Healthy: 2, Unhealthy: 3, At: minute(2)},
		},
		"one is later": {
			[][]metrictypes.MetricDataResult{{result("up", 1, 2), result("down", 0)}},
			&model.HostCounts{Healthy: 1, At: minute(1)},
		},
		"on two pages": {
			[][]metrictypes.MetricDataResult{{result("up", 1)}, {result("down", 4)}},
			&model.HostCounts{Healthy: 1, Unhealthy: 4, At: minute(1)},
		},
		"one alone": {[][]metrictypes.MetricDataResult{{result("up", 1, 2)}}, nil},
		"nothing":   {nil, nil},
		"more times than values": {
			[][]metrictypes.MetricDataResult{{cut, result("down", 0, 0)}}, &model.HostCounts{Healthy: 1, At: minute(1)},
		},
		"not whole":          {[][]metrictypes.MetricDataResult{{result("up", 1.5), result("down", 0)}}, nil},
		"negative":           {[][]metrictypes.MetricDataResult{{result("up", 1), result("down", -1)}}, nil},
		"more than anything": {[][]metrictypes.MetricDataResult{{result("up", 1e300), result("down", 0)}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			points := make(MetricPoints)
			for _, page := range test.pages {
				points.Add(page)
			}
			if diff := cmp.Diff(test.want, points.HostCounts("up", "down", time.Minute)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
