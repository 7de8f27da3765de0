package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

// A pkg is a directory with Go files; its imports are those of its code, not of its tests.
type pkg struct {
	dir          string
	files, lines int
	imports      map[string]bool // directories of this module
	importers    int
}

// packages are the packages that have code besides tests, by directory.
func packages(c *checkout) map[string]*pkg {
	found := map[string]*pkg{}
	for _, f := range c.code() {
		p := found[f.dir]
		if p == nil {
			p = &pkg{dir: f.dir, imports: map[string]bool{}}
			found[f.dir] = p
		}
		p.files++
		p.lines += len(f.lines)
		for _, spec := range f.ast.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				continue
			}
			if dir, ours := strings.CutPrefix(name+"/", c.module+"/"); ours {
				p.imports[cmp.Or(strings.TrimSuffix(dir, "/"), ".")] = true
			}
		}
	}
	for _, p := range found {
		for dir := range p.imports {
			if imported := found[path.Clean(dir)]; imported != nil {
				imported.importers++
			}
		}
	}
	return found
}

func printPackages(out io.Writer, c *checkout) {
	_, _ = fmt.Fprintf(out, "\n| package (%s) | files | lines | imported by | imports |\n", c.title)
	_, _ = fmt.Fprint(out, "|---|---:|---:|---:|---:|\n")
	found := packages(c)
	for _, dir := range slices.Sorted(maps.Keys(found)) {
		p := found[dir]
		_, _ = fmt.Fprintf(out, "| %s | %d | %d | %d | %d |\n", p.dir, p.files, p.lines, p.importers, len(p.imports))
	}
}
