package simulator

import "slices"

// Alarm is a metric alarm of CloudWatch. It stays in its state.
type Alarm struct {
	Name string `json:"name"`
	// State is OK (the default), ALARM or INSUFFICIENT_DATA.
	State string `json:"state,omitempty"`
	// Namespace, Metric and Dimensions are those of the metric; Comparison defaults to
	// LessThanThreshold.
	Namespace  string            `json:"namespace,omitempty"`
	Metric     string            `json:"metric,omitempty"`
	Dimensions map[string]string `json:"dimensions,omitempty"`
	Comparison string            `json:"comparison,omitempty"`
	// Math puts the metric into an expression, with its name nowhere else.
	Math bool `json:"math,omitempty"`
}

type (
	describeAlarmsInput struct {
		AlarmNames []string `json:"AlarmNames"`
		MaxRecords int      `json:"MaxRecords"`
		NextToken  string   `json:"NextToken"`
	}
	describeAlarmsReply struct {
		Metric    []metricAlarm `json:"MetricAlarms"`
		Composite []struct{}    `json:"CompositeAlarms"`
		NextToken string        `json:"NextToken,omitempty"`
	}
	metricAlarm struct {
		Name       string       `json:"AlarmName"`
		State      string       `json:"StateValue"`
		Namespace  string       `json:"Namespace,omitempty"`
		Metric     string       `json:"MetricName,omitempty"`
		Comparison string       `json:"ComparisonOperator"`
		Dimensions []dimension  `json:"Dimensions"`
		Metrics    []alarmQuery `json:"Metrics,omitempty"`
	}
)

// The parts of an alarm on an expression.
type (
	alarmQuery struct {
		ID         string     `json:"Id"`
		Stat       *alarmStat `json:"MetricStat,omitempty"`
		Expression string     `json:"Expression,omitempty"`
	}
	alarmStat struct {
		Metric alarmMetric `json:"Metric"`
		Stat   string      `json:"Stat"`
	}
	alarmMetric struct {
		Namespace  string      `json:"Namespace"`
		Name       string      `json:"MetricName"`
		Dimensions []dimension `json:"Dimensions"`
	}
)

const alarmsPerPage = 100

// describeAlarms lists alarms. Names that no alarm has are left out, as CloudWatch does.
func (a *cloudWatchAPI) describeAlarms(in *describeAlarmsInput) (*describeAlarmsReply, error) {
	if in.MaxRecords < 0 || in.MaxRecords > alarmsPerPage || len(in.AlarmNames) > alarmsPerPage {
		return nil, refuse("ValidationError", "At most %d alarms are described at once.", alarmsPerPage)
	}
	var all []metricAlarm
	for i := range a.alarms {
		w := &a.alarms[i]
		if len(in.AlarmNames) > 0 && !slices.Contains(in.AlarmNames, w.Name) {
			continue
		}
		one := metricAlarm{
			Name: w.Name, State: w.State, Namespace: w.Namespace, Metric: w.Metric, Comparison: w.Comparison,
			Dimensions: []dimension{},
		}
		if one.State == "" {
			one.State = "OK"
		}
		if one.Comparison == "" {
			one.Comparison = "LessThanThreshold"
		}
		for _, name := range sortedKeys(w.Dimensions) {
			one.Dimensions = append(one.Dimensions, dimension{Name: name, Value: w.Dimensions[name]})
		}
		if w.Math {
			one.Metrics = []alarmQuery{
				{ID: "m1", Stat: &alarmStat{alarmMetric{one.Namespace, one.Metric, one.Dimensions}, "Sum"}},
				{ID: "e1", Expression: "FILL(m1, 0)"},
			}
			one.Namespace, one.Metric, one.Dimensions = "", "", []dimension{}
		}
		all = append(all, one)
	}
	size := alarmsPerPage / 2 // as AWS does
	if in.MaxRecords > 0 {
		size = in.MaxRecords
	}
	page, next, ok := paginate(all, in.NextToken, size)
	if !ok {
		return nil, refuse("InvalidNextToken", "The token %s is not valid.", in.NextToken)
	}
	return &describeAlarmsReply{Metric: page, Composite: []struct{}{}, NextToken: next}, nil
}
