package collect_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"hopscope/aws/awstest"
	"hopscope/aws/collect"
	"hopscope/aws/simulator"
	"hopscope/model"
)

// emptied answers one listing without its members, as a proxy or a policy may, or without
// the default among rules, and everything else as the simulator does.
func emptied(t *testing.T, world *simulator.World, operation, where string) http.RoundTripper {
	t.Helper()
	sim := simulator.New(world, simulator.Options{})
	members := regexp.MustCompile(`(?s)<Listeners>.*</Listeners>|<IsDefault>true|"(serviceArns|taskArns)":\[[^\]]*\]`)
	return awstest.Transport(func(r *http.Request) (*http.Response, error) {
		body := awstest.Body(t, r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		reply, err := sim.RoundTrip(r)
		asked := strings.HasSuffix(r.Header.Get("X-Amz-Target"), "."+operation) ||
			bytes.Contains(body, []byte("Action="+operation+"&"))
		if err == nil && asked && bytes.Contains(body, []byte(where)) {
			text := members.ReplaceAllStringFunc(string(awstest.Body(t, reply.Body)), func(list string) string {
				if name, _, json := strings.Cut(list, ":["); json {
					return name + ":[]"
				}
				if list == "<IsDefault>true" {
					return "<IsDefault>false"
				}
				return "<Listeners></Listeners>"
			})
			reply.Body, reply.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
		}
		return reply, err
	})
}

func TestAListThatAnotherFactContradictsIsAGap(t *testing.T) {
	for name, test := range map[string]struct {
		world     *simulator.World
		operation string
		where     string
		action    model.Action
		says      string
	}{
		"services of one of three clusters": {
			three(), "ListServices", "prod-a", model.ListServices,
			"cluster prod-a counts 2 active services, and ecs:ListServices lists 0: the listing",
		},
		"listeners": {
			awstest.Fleet(3), "DescribeListeners", "", model.DescribeListeners,
			"is behind this load balancer, and elasticloadbalancing:DescribeListeners lists no listener of it: the listing",
		},
		"rules": {
			awstest.Fleet(3), "DescribeRules", "", model.DescribeRules,
			"every listener has a default rule, and elasticloadbalancing:DescribeRules lists none for this one " +
				"on port 80: the listing",
		},
		"tasks": {
			hosts(), "ListTasks", "", model.ListTasks,
			"service service-0000 runs 3 tasks, and ecs:ListTasks lists none: the listing",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := read(t, openBehind(t, emptied(t, test.world, test.operation, test.where), collect.Options{}))
			if s.Complete || len(s.Gaps) == 0 {
				t.Fatalf("complete %t, gaps %v", s.Complete, s.Gaps)
			}
			said := false
			for _, g := range s.Gaps {
				if g.Action != test.action || g.State != model.Absent || g.Error != "FILTERED" || g.Resource == "" {
					t.Errorf("gap %+v", g)
				}
				said = said || strings.Contains(g.Message, test.says) && strings.Contains(g.Message, "filtered or late")
			}
			if !said {
				t.Errorf("no gap says %q: %v", test.says, s.Gaps)
			}
			if n := s.Counts.Services; test.action == model.ListServices && (n.Loaded != 4 || n.Listed != 6) {
				t.Errorf("%d of %d services", n.Loaded, n.Listed)
			}
			ix := model.NewIndex(s)
			if _, missing := ix.Tasks(&s.Services[0]); test.action == model.ListTasks && missing == nil {
				t.Error("the service is said to have no tasks")
			}
			for i := range s.LoadBalancers {
				listeners, missing := ix.Listeners(s.LoadBalancers[i].ARN)
				if (missing != nil) != (test.action == model.DescribeListeners) {
					t.Errorf("listeners %v, missing %v", listeners, missing)
				}
				for _, l := range listeners {
					if _, missing := ix.Rules(l.ARN); (missing != nil) != (test.action == model.DescribeRules) {
						t.Errorf("rules of %s: missing %v", l.ARN, missing)
					}
				}
			}
		})
	}
}

func TestAnEmptyListOfServicesThatIsContradictedIsNoAnswer(t *testing.T) {
	_, err := openBehind(t, emptied(t, awstest.Fleet(16), "ListServices", ""), collect.Options{}).Collect(t.Context(), nil)
	awstest.CheckCannotCheck(t, err, "no service of cluster fleet could be loaded", "counts 16 active services")
}

// A cluster without services is no contradiction.
func TestAClusterWithoutServicesIsComplete(t *testing.T) {
	w := awstest.Fleet(1)
	w.Services, w.TargetGroups, w.LoadBalancers = nil, nil, nil
	a, _ := open(t, w, collect.Options{})
	s, err := a.Collect(t.Context(), nil)
	var cannot *model.CannotCheckError
	if errors.As(err, &cannot) || err == nil && !s.Complete {
		t.Errorf("%v, %v", s, err)
	}
}
