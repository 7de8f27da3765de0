package apply_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hopscope/model/fix"
	"hopscope/model/journal"
)

// A second plan closes the port that the first one made superfluous. To take the first
// one back alone would lead callers to a closed port.
func TestEntriesAreTakenBackInTheOrderThatTheyNeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		before := s.state()
		first := s.applied()
		i := slices.IndexFunc(first.Plan.Steps, func(s fix.Step) bool { return s.Later })
		shut := first.Plan.Steps[i]
		shut.Later = false
		s.planned(shut)
		second := s.applied()
		n := len(s.changes())
		e, err := s.applier.Rollback(t.Context(), first.ID, nil)
		says(t, err, second.ID, "roll that one back first")
		if e.State != journal.Applied {
			t.Errorf("the entry is %s", e.State)
		}
		s.untouched(n)
		if _, err := s.applier.Rollback(t.Context(), second.ID, nil); err != nil {
			t.Fatal(err)
		}
		s.takeBack(first.ID, before)
	})
}

// What counts is the order in which entries were carried out: a plan may be confirmed
// long after it was prepared.
func TestTheEntryThatWasCarriedOutLastIsTheNewest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		before := s.state()
		whole := *s.plan
		i := slices.IndexFunc(whole.Steps, func(s fix.Step) bool { return s.Later })
		shut := whole.Steps[i]
		shut.Later = false
		s.planned(shut)
		waiting := s.prepare()
		time.Sleep(time.Minute) // of the bubble's
		s.plan = &whole
		first := s.applied()
		last, err := s.applier.Apply(t.Context(), waiting, nil)
		if err != nil || !last.CreatedAt.Before(first.CreatedAt) {
			t.Fatalf("%+v, %v", last, err)
		}
		n := len(s.changes())
		_, err = s.applier.Rollback(t.Context(), first.ID, nil)
		says(t, err, last.ID, "roll that one back first")
		s.untouched(n)
		if _, err := s.applier.Rollback(t.Context(), last.ID, nil); err != nil {
			t.Fatal(err)
		}
		s.takeBack(first.ID, before)
	})
}

// A file that cannot be read may be a newer entry of the service. One of another
// service, or an older one, blocks nothing.
func TestAnEntryThatCannotBeReadMayBeTheNewest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		before := s.state()
		e := s.applied()
		damaged := func(id string) string {
			path := filepath.Join(s.store.Dir, id+".json")
			if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}
		chance := e.ID[strings.LastIndexByte(e.ID, '-'):]
		newer := damaged("29991231-235959-sample-ecs-app" + chance)
		damaged("19991231-235959-sample-ecs-app" + chance)
		damaged("29991231-235959-sample-ecs-app-two" + chance)
		damaged("notes")
		n := len(s.changes())
		e, err := s.applier.Rollback(t.Context(), e.ID, nil)
		says(t, err, "29991231-235959-sample-ecs-app"+chance+" seems to be a newer entry of "+
			"sample-cluster/sample-ecs-app, and cannot be read", "move the file away")
		if e.State != journal.Applied {
			t.Errorf("the entry is %s", e.State)
		}
		s.untouched(n)
		if err := os.Remove(newer); err != nil {
			t.Fatal(err)
		}
		s.takeBack(e.ID, before)
	})
}
