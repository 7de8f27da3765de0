package collect_test

import (
	"slices"
	"strings"
	"testing"

	"hopscope/aws/awstest"
	"hopscope/aws/collect"
	"hopscope/aws/simulator"
	"hopscope/model"
)

// The environment says which endpoints it names, whether its definition was read now or
// is in the cache; its text is kept nowhere.
func TestEndpointsThatAnEnvironmentNamesAreKeptAndItsTextIsNot(t *testing.T) {
	for name, tt := range map[string]struct {
		variable, value string
		want            []string
	}{
		"the alias with its port": {
			"API", "http://canary:canary@APP.sample-namespace:80/canary", []string{"app.sample-namespace:80"},
		},
		"the alias":    {"API_HOST", "app.sample-namespace", []string{"app.sample-namespace:80"}},
		"another port": {"API", "http://app.sample-namespace:8080/canary", nil},
		"another name": {"API", "http://canary.sample-namespace/", nil},
	} {
		t.Run(name, func(t *testing.T) {
			w, dir := awstest.Load(t, "article"), t.TempDir()
			at := slices.IndexFunc(w.TaskDefinitions,
				func(d simulator.TaskDefinition) bool { return d.Family == "client-service" })
			w.TaskDefinitions[at].Containers[0].Environment = map[string]string{tt.variable: tt.value}
			var salted []string
			for _, calls := range []int{2, 0} {
				a, _ := open(t, w, collect.Options{TaskDefinitionCache: dir})
				s := read(t, a)
				if got := s.Stats.Calls[model.DescribeTaskDefinition]; got != calls {
					t.Fatalf("%d calls, want %d", got, calls)
				}
				for _, d := range s.TaskDefinitions {
					if want := tt.want; d.Family == "client-service" && !slices.Equal(d.NamedEndpoints, want) ||
						d.Family != "client-service" && d.NamedEndpoints != nil {
						t.Errorf("after %d calls %s names %v, want %v of client-service", calls, d.Family, d.NamedEndpoints, want)
					}
				}
				if strings.Contains(strings.ToLower(marshal(t, s)), "canary") {
					t.Error("the snapshot holds the text")
				}
				salted = readAll(t, dir)
				for _, text := range []string{"canary", "app.sample-namespace"} {
					if strings.Contains(strings.ToLower(salted[0]), text) {
						t.Errorf("the cache holds %s: %s", text, salted[0])
					}
				}
			}
			other := t.TempDir()
			a, _ := open(t, w, collect.Options{TaskDefinitionCache: other})
			read(t, a)
			if again := readAll(t, other); again[0] == salted[0] {
				t.Error("two caches keep the same hashes: they have no salt")
			}
		})
	}
}
