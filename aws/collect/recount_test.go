package collect_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"sync/atomic"
	"testing"

	"hopscope/aws/awstest"
	"hopscope/aws/collect"
	"hopscope/aws/simulator"
	"hopscope/model"
)

// scaledIn counts more of something in the first answers to an action than there is: it
// goes before the list is read.
func scaledIn(
	t *testing.T, world *simulator.World, action model.Action, member string, answers int64,
) http.RoundTripper {
	t.Helper()
	counts := regexp.MustCompile(`"` + member + `":(\d+)`)
	var n atomic.Int64
	return spoiling(t, world, action, func(t *testing.T, _ *http.Request, _ model.Action, reply *http.Response) {
		t.Helper()
		body := awstest.Body(t, reply.Body)
		if n.Add(1) <= answers {
			body = counts.ReplaceAllFunc(body, func(count []byte) []byte {
				was, err := strconv.Atoi(string(counts.FindSubmatch(count)[1]))
				if err != nil {
					t.Error(err)
				}
				return fmt.Appendf(nil, `"%s":%d`, member, was+1)
			})
		}
		setBody(reply, "", string(body))
	})
}

// A count that is read before something goes, and a list that is read after it, are no
// contradiction: the count is read once more.
func TestWhatGoesBetweenACountAndAListIsNoGap(t *testing.T) {
	for _, test := range []struct {
		member string
		action model.Action
		calls  int64 // that answer what was there before, in the reading of this world
		world  *simulator.World
		asks   model.Action
	}{
		{"runningCount", model.DescribeServices, 2, hosts(), model.ListTasks},
		{"runningTasksCount", model.DescribeClusters, 1, nightly(t), model.ListTasks},
		{"activeServicesCount", model.DescribeClusters, 1, three(), model.ListServices},
		{"registeredContainerInstancesCount", model.DescribeClusters, 1, hosts(), model.ListContainerInstances},
	} {
		t.Run(test.member, func(t *testing.T) {
			options := collect.Options{Everything: true}
			before := read(t, openBehind(t, simulator.New(test.world, simulator.Options{}), options))
			if n := before.Stats.Calls[test.action]; !before.Complete || int64(n) != test.calls {
				t.Fatalf("%d calls, gaps %v", n, before.Gaps)
			}
			once := scaledIn(t, test.world, test.action, test.member, test.calls)
			s := read(t, openBehind(t, once, options))
			if !s.Complete || int64(s.Stats.Calls[test.action]) <= test.calls {
				t.Errorf("%d calls, gaps %v", s.Stats.Calls[test.action], s.Gaps)
			}
			always := scaledIn(t, test.world, test.action, test.member, 1000)
			s = read(t, openBehind(t, always, options))
			for _, g := range s.Gaps {
				if g.Action != test.asks || g.Error != collect.Filtered {
					t.Errorf("gap %+v", g)
				}
			}
			if s.Complete {
				t.Error("a list that lacks what is counted twice is complete")
			}
		})
	}
}
