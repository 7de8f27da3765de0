package planner_test

import (
	"os/exec"
	"strings"
	"testing"

	"hopscope/model"
	. "hopscope/model/modeltest"
)

// What is to be checked is what the load balancer in front does: a network load balancer
// keeps no connections of its own to the app, and sets no header.
func TestTheChecksAreThoseOfTheLoadBalancerInFront(t *testing.T) {
	for kind, c := range map[model.LoadBalancerType]struct{ says, not string }{
		model.ApplicationLoadBalancer: {"idle timeout", "sets no X-Forwarded-For"},
		model.NetworkLoadBalancer:     {"sets no X-Forwarded-For", "idle timeout"},
	} {
		s := Article(0, 80)
		for i := range s.LoadBalancers {
			s.LoadBalancers[i].Type = kind
		}
		p := planOf(t, s, articleOverride)
		text := ""
		for _, n := range p.Checks {
			text += n.Title + ". " + n.Detail + "\n"
		}
		if !strings.Contains(text, c.says) || strings.Contains(text, c.not) {
			t.Errorf("%s: the checks are\n%s", kind, text)
		}
	}
}

// A task that was not read is asked for by the shell, and an image without ss still
// tells what listens.
func TestTheCommandInATaskCanBeRunAsItIs(t *testing.T) {
	s := Article(0, 80)
	for i := range s.Services {
		s.Services[i].Tasks = nil
	}
	command := planOf(t, s, articleOverride).Checks[0].Command
	const stub = `aws() { if [ "$2" = list-tasks ]; then echo arn:task/7; else printf '%s|' "$@"; fi; }; `
	out, err := exec.CommandContext(t.Context(), "sh", "-c", stub+command).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "|--task|arn:task/7|") ||
		!strings.Contains(string(out), "|sh -c 'ss -ltn || netstat -ltn || cat /proc/net/tcp /proc/net/tcp6'|") {
		t.Errorf("%v: %s\nof %s", err, out, command)
	}
}
