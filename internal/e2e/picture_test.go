package e2e

import (
	"strings"
	"testing"

	"hopscope/aws/simulator"
	"hopscope/model/export"
	"hopscope/model/fix/planner"
	"hopscope/model/modeltest"
	"hopscope/model/report"
	"hopscope/model/rule"
)

// The page and the picture that the README shows are what hopscope export writes of the
// world "article".
func TestThePageAndThePictureInTheDocsAreWhatExportWrites(t *testing.T) {
	world, err := simulator.Load("article")
	if err != nil {
		t.Fatal(err)
	}
	s := *readAll(t, simulator.New(world, simulator.Options{}))
	s.CollectedAt = modeltest.Time
	a := rule.Analyze(&s)
	plans, err := planner.Plans(a)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"docs/article.html", "docs/article.svg"} {
		f, ok := export.OfFile(file)
		if !ok {
			t.Fatalf("%s has no format", file)
		}
		var b strings.Builder
		if err := f.Write(&b, &export.Document{Report: report.New(a, plans), Index: a.Index}); err != nil {
			t.Fatal(err)
		}
		fresh(t, file, b.String())
	}
}
