package e2e

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hopscope/aws/simulator"
	"hopscope/model"
	"hopscope/model/modeltest"
	"hopscope/model/rule"
)

// sayings are all that a report says of a snapshot, but for names, ids and addresses.
func sayings(s *model.Snapshot) []string {
	a := rule.Analyze(s)
	var out []string
	for _, p := range a.Paths {
		said := fmt.Sprint("path ", p.Source.Kind, p.Source.ListenerPort, p.Target.ContainerPort, p.Target.WirePort, p.Via,
			p.Access, p.Observed(), p.Findings, p.Source.Services.Len(), len(p.Missing))
		for _, h := range p.Hops() {
			said += fmt.Sprint(" ", h.FromNode, h.ToNode, h.Port, h.Protocol, h.Access, len(h.Checks), len(h.Admitted))
		}
		out = append(out, said)
	}
	for _, f := range a.Findings {
		out = append(out, fmt.Sprint("finding ", f.Code, f.Severity, f.Confidence, len(f.Paths), f.CausedBy != nil))
	}
	for _, n := range a.NotChecked() {
		out = append(out, fmt.Sprint("not checked ", n.Code, n.Needs))
	}
	for _, g := range s.Gaps {
		out = append(out, fmt.Sprint("gap ", g.Action, g.State))
	}
	slices.Sort(out)
	return out
}

// accounts are the snapshots of all worlds, and those of every way to a service.
func accounts(t *testing.T) []modeltest.Named {
	t.Helper()
	out := modeltest.Ways()
	for _, name := range append(simulator.Worlds(), simulator.FleetName(60)) {
		w, err := simulator.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, modeltest.Named{Name: name, Snapshot: readAll(t, simulator.New(w, simulator.Options{}))})
	}
	return out
}

var (
	ids     = regexp.MustCompile(`\b(?:sg|vpc|subnet|eni|acl)-[0-9a-f]{8,}\b`)
	private = regexp.MustCompile(`\b10\.[0-9]+\.[0-9]+\.[0-9]+(?:/[0-9]+)?`)
)

// fileOf is the file of a snapshot.
func fileOf(t *testing.T, s *model.Snapshot) string {
	t.Helper()
	var file bytes.Buffer
	if err := model.Encode(&file, s, "test"); err != nil {
		t.Fatal(err)
	}
	return file.String()
}

// A file that was redacted is judged like the account, and names nothing of it.
func TestARedactedSnapshotIsJudgedLikeTheAccount(t *testing.T) {
	t.Parallel()
	for _, account := range accounts(t) {
		for _, names := range []bool{false, true} {
			t.Run(fmt.Sprint(account.Name, ", names ", names), func(t *testing.T) {
				other, err := model.Redaction{Names: names, Key: []byte("key")}.Apply(account.Snapshot)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(sayings(account.Snapshot), sayings(other)); diff != "" {
					t.Errorf("it is judged otherwise (-account +file):\n%s", diff)
				}
				file := fileOf(t, other)
				if _, err := model.Decode(strings.NewReader(file)); err != nil {
					t.Errorf("the file cannot be read: %v", err)
				}
				left := func(s string) bool { return strings.Contains(file, `"`+s+`"`) }
				was := fileOf(t, account.Snapshot)
				for _, id := range slices.Compact(slices.Sorted(slices.Values(ids.FindAllString(was, -1)))) {
					if strings.Contains(file, id) {
						t.Errorf("%s is still there", id)
					}
				}
				if id := account.Snapshot.Scope.Account; id != "" && strings.Contains(file, id) {
					t.Errorf("the account %s is still there", id)
				}
				if !names {
					return
				}
				for i := range account.Snapshot.Services {
					s := &account.Snapshot.Services[i]
					if left(s.Name) && s.Name != "app" || strings.Contains(file, "/"+s.Name+`"`) && s.Name != "app" {
						t.Errorf("the service %s is still named", s.Name)
					}
				}
			})
		}
	}
}

func TestRedactionReplacesAddresses(t *testing.T) {
	t.Parallel()
	w, err := simulator.Load("shop")
	if err != nil {
		t.Fatal(err)
	}
	s := readAll(t, simulator.New(w, simulator.Options{}))
	files := map[string]bool{}
	for _, key := range []string{"a", "b", "c"} {
		other, err := model.Redaction{Key: []byte(key)}.Apply(s)
		if err != nil {
			t.Fatal(err)
		}
		found := private.FindAllString(fileOf(t, other), -1)
		files[strings.Join(found, " ")] = true
		if len(found) != len(private.FindAllString(fileOf(t, s), -1)) {
			t.Errorf("%d private addresses are not as many as those of the account", len(found))
		}
	}
	if files[strings.Join(private.FindAllString(fileOf(t, s), -1), " ")] || len(files) != 3 {
		t.Error("the addresses do not depend on the key, or are the account's")
	}
}
