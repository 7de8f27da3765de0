package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// A checkout is the parsed Go code of one directory. Files under testdata and in directories that begin with a dot or
// an underscore are no part of it.
type checkout struct {
	title  string
	module string
	fset   *token.FileSet
	files  []*file
}

// A file is one Go file, whatever its build constraints say.
type file struct {
	dir   string // relative to the module, with slashes; "." is the root
	test  bool
	lines []string
	ast   *ast.File
}

var moduleLine = regexp.MustCompile(`(?m)^module\s+(\S+)`)

func read(dir string) (*checkout, error) {
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return nil, err
	}
	c := &checkout{fset: token.NewFileSet()}
	if m := moduleLine.FindSubmatch(mod); m != nil {
		c.module = string(m[1])
	}
	err = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != dir && leftOut(d.Name()):
			return filepath.SkipDir
		case d.IsDir() || filepath.Ext(name) != ".go":
			return nil
		}
		return c.add(dir, name)
	})
	return c, err
}

func leftOut(dir string) bool {
	return dir == "testdata" || strings.HasPrefix(dir, ".") || strings.HasPrefix(dir, "_")
}

func (c *checkout) add(dir, name string) error {
	source, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	parsed, err := parser.ParseFile(c.fset, name, source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	relative, err := filepath.Rel(dir, name)
	if err != nil {
		return err
	}
	c.files = append(c.files, &file{
		dir:   path.Dir(filepath.ToSlash(relative)),
		test:  strings.HasSuffix(name, "_test.go"),
		lines: strings.Split(strings.TrimSuffix(string(source), "\n"), "\n"),
		ast:   parsed,
	})
	return nil
}

// code are the files that are not tests.
func (c *checkout) code() []*file {
	var code []*file
	for _, f := range c.files {
		if !f.test {
			code = append(code, f)
		}
	}
	return code
}

// functions are the declared functions and methods with a body, in files that are not tests.
func (c *checkout) functions() []*ast.FuncDecl {
	var functions []*ast.FuncDecl
	for _, f := range c.code() {
		for _, declaration := range f.ast.Decls {
			if fn, ok := declaration.(*ast.FuncDecl); ok && fn.Body != nil {
				functions = append(functions, fn)
			}
		}
	}
	return functions
}
