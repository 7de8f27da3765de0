package apply_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"hopscope/aws"
	"hopscope/aws/apply"
	"hopscope/aws/awstest"
	"hopscope/aws/simulator"
	"hopscope/model/fix"
	"hopscope/model/fix/planner"
	"hopscope/model/journal"
	"hopscope/model/rule"
)

// Over a socket, a connection that breaks after the request must not make a program,
// the HTTP client included, send it again.
func TestOverASocketALostReplyIsNotSentAgainEither(t *testing.T) {
	awstest.Environment(t, awstest.FakeKeys())
	s := &workshop{T: t, store: journal.Store{Dir: t.TempDir()}}
	s.sim = simulator.New(awstest.Load(t, "article"), simulator.Options{RolloutTime: 50 * time.Millisecond})
	server := httptest.NewServer(s.sim)
	defer server.Close()
	source := openBehind(t, nil, aws.Options{EndpointURL: server.URL, Region: "ap-northeast-1"})
	snapshot := read(t, source)
	plans, err := planner.Plans(rule.Analyze(snapshot))
	if err != nil || plans[0].Kind != fix.SetOverride {
		t.Fatalf("%+v, %v", plans, err)
	}
	before := s.state()
	quick := apply.Options{Poll: 20 * time.Millisecond, MaxPoll: 20 * time.Millisecond, Recheck: 20 * time.Millisecond}
	applier := apply.New(source, s.store, quick)
	prepared, err := applier.Prepare(t.Context(), &plans[0])
	if err != nil {
		t.Fatal(err)
	}
	if prepared.Endpoint != server.URL || prepared.Origin != server.URL {
		t.Errorf("the entry is for %q, %q", prepared.Endpoint, prepared.Origin)
	}
	s.sim.SetFaults(simulator.Faults{Fail: []simulator.Failure{{Action: "ecs:UpdateService", With: simulator.Lost}}})
	e, err := applier.Apply(t.Context(), prepared, nil)
	if err != nil || e.State != journal.Applied {
		t.Fatalf("%+v, %v", e, err)
	}
	if n := awstest.Count(s.sim, "ecs:UpdateService"); n != 1 {
		t.Errorf("UpdateService was sent %d times", n)
	}
	if e, err = applier.Rollback(t.Context(), e.ID, nil); err != nil || e.State != journal.RolledBack {
		t.Fatalf("%+v, %v", e, err)
	}
	s.same(before, s.state())
	if n := awstest.Count(s.sim, "ecs:UpdateService"); n != 2 {
		t.Errorf("UpdateService was sent %d times", n)
	}
}
