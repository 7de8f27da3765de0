package rule

import (
	"testing"

	"hopscope/model/modeltest"
)

// A finding that says the same in other words is the same finding.
func TestRenamingATitleChangesNoKey(t *testing.T) {
	t.Parallel()
	a := Analyze(modeltest.Fleet(1, 50))
	if len(a.Findings) == 0 {
		t.Fatal("nothing was found")
	}
	for _, f := range a.Findings {
		key := f.Key()
		f.text, f.Severity, f.Confidence = func(*Finding) Text { return Text{Title: "another title"} }, Info, Low
		if f.Key() != key {
			t.Errorf("%q became %q", key, f.Key())
		}
	}
}
