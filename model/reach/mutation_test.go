//go:build mutation

package reach_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
)

// Each branch of the decisions, broken on purpose: a mutant is one small change
// of the code (mutants_test.go), and a test of this package or of model/rule has
// to fail for it.
//
// All mutants are compiled together: each function that has some is there once
// for each of them, and a variable of the environment chooses which one runs
// (schemata_test.go). go build's overlay puts that file in place of the real one,
// so that nothing is written here. Compiled one by one they would take an hour.
//
//	go test -tags mutation -run Mutant ./model/reach

// judges are the packages whose tests are asked, in this order.
var judges = [...]string{"reach", "rule"}

// span is a part of a file, in bytes.
type span struct{ from, to int }

func (s span) overlaps(o span) bool { return s.from < o.to && o.from < s.to }

// source is a file with its syntax.
type source struct {
	name string
	text string
	fset *token.FileSet
	file *ast.File
}

func readSource(t *testing.T, name string) *source {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	s := &source{name: name, text: string(text), fset: token.NewFileSet()}
	if s.file, err = parser.ParseFile(s.fset, name, text, 0); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *source) span(n ast.Node) span {
	return span{s.fset.Position(n.Pos()).Offset, s.fset.Position(n.End()).Offset}
}

// function finds the only function or method of a name; all of the file for "".
func (s *source) function(t *testing.T, name string) span {
	t.Helper()
	if name == "" {
		return span{0, len(s.text)}
	}
	var found []span
	for _, d := range s.file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == name {
			found = append(found, s.span(f))
		}
	}
	if len(found) != 1 {
		t.Fatalf("%s has %d functions %s, want one: correct the table", s.name, len(found), name)
	}
	return found[0]
}

// place is where a change applies. The old text has to be there exactly once.
func (s *source) place(t *testing.T, function string, c change) span {
	t.Helper()
	within := s.function(t, function)
	body := s.text[within.from:within.to]
	if n := strings.Count(body, c.old); n != 1 {
		t.Fatalf("%s, %s: %q is there %d times, want once: correct the table", s.name, function, c.old, n)
	}
	from := within.from + strings.Index(body, c.old)
	return span{from, from + len(c.old)}
}

func TestEveryMutantIsKilled(t *testing.T) {
	sources := map[string]*source{}
	for _, of := range mutants {
		if sources[of.file] == nil {
			sources[of.file] = readSource(t, of.file)
		}
	}
	together, alone := numbered(t, sources)
	all := compile(t, schemata(t, sources, together))
	if by := all.judge(t, 0); by != "" {
		t.Fatalf("without any change a test fails, and could judge nothing: %s", by)
	}
	killed := atomic.Int64{}
	t.Run("mutant", func(t *testing.T) {
		for _, m := range together {
			t.Run(m.String(), func(t *testing.T) {
				t.Parallel()
				m.report(t, all.judge(t, m.number), &killed)
			})
		}
		for _, m := range alone {
			t.Run(m.String(), func(t *testing.T) {
				m.report(t, compile(t, overlayOf(t, map[string]string{m.source.name: m.text()})).judge(t, 0), &killed)
			})
		}
	})
	t.Logf("%d of %d mutants killed", killed.Load(), len(together)+len(alone))
}

func (m *mutant) report(t *testing.T, by string, killed *atomic.Int64) {
	t.Helper()
	if by == "" {
		t.Errorf("survived: no test fails when %s says %q instead of %q", m.function, m.new, m.old)
		return
	}
	killed.Add(1)
	t.Log("killed by", by)
}

// binaries are the compiled tests of the judges.
type binaries [len(judges)]string

// compile compiles the tests of the judges with an overlay. What does not compile
// proves nothing, and fails the test here.
func compile(t *testing.T, overlay string) *binaries {
	t.Helper()
	var out binaries
	dir := t.TempDir()
	for i, judge := range judges {
		out[i] = filepath.Join(dir, judge+".test")
		build := exec.CommandContext(t.Context(), "go", "test", "-c", "-vet=off", "-overlay", overlay, "-o", out[i], ".")
		build.Dir = filepath.Join("..", judge)
		if text, err := build.CombinedOutput(); err != nil {
			t.Fatalf("a mutant does not compile, correct the table: %v\n%s", err, text)
		}
	}
	return &out
}

// judge runs the tests with a mutant and names the first that fails, "" if none
// does.
func (b *binaries) judge(t *testing.T, number int) string {
	t.Helper()
	for i, judge := range judges {
		dir := filepath.Join("..", judge)
		args := []string{"-test.short", "-test.failfast", "-test.timeout=2m"}
		if usesRapid(t, dir) {
			// The same draws in every run, and nothing written into testdata.
			args = append(args, "-rapid.seed=1", "-rapid.nofailfile")
		}
		run := exec.CommandContext(t.Context(), b[i], args...)
		run.Dir = dir
		run.Env = append(os.Environ(), fmt.Sprintf("%s=%d", mutantVariable, number))
		if out, err := run.CombinedOutput(); err != nil {
			return judge + ": " + firstFailure(string(out))
		}
	}
	return ""
}

func usesRapid(t *testing.T, dir string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), `"pgregory.net/rapid"`) {
			return true
		}
	}
	return false
}

// failed finds the test or panic that ended a run; the innermost test says most.
var failed = regexp.MustCompile(`(?m)^(?: *--- FAIL: \S+|panic: .*)`)

func firstFailure(out string) string {
	all := failed.FindAllString(out, 2)
	if len(all) == 0 {
		return out
	}
	return strings.TrimSpace(all[len(all)-1])
}

// TestEveryBranchHasAMutant keeps the table complete: each condition of the
// interception's code, and of every other function that the table names, is
// touched by a mutant.
func TestEveryBranchHasAMutant(t *testing.T) {
	touched := map[string][]span{}
	named := map[string]map[string]bool{}
	sources := map[string]*source{}
	for _, of := range mutants {
		src := sources[of.file]
		if src == nil {
			src = readSource(t, of.file)
			sources[of.file], named[of.file] = src, map[string]bool{}
		}
		named[of.file][of.function] = true
		for _, c := range of.changes {
			touched[of.file] = append(touched[of.file], src.place(t, of.function, c))
		}
	}
	if sources[interceptionFile] == nil {
		t.Fatalf("the table has nothing about %s", interceptionFile)
	}
	for file, src := range sources {
		for _, d := range src.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || !named[file][f.Name.Name] && file != interceptionFile {
				continue
			}
			for _, b := range src.branches(f) {
				if !b.touchedBy(touched[file]) {
					t.Errorf("%s:%d, %s: no mutant breaks %q", file, 1+strings.Count(src.text[:b.from], "\n"), f.Name.Name,
						src.text[b.from:b.to])
				}
			}
		}
	}
}

const interceptionFile = "interception.go"

func (s span) touchedBy(changes []span) bool {
	for _, c := range changes {
		if s.overlaps(c) {
			return true
		}
	}
	return false
}

// branches are the conditions of a function: each operand of the && and || of an
// if, and each expression of a case. A case that does nothing is none.
func (s *source) branches(f *ast.FuncDecl) []span {
	var out []span
	operands := func(e ast.Expr) {
		for _, o := range conditions(e) {
			out = append(out, s.span(o))
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IfStmt:
			operands(n.Cond)
		case *ast.CaseClause:
			if len(n.Body) == 0 && len(n.List) > 0 && isName(n.List[0]) {
				return true // named for completeness, as in "case Allowed:"
			}
			for _, e := range n.List {
				operands(e)
			}
		}
		return true
	})
	return out
}

func isName(e ast.Expr) bool {
	_, ok := e.(*ast.Ident)
	return ok
}

func conditions(e ast.Expr) []ast.Expr {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return conditions(e.X)
	case *ast.BinaryExpr:
		if e.Op == token.LAND || e.Op == token.LOR {
			return append(conditions(e.X), conditions(e.Y)...)
		}
	}
	return []ast.Expr{e}
}
