package main

import "go/ast"

// documented is the share of exported names that have a comment: functions, methods of exported types, types,
// constants and variables. A comment on a group, or at the end of a line, counts.
func documented(c *checkout) string {
	exported, commented := 0, 0
	count := func(name *ast.Ident, docs ...*ast.CommentGroup) {
		if !name.IsExported() {
			return
		}
		exported++
		for _, doc := range docs {
			if doc != nil {
				commented++
				return
			}
		}
	}
	for _, f := range c.code() {
		for _, declaration := range f.ast.Decls {
			switch d := declaration.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil || ast.IsExported(receiver(d)) {
					count(d.Name, d.Doc)
				}
			case *ast.GenDecl:
				countSpecs(d, count)
			}
		}
	}
	return percent(commented, exported)
}

func countSpecs(d *ast.GenDecl, count func(*ast.Ident, ...*ast.CommentGroup)) {
	for _, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			count(s.Name, d.Doc, s.Doc, s.Comment)
		case *ast.ValueSpec:
			for _, name := range s.Names {
				count(name, d.Doc, s.Doc, s.Comment)
			}
		}
	}
}
