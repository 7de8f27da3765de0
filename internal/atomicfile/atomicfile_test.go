package atomicfile_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"hopscope/internal/atomicfile"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

func TestAFileIsWrittenWholeOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	if err := atomicfile.Create(path, text("old")); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	half := func(w io.Writer) error { return errors.Join(text("ha")(w), broken) }
	if err := atomicfile.Replace(path, half); !errors.Is(err, broken) {
		t.Errorf("the error is %v", err)
	}
	if err := atomicfile.Create(filepath.Join(dir, "new"), half); !errors.Is(err, broken) {
		t.Errorf("the error is %v", err)
	}
	if err := atomicfile.Create(path, text("other")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("the error is %v", err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "old" {
		t.Errorf("the file holds %q: %v", got, err)
	}
	if all, err := os.ReadDir(dir); err != nil || len(all) != 1 {
		t.Errorf("the directory holds %v: %v", all, err)
	}
	if err := atomicfile.Replace(path, text("new")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "new" || info.Mode().Perm() != 0o600 {
		t.Errorf("the file holds %q with mode %v: %v", got, info.Mode(), err)
	}
}

func TestLinksAreFollowedAndDirectoriesKept(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	if err := atomicfile.Replace(file, text("old")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(file, link); err != nil {
		t.Skip("no symbolic links here")
	}
	if err := atomicfile.Replace(link, text("new")); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != "new" {
		t.Errorf("the file holds %q: %v", got, err)
	}
	if err := atomicfile.Replace(dir, text("")); !errors.Is(err, atomicfile.ErrNotRegular) {
		t.Errorf("the error is %v", err)
	}
}
