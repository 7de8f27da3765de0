package collect_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"hopscope/aws"
	"hopscope/aws/awstest"
	"hopscope/aws/collect"
	"hopscope/aws/simulator"
	"hopscope/internal/thorough"
	"hopscope/model"
	"hopscope/model/reach"
)

// silentWhenEmpty are the actions whose list nothing contradicts when it comes back empty,
// with the reason (docs/aws.md, Lists that lack something).
var silentWhenEmpty = map[model.Action]string{
	model.ListGatewayRoutes:    "nothing else tells of a service gateway",
	model.ListMetrics:          "an endpoint that nothing calls has no series",
	model.DescribeTargetHealth: "tasks that run and are registered nowhere are a fault of their own, HLT603",
}

// silentWhenShort are those whose members nothing else counts or names: of the others, a
// list that lacks members is a gap, or what it lacks changes nothing.
var silentWhenShort = map[model.Action]string{
	model.ListClusters:         "nothing else names the clusters of a region",
	model.GetPrefixListEntries: "a prefix list does not say how many entries it has",
	model.ListMetrics:          silentWhenEmpty[model.ListMetrics],
	model.DescribeTargetHealth: "nothing else names the targets of a group",
}

// node is an element of an answer in XML.
type node struct {
	XMLName xml.Name
	Members []node `xml:",any"`
	Text    string `xml:",chardata"`
}

// shorten leaves of the members of an answer those that keep names by their place in
// their list, and no further page. It tells whether it left any out.
func shorten(t *testing.T, body []byte, keep func(i int) bool) ([]byte, bool) {
	t.Helper()
	switch body[0] {
	case '{':
		return shortenJSON(t, body, keep)
	case '<':
		var answer node
		if err := xml.Unmarshal(body, &answer); err != nil {
			t.Fatal(err)
		}
		lists := &answer
		if len(answer.Members) > 0 && answer.Members[0].XMLName.Local+"Response" ==
			answer.XMLName.Local[:len(answer.XMLName.Local)-len("Response")]+"ResultResponse" {
			lists = &answer.Members[0] // of Elastic Load Balancing
		}
		changed := false
		for i := range lists.Members {
			changed = shortenList(&lists.Members[i], keep) || changed
		}
		out, err := xml.Marshal(answer)
		if err != nil {
			t.Fatal(err)
		}
		return out, changed
	}
	if keep(0) {
		return body, false
	}
	if bytes.Contains(body, []byte("MetricDataResults")) {
		return []byte("\xa1\x71MetricDataResults\x80"), true
	}
	return []byte("\xa1\x67Metrics\x80"), len(body) > len("\xa1\x67Metrics\x80")
}

func shortenJSON(t *testing.T, body []byte, keep func(i int) bool) ([]byte, bool) {
	t.Helper()
	var answer map[string]any
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatal(err)
	}
	changed := false
	for name, value := range answer {
		list, ok := value.([]any)
		if !ok || name == "failures" {
			continue
		}
		kept := []any{}
		for i, member := range list {
			if keep(i) {
				kept = append(kept, member)
			}
		}
		changed = changed || len(kept) < len(list)
		answer[name] = kept
	}
	out, err := json.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	return out, changed
}

// shortenList leaves out members of an element that holds elements: a list.
func shortenList(list *node, keep func(i int) bool) bool {
	before := list.Members
	list.Members = nil
	for i := range before {
		if keep(i) {
			list.Members = append(list.Members, before[i])
		}
	}
	return len(list.Members) < len(before)
}

// shortening shortens each answer to one action. The second result tells whether it left
// anything out.
func shortening(
	t *testing.T, world *simulator.World, action model.Action, keep func(i int) bool,
) (http.RoundTripper, *atomic.Bool) {
	t.Helper()
	changed := new(atomic.Bool) // calls are answered side by side
	return spoiling(t, world, action, func(t *testing.T, _ *http.Request, _ model.Action, reply *http.Response) {
		t.Helper()
		body, short := shorten(t, awstest.Body(t, reply.Body), keep)
		if short {
			changed.Store(true)
		}
		setBody(reply, "", string(body))
	}), changed
}

// A list that lacks members is a gap where another fact says that it does, and never
// makes a verdict finer.
func TestAListThatLacksMembersIsNoFact(t *testing.T) {
	tried := make(map[string]bool)
	worlds := answerWorlds(t)
	slices.Reverse(worlds) // shop first: it has most to leave out
	for _, w := range append(worlds, answerWorld{"plain article", awstest.Load(t, "article")}) {
		for i := range w.world.PrefixLists {
			w.world.PrefixLists[i].Owner = "AWS" // an account's may be empty
		}
		options := collect.Options{Everything: true}
		if w.name == "gateways" {
			options.Clusters = []string{"fleet"} // and others: ListServicesByNamespace
		}
		whole := read(t, openBehind(t, simulator.New(w.world, simulator.Options{}), options))
		if !whole.Complete {
			t.Fatalf("%s: gaps %v", w.name, whole.Gaps)
		}
		before := verdicts(whole)
		for _, action := range slices.Sorted(maps.Keys(whole.Stats.Calls)) {
			if tried["empty"+string(action)] && !thorough.On() && !strings.HasSuffix(w.name, "article") {
				continue
			}
			for kind, keep := range map[string]func(i int) bool{
				"empty": func(int) bool { return false },
				"half":  func(i int) bool { return i%2 == 0 },
			} {
				t.Run(fmt.Sprintf("%s/%s/%s", w.name, kind, action), func(t *testing.T) {
					transport, changed := shortening(t, w.world, action, keep)
					s, err := openBehind(t, transport, options).Collect(t.Context(), nil)
					if !changed.Load() {
						return
					}
					tried[kind+string(action)] = true
					silent := silentWhenEmpty
					if kind == "half" {
						silent = silentWhenShort
					}
					if err != nil {
						awstest.CheckCannotCheck(t, err)
						return
					}
					checkLacking(t, s, action, kind, silent[action], before, sync.OnceValue(func() map[string]reach.Verdict {
						return without(t, w.world, options, action)
					}))
				})
			}
		}
	}
	for action := range aws.Reads() {
		isList := action != model.DescribeTaskDefinition && action != model.GetMetricData
		if isList && !tried["empty"+string(action)] {
			t.Errorf("no world empties the list of %s", action)
		}
	}
}

// A prefix list of an account may be empty, and is no contradiction.
func TestAnEmptyPrefixListOfAnAccountIsAnAnswer(t *testing.T) {
	w := withPrefixList(t)
	w.PrefixLists[0].Entries = nil
	s := read(t, openBehind(t, simulator.New(w, simulator.Options{}), collect.Options{}))
	if !s.Complete || len(s.PrefixLists) != 1 || s.PrefixLists[0].Entries == nil {
		t.Errorf("gaps %v, lists %v", s.Gaps, s.PrefixLists)
	}
}

func checkLacking(
	t *testing.T, s *model.Snapshot, action model.Action, kind, silent string,
	before map[string]reach.Verdict, refused func() map[string]reach.Verdict,
) {
	t.Helper()
	said := slices.ContainsFunc(s.Gaps, func(g model.Gap) bool { return g.Action == action && g.Message != "" })
	if kind == "empty" && said == (silent != "") {
		t.Errorf("gaps %v; nothing to contradict it: %q", s.Gaps, silent)
	}
	for key, now := range verdicts(s) {
		if now == reach.Unknown || now == before[key] {
			continue
		}
		want, known := refused()[key]
		switch {
		case known && now == want:
		case now.Rank() < before[key].Rank():
			t.Errorf("%s is %s; it was %s: finer, gaps %v", key, now, before[key], s.Gaps)
		case silent == "" && !said:
			t.Errorf("%s is %s; it was %s, gaps %v", key, now, before[key], s.Gaps)
		}
	}
}
