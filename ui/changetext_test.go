package ui_test

import (
	"testing"

	"hopscope/model/modeltest"
)

// A path that no plan changes is shown with what is observed of its targets: by
// configuration alone it is fine.
func TestWhatAPlanLeavesIsShownAsItIsObserved(t *testing.T) {
	test(t, func(t *testing.T) {
		p := fixing(t, nil, gives(modeltest.UnhealthyArticle()))
		p.Resize(160, 60).Press("f").See("Find out why targets of", "✗ now: broken").NotSee("now: ok")
		p.Press("esc", "w").Type("9").See("stays broken").NotSee("stays ok")
	})
}
