package e2e

import (
	"bytes"
	"image"
	"testing"

	"hopscope/aws/simulator"
	"hopscope/ui"
)

func TestTheScreenshotInTheREADMEIsWhatTheDemoShows(t *testing.T) {
	world, err := simulator.Load("article")
	if err != nil {
		t.Fatal(err)
	}
	snapshot := readAll(t, simulator.New(world, simulator.Options{}))
	var b bytes.Buffer
	if err := ui.WriteSVG(&b, ui.Options{Kind: ui.Simulated, Origin: "article"}, snapshot, image.Pt(112, 27)); err != nil {
		t.Fatal(err)
	}
	fresh(t, "docs/screen.svg", b.String())
}
