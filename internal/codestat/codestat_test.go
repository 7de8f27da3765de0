package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The figures of two files that were counted by hand.
func TestFiguresAgreeWithACountByHand(t *testing.T) {
	dir := t.TempDir()
	shared := "\tx += 1\n\tx += 2\n\n\tx += 3\n\tx += 4\n\tx += 5\n\ty += x\n\tx += y\n"
	write(t, dir, "go.mod", "module example\n")
	write(t, dir, "a/a.go", "package a\n\nimport \"example/b\"\n\n// A is one.\ntype A struct{}\n\n"+
		"func (a *A) Of(x, y int) int {\n"+shared+"\treturn b.B(x) + y\n}\n")
	write(t, dir, "b/b.go", "// Package b asks who"+"ever reads.\npackage b\n\n"+
		"func B(x int) int {\n\tif x > 0 && x < 9 {\n\t\treturn 1\n\t}\n\ty := 0\n"+shared+"\treturn y\n}\n")
	write(t, dir, "b/b_test.go", "package b\n")
	var out bytes.Buffer
	if err := run(&out, []string{"Now=" + dir}); err != nil {
		t.Fatal(err)
	}
	for _, row := range []string{
		"| figure | Now |",
		"| lines of code without tests | 36 |",
		"| lines of tests | 1 |",
		"| packages | 2 |",
		"| function length: median / p95 / max | 15 / 15 / 15 |",
		"| cyclomatic complexity: max | 3 |",
		"| methods on the five largest types | a.A 1 |",
		"| exported names with a comment, % | 33.3 |",
		"| functions named by a function word, % | 50.0 |",
		"| duplicate pairs | 1 |",
		"| indefinite subjects: code / tests | 1 / 0 |",
		"| a | 1 | 18 | 0 | 1 |",
		"| b | 1 | 18 | 1 | 0 |",
	} {
		if !strings.Contains(out.String(), row+"\n") {
			t.Errorf("no row %q in\n%s", row, out.String())
		}
	}
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	name = filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
