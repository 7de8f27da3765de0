package cli

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"hopscope/model"
	"hopscope/model/doctor"
)

// examined is an answer with a trial of every state, and hostile text.
func examined() *doctor.Document {
	d := &doctor.Document{
		Schema: doctor.SchemaV1,
		Scope:  model.Scope{Account: "123456789012", Region: "eu-west-1", Clusters: []string{"prod\x1b[31m"}},
		Trials: []doctor.Trial{
			{Action: model.DescribeServices, Use: doctor.Reading, State: doctor.Works},
			{
				Action: model.DescribeRules, Use: doctor.Reading, State: doctor.Denied, Code: "AccessDenied",
				Message: "elasticloadbalancing:DescribeRules is not allowed\x1b]0;owned\x07; add it to the policy of the role",
				Effect:  "which requests a listener forwards to which target group is unknown",
			},
			{
				Action: model.ListGatewayRoutes, Use: doctor.Reading, State: doctor.Unsupported, Code: "InvalidAction",
				Message: "the endpoint does not know ecs:ListGatewayRoutes", Effect: "paths from ECS service gateways are not seen",
			},
			{
				Action: model.DescribeVpcs, Use: doctor.Reading, State: doctor.Failed, Code: "InternalError",
				Message: "ec2:DescribeVpcs failed", Effect: "the VPCs' address ranges are unknown",
			},
			{
				Action: "ecs:UpdateService", Use: doctor.Applying, State: doctor.NotTried,
				Message: "Amazon ECS has no dry run", Effect: "plans cannot be applied",
			},
			{Action: "cloudwatch:GetMetricData", Use: doctor.Reading, State: doctor.Works},
		},
		Policies: doctor.Policies{
			Read: doctor.Policy{Version: "2012-10-17", Statement: []doctor.Statement{{
				Sid: "HopscopeRead", Effect: "Allow", Action: []model.Action{model.DescribeVpcs}, Resource: []string{"*"},
				Condition: map[string]map[string][]string{"StringEquals": {"aws:RequestedRegion": {"eu-west-1"}}},
			}}},
			Apply: doctor.Policy{Version: "2012-10-17"},
		},
		Notes: []string{"each action was tried once"},
	}
	d.Judge(model.DescribeServices)
	return d
}

func TestWhatTheDoctorFoundIsWordedForPeople(t *testing.T) {
	var out strings.Builder
	page := doctorPage{newPage(&out, 80)}
	page.document(examined())
	if err := page.flush(); err != nil {
		t.Fatal(err)
	}
	text := ansi.Strip(out.String())
	if strings.ContainsAny(text, "\x1b\x07") {
		t.Errorf("foreign control characters: %q", text)
	}
	golden.RequireEqual(t, []byte(text))
}

func TestTheExitStatusOfTheDoctorIsAboutReading(t *testing.T) {
	for state, want := range map[doctor.State]Status{
		doctor.Works: Clean, doctor.Denied: Found, doctor.Unsupported: Found, doctor.Failed: CannotCheck,
		doctor.NotTried: CannotCheck,
	} {
		for use, want := range map[doctor.Use]Status{doctor.Reading: want, doctor.Applying: Clean} {
			d := &doctor.Document{Trials: []doctor.Trial{{Action: model.DescribeServices, Use: use, State: state}}}
			d.Judge(model.DescribeServices)
			if got := healthOf(d); got != want {
				t.Errorf("%s for %s: exit status %d, want %d", state, use, got, want)
			}
		}
	}
	d := &doctor.Document{Trials: []doctor.Trial{
		{Use: doctor.Reading, State: doctor.Failed}, {Use: doctor.Reading, State: doctor.Denied},
	}}
	d.Judge(model.DescribeServices)
	if got := healthOf(d); got != Found {
		t.Errorf("a refusal beside a failure: exit status %d", got)
	}
}
