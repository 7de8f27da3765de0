package journal

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
)

func TestATemporaryJournalEndsWithItsProgram(t *testing.T) {
	parent := t.TempDir()
	store, remove, err := Temporary(parent)
	if err != nil {
		t.Fatal(err)
	}
	if err := remove(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(store.Dir); !os.IsNotExist(err) {
		t.Errorf("%s is left: %v", store.Dir, err)
	}
}

// A journal whose program was killed goes when another one begins; those in use, and
// what only looks like one, stay.
func TestTemporaryJournalsThatWereLeftAreSwept(t *testing.T) {
	parent := t.TempDir()
	inUse, remove, err := Temporary(parent)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = remove() })
	dir := func(name string, files ...string) string {
		t.Helper()
		path := filepath.Join(parent, name)
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if err := os.WriteFile(filepath.Join(path, f), []byte("x"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return path
	}
	left := dir(temporaryName+"1", heldName, "20261128T180000Z-1.json")
	making := dir(temporaryName + "2")
	other := dir("other", heldName)
	linked := filepath.Join(parent, temporaryName+"3")
	if err := os.Symlink(other, linked); err != nil {
		t.Fatal(err)
	}
	trap := dir(temporaryName + "4")
	if err := os.Symlink(filepath.Join(other, heldName), filepath.Join(trap, heldName)); err != nil {
		t.Fatal(err)
	}
	_, removeNext, err := Temporary(parent)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = removeNext() })
	if _, err := os.Lstat(left); !os.IsNotExist(err) {
		t.Errorf("%s is left: %v", left, err)
	}
	for _, path := range []string{inUse.Dir, making, other, linked, trap} {
		if _, err := os.Lstat(path); err != nil {
			t.Errorf("%s is gone: %v", path, err)
		}
	}
}

// A program that sweeps at the moment in which another one makes its journal may take it
// for one that was left: the other one makes another.
func TestAJournalIsThereAlsoWhereOthersSweepAtThatMoment(t *testing.T) {
	parent := t.TempDir()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 60 {
				store, remove, err := Temporary(parent)
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := os.Lstat(filepath.Join(store.Dir, heldName)); err != nil {
					t.Error(err)
				}
				if err := remove(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}
