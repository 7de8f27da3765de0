package model_test

import (
	"path/filepath"
	"testing"

	"hopscope/model"
	"hopscope/model/rule"
)

// Files that earlier versions wrote stay in testdata/snapshots for ever, and each day's
// form of the file gets one: what a team saved has to open in years.
func TestFilesOfEarlierVersionsAreRead(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/snapshots/*")
	if err != nil || len(files) < 2 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		s, err := model.ReadFile(file)
		if err != nil {
			t.Error(err)
			continue
		}
		if a := rule.Analyze(s); len(a.Paths) < len(s.Services) || len(a.Findings) == 0 {
			t.Errorf("%s: %d paths of %d services, %d findings", file, len(a.Paths), len(s.Services), len(a.Findings))
		}
	}
}
