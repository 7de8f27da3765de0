package simulator

import (
	"encoding/json"
	"strings"
	"time"
)

// Call is one call that reached the simulator, whatever became of it.
type Call struct {
	Time      time.Time
	Service   string // the prefix in IAM: "elasticloadbalancing"
	Operation string
	// Action is the IAM action: "ecs:DescribeServices".
	Action string
	// Mutating is true for operations that change the account.
	Mutating bool
	// Error is the error code, or the failure kind where no answer came; ""
	// when the call succeeded.
	Error string
	// Params are the request's members: those of a form as they are, those of
	// JSON as strings or compact JSON.
	Params map[string]string
}

// loggedCall is a call as it came: what it asked for is read when the calls are looked at.
type loggedCall struct {
	at      time.Time
	request *request
	failure string // as Call.Error
}

func (l *loggedCall) call() Call {
	op := l.request.op
	return Call{
		Time: l.at, Service: op.service, Operation: op.name, Action: op.action(), Mutating: op.mutating,
		Error: l.failure, Params: l.request.essentials(),
	}
}

// essentials are the members of a request, without the envelope.
func (r *request) essentials() map[string]string {
	out := map[string]string{}
	if r.params != nil {
		for key, values := range r.params {
			if key != "Action" && key != "Version" {
				out[key] = strings.Join(values, ",")
			}
		}
		return out
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(r.body, &fields) != nil {
		return out
	}
	for key, value := range fields {
		var text string
		if json.Unmarshal(value, &text) != nil {
			text = string(value)
		}
		out[key] = text
	}
	return out
}
