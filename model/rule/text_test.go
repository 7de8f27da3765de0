package rule

import (
	"reflect"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"hopscope/model/modeltest"
	"hopscope/model/reach"
)

// said is what findings say.
func said(findings []*Finding) []Text {
	out := make([]Text, len(findings))
	for i := range findings {
		out[i] = findings[i].Text()
	}
	return out
}

// A finding holds facts that do not change when others judge the same paths, and never
// the case, which is used again: what it says does not depend on when it is read.
func TestAFindingSaysTheSameBeforeAndAfterOtherRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := derived(modeltest.Draw(t))
		pointers := a.Paths
		for i := range a.Snapshot.Services {
			var c Case
			c.take(a, pointers, i)
			var r result
			var before []Text
			for j := range a.catalogue {
				r.run(&a.catalogue[j], &c)
				before = append(before, said(r.findings[len(before):])...)
			}
			spoil(&c)
			for range 2 {
				for j, after := range said(r.findings) {
					if !reflect.DeepEqual(after, before[j]) {
						t.Errorf("%s says\n%+v\nand said\n%+v", r.findings[j].Key(), after, before[j])
					}
				}
			}
		}
	})
}

// spoil changes what the next rule changes, as much as can be: a text that reads any of
// it differs, or panics.
func spoil(c *Case) {
	for _, p := range c.Siblings {
		p.Verdict, p.Findings, p.Missing = "", nil, nil
	}
	clear(c.Unsure)
	clear(c.lacking)
	*c = Case{Paths: []*reach.Path{nil}, Siblings: []*reach.Path{nil}}
}

// The screen, a report and a plan may read the findings of one analysis at once.
func TestFindingsAreReadBySeveralGoroutines(t *testing.T) {
	t.Parallel()
	fleet := Analyze(modeltest.Fleet(1, 200))
	article := Analyze(modeltest.Article(0, 80))
	findings := slices.Concat(fleet.Findings, article.Findings)
	if len(findings) < 200 {
		t.Fatalf("%d findings: too few to read", len(findings))
	}
	want := said(findings)
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			if !reflect.DeepEqual(said(findings), want) {
				t.Error("a goroutine read other texts")
			}
		})
	}
	readers.Wait()
}
