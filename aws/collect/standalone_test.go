package collect_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"hopscope/aws/awstest"
	"hopscope/aws/collect"
	"hopscope/aws/simulator"
	"hopscope/model"
)

// nightly is the world of the article with tasks that no service started: a report
// that runs now, and one that ran lately.
func nightly(t *testing.T) *simulator.World {
	t.Helper()
	w := awstest.Load(t, "article")
	w.TaskDefinitions = append(w.TaskDefinitions,
		simulator.TaskDefinition{Family: "report", Containers: []simulator.Container{{Name: "report"}}},
		simulator.TaskDefinition{Family: "cleanup", Containers: []simulator.Container{{Name: "cleanup"}}})
	w.StandaloneTasks = []simulator.StandaloneTask{
		{TaskDefinition: "report", Count: 2, StartedBy: "events-rule/nightly", SecurityGroups: []string{"client-service"}},
		{TaskDefinition: "cleanup", Group: "housekeeping", Stopped: true},
	}
	return w
}

// standalone is what is known of a cluster's standalone tasks.
func standalone(s *model.Snapshot, cluster string) (*model.StandaloneTasks, *model.Missing) {
	return model.NewIndex(s).StandaloneTasks(cluster)
}

func TestTasksThatNoServiceStartedAreRead(t *testing.T) {
	w := nightly(t)
	a, _ := open(t, w, collect.Options{Everything: true})
	s := read(t, a)
	if !s.Complete {
		t.Errorf("gaps: %v", s.Gaps)
	}
	all, missing := standalone(s, "sample-cluster")
	if missing != nil || all.Truncated {
		t.Fatalf("missing %v, %+v", missing, all)
	}
	var got []string
	for _, task := range all.Tasks {
		got = append(got, strings.Join([]string{
			task.Family(), task.Group, task.StartedBy, task.Status, task.LaunchType,
		}, " "))
		if len(task.Addresses) != 1 || !strings.HasPrefix(task.Subnet, "subnet-") ||
			!strings.HasPrefix(task.NetworkInterface, "eni-") || task.StoppedAt.IsZero() != (task.Status == "RUNNING") {
			t.Errorf("the task is %+v", task)
		}
	}
	slices.Sort(got)
	want := []string{
		"cleanup housekeeping  STOPPED FARGATE",
		"report family:report events-rule/nightly RUNNING FARGATE",
		"report family:report events-rule/nightly RUNNING FARGATE",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if s.Services[0].Tasks != nil {
		t.Errorf("the tasks of %s were read besides", s.Services[0].Name)
	}
	if calls := s.Stats.Calls; calls[model.ListTasks] != 2 || calls[model.DescribeTasks] != 2 {
		t.Errorf("the calls are %v", calls)
	}

	explorer, _ := open(t, w, collect.Options{})
	s = read(t, explorer)
	if all, missing = standalone(s, "sample-cluster"); missing != nil || len(all.Tasks) != 3 || !s.Complete {
		t.Errorf("the explorer: missing %v, tasks %v, gaps %v", missing, all, s.Gaps)
	}
}

// Of very many clusters the explorer asks that of what the user looks at, when it is looked at.
func TestTasksOfVeryManyClustersAreReadForWhatIsLookedAt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := nightly(t)
		for i := range 30 {
			w.Clusters = append(w.Clusters, simulator.Cluster{Name: fmt.Sprintf("batch-%02d", i)})
		}
		look := model.Ref{Cluster: "sample-cluster", Service: "client-service"}
		for name, calls := range map[string]int{"never": 0, "before": 2, "late": 2} {
			a, sim := open(t, w, collect.Options{})
			sim.SetFaults(simulator.Faults{LatencyMillis: 80})
			if name == "before" {
				a.LookAt(look)
			}
			s, err := a.Collect(t.Context(), func(s *model.Snapshot) {
				if name == "late" && len(s.SecurityGroups) > 0 {
					a.LookAt(look)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			all, missing := standalone(s, "sample-cluster")
			if got := s.Stats.Calls[model.ListTasks]; got != calls || (missing == nil) != (calls > 0) {
				t.Errorf("%s: %d calls, %v, missing %v", name, got, all, missing)
			}
			if _, missing = standalone(s, "batch-00"); missing == nil || missing.State != model.NotRead {
				t.Errorf("%s: batch-00: missing %v", name, missing)
			}
		}
	})
}

// With thirty, all are asked, that of what the user looks at first.
func TestTheClusterOfWhatIsLookedAtIsAskedForItsTasksFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := nightly(t)
		for i := range 29 {
			w.Clusters = append(w.Clusters, simulator.Cluster{Name: fmt.Sprintf("batch-%02d", i)})
		}
		a, sim := open(t, w, collect.Options{})
		sim.SetFaults(simulator.Faults{LatencyMillis: 80})
		a.LookAt(model.Ref{Cluster: "sample-cluster", Service: "client-service"})
		s := read(t, a)
		var asked []string
		for _, c := range sim.Calls() {
			if c.Action == string(model.ListTasks) {
				asked = append(asked, model.ARNName(c.Params["cluster"]))
			}
		}
		// Those that are on their way together may overtake each other.
		if at := slices.Index(asked, "sample-cluster"); len(asked) != 31 || at > 7 || !s.Complete {
			t.Errorf("%d. of %d calls, gaps %v", at+1, len(asked), s.Gaps)
		}
	})
}

// As many tasks as the services have are the services'.
func TestRunningTasksAreListedOnlyWhereServicesDoNotHaveThemAll(t *testing.T) {
	w := nightly(t)
	w.StandaloneTasks = nil
	a, _ := open(t, w, collect.Options{Everything: true})
	s := read(t, a)
	all, missing := standalone(s, "sample-cluster")
	if missing != nil || len(all.Tasks) != 0 {
		t.Errorf("missing %v, %+v", missing, all)
	}
	if calls := s.Stats.Calls; calls[model.ListTasks] != 1 || calls[model.DescribeTasks] != 0 {
		t.Errorf("the calls are %v", calls)
	}
}

func TestStandaloneTasksAreAmongThoseThatAreReadForInstances(t *testing.T) {
	w := hosts()
	w.StandaloneTasks = []simulator.StandaloneTask{{TaskDefinition: w.TaskDefinitions[2].Family}}
	a, _ := open(t, w, collect.Options{Everything: true})
	s := read(t, a)
	all, missing := standalone(s, w.Clusters[0].Name)
	if missing != nil || len(all.Tasks) != 1 {
		t.Errorf("missing %v, %+v", missing, all)
	}
	if got := s.Stats.Calls[model.ListTasks]; got != 1+len(w.Clusters) {
		t.Errorf("%d calls", got)
	}
}

func TestWhatIsLeftOutOfStandaloneTasksIsTold(t *testing.T) {
	for _, test := range []struct {
		running, stopped, kept int
		truncated              bool
	}{
		{running: 60, stopped: 40, kept: 100},
		{running: 101, kept: 100, truncated: true},
		{stopped: 101, kept: 100, truncated: true}, // 100 are looked at
	} {
		t.Run(fmt.Sprintf("%d running, %d stopped", test.running, test.stopped), func(t *testing.T) {
			w := nightly(t)
			w.StandaloneTasks = nil
			if test.running > 0 {
				w.StandaloneTasks = append(w.StandaloneTasks,
					simulator.StandaloneTask{TaskDefinition: "report", Count: test.running})
			}
			if test.stopped > 0 {
				w.StandaloneTasks = append(w.StandaloneTasks,
					simulator.StandaloneTask{TaskDefinition: "cleanup", Count: test.stopped, Stopped: true})
			}
			a, _ := open(t, w, collect.Options{Everything: true})
			all, missing := standalone(read(t, a), "sample-cluster")
			if missing != nil || len(all.Tasks) != test.kept || all.Truncated != test.truncated {
				t.Errorf("missing %v, %d tasks, truncated %t", missing, len(all.Tasks), all.Truncated)
			}
		})
	}
}

func TestStandaloneTasksThatCannotBeReadAreUnknown(t *testing.T) {
	for _, action := range []model.Action{model.ListTasks, model.DescribeTasks} {
		for kind, state := range map[simulator.FailureKind]model.GapState{
			simulator.AccessDenied: model.Denied, simulator.InternalError: model.Failed,
			simulator.Unsupported: model.Unsupported,
		} {
			withoutWaiting(t, fmt.Sprintf("%s/%s", action, kind), func(t *testing.T) {
				t.Helper()
				a, sim := open(t, nightly(t), collect.Options{Everything: true})
				sim.SetFaults(simulator.Faults{Fail: []simulator.Failure{{Action: string(action), With: kind}}})
				s := read(t, a)
				all, missing := standalone(s, "sample-cluster")
				if all != nil || missing == nil || missing.State != state || missing.Action != action {
					t.Errorf("got %+v, missing %+v", all, missing)
				}
				if s.Complete {
					t.Error("the snapshot says that it is complete")
				}
			})
		}
	}
}

// Without the cluster's counts nothing says that the services have all of its tasks.
func TestWithoutTheCountsOfAClusterItsRunningTasksAreListed(t *testing.T) {
	a, sim := open(t, nightly(t), collect.Options{Everything: true})
	sim.SetFaults(simulator.Faults{Fail: []simulator.Failure{
		{Action: string(model.DescribeClusters), With: simulator.AccessDenied},
	}})
	all, missing := standalone(read(t, a), "sample-cluster")
	if missing != nil || len(all.Tasks) != 3 {
		t.Errorf("missing %v, %+v", missing, all)
	}
}
