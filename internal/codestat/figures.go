package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// A figure is one row of the table.
type figure struct {
	name  string
	value func(*checkout) string
}

var figures = []figure{
	{"lines of code without tests", func(c *checkout) string { return fmt.Sprint(lineCount(c, false)) }},
	{"lines of tests", func(c *checkout) string { return fmt.Sprint(lineCount(c, true)) }},
	{"files without tests", func(c *checkout) string { return fmt.Sprint(len(c.code())) }},
	{"packages", func(c *checkout) string { return fmt.Sprint(len(packages(c))) }},
	{"file length: median / p95 / max", func(c *checkout) string { return spread(fileLengths(c)) }},
	{"function length: median / p95 / max", func(c *checkout) string { return spread(functionLengths(c)) }},
	{"cyclomatic complexity: max", func(c *checkout) string { return fmt.Sprint(slices.Max(complexities(c))) }},
	{"methods on the five largest types", largestTypes},
	{"exported names with a comment, %", documented},
	{"lines over 120 columns, per 1000", longLines},
	{"functions named by a function word, %", functionWordNames},
	{"duplicate pairs", func(c *checkout) string { return fmt.Sprint(duplicatePairs(c)) }},
	{"duplicate pairs, per 1000 lines", func(c *checkout) string {
		return perThousand(duplicatePairs(c), lineCount(c, false))
	}},
	{"indefinite subjects: code / tests", func(c *checkout) string {
		return fmt.Sprintf("%d / %d", indefinite(c, false), indefinite(c, true))
	}},
}

func printFigures(out io.Writer, columns []*checkout) {
	titles, rule := "| figure |", "|---|"
	for _, c := range columns {
		titles += " " + c.title + " |"
		rule += "---:|"
	}
	_, _ = fmt.Fprintln(out, titles)
	_, _ = fmt.Fprintln(out, rule)
	for _, f := range figures {
		row := "| " + f.name + " |"
		for _, c := range columns {
			row += " " + f.value(c) + " |"
		}
		_, _ = fmt.Fprintln(out, row)
	}
}

func lineCount(c *checkout, test bool) int {
	n := 0
	for _, f := range c.files {
		if f.test == test {
			n += len(f.lines)
		}
	}
	return n
}

func fileLengths(c *checkout) []int {
	var lengths []int
	for _, f := range c.code() {
		lengths = append(lengths, len(f.lines))
	}
	return lengths
}

func functionLengths(c *checkout) []int {
	var lengths []int
	for _, fn := range c.functions() {
		lengths = append(lengths, c.fset.Position(fn.End()).Line-c.fset.Position(fn.Pos()).Line+1)
	}
	return lengths
}

// spread is the median, the 95th percentile and the maximum.
func spread(values []int) string {
	if len(values) == 0 {
		return "0 / 0 / 0"
	}
	slices.Sort(values)
	return fmt.Sprintf("%d / %d / %d", values[len(values)/2], values[len(values)*95/100], values[len(values)-1])
}

// complexities counts what cyclop counts: one, and one for each branch, loop, case, && and ||.
func complexities(c *checkout) []int {
	counts := []int{0}
	for _, fn := range c.functions() {
		n := 1
		ast.Inspect(fn.Body, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.IfStmt, *ast.ForStmt, *ast.RangeStmt:
				n++
			case *ast.CaseClause:
				if node.List != nil {
					n++
				}
			case *ast.CommClause:
				if node.Comm != nil {
					n++
				}
			case *ast.BinaryExpr:
				if node.Op == token.LAND || node.Op == token.LOR {
					n++
				}
			}
			return true
		})
		counts = append(counts, n)
	}
	return counts
}

func largestTypes(c *checkout) string {
	methods := map[string]int{}
	for _, f := range c.code() {
		for _, declaration := range f.ast.Decls {
			if fn, ok := declaration.(*ast.FuncDecl); ok && fn.Recv != nil {
				methods[f.ast.Name.Name+"."+receiver(fn)]++
			}
		}
	}
	names := slices.SortedFunc(maps.Keys(methods), func(a, b string) int {
		return cmp.Or(methods[b]-methods[a], cmp.Compare(a, b))
	})
	var largest []string
	for _, name := range names[:min(5, len(names))] {
		largest = append(largest, fmt.Sprintf("%s %d", name, methods[name]))
	}
	return strings.Join(largest, ", ")
}

// receiver is the name of the type that a method belongs to.
func receiver(fn *ast.FuncDecl) string {
	expression := fn.Recv.List[0].Type
	for {
		switch e := expression.(type) {
		case *ast.StarExpr:
			expression = e.X
		case *ast.IndexExpr:
			expression = e.X
		case *ast.IndexListExpr:
			expression = e.X
		case *ast.Ident:
			return e.Name
		default:
			return "?"
		}
	}
}

func longLines(c *checkout) string {
	long := 0
	for _, f := range c.code() {
		for _, line := range f.lines {
			if utf8.RuneCountInString(line) > 120 {
				long++
			}
		}
	}
	return perThousand(long, lineCount(c, false))
}

// functionWords are words of English grammar: as a function's whole name they say nothing about what it returns.
var functionWords = strings.Fields(`a about above after again against all also an and another any around as at
	be because been before behind below beside besides between beyond both but by can cannot could down each either
	else enough even ever every few first for from had has have here how if in inside into is it its itself just
	last less like many may me mine more most much must near neither never next no nor not now of off often on once
	one only onto or other others out outside over own per plain rather same shall should since so some soon still
	such than that the them then there these they this those though through till to too toward two under unless
	until up upon very via was well were what when where whether which while who whom whose why will with within
	without would yet`)

func functionWordNames(c *checkout) string {
	n := 0
	functions := c.functions()
	for _, fn := range functions {
		if slices.Contains(functionWords, strings.ToLower(fn.Name.Name)) {
			n++
		}
	}
	return percent(n, len(functions))
}

// indefiniteSubjects is written so that it does not count itself.
var indefiniteSubjects = regexp.MustCompile(`(?i)\b(?:(?:no|some)body|who(?:ever))\b`)

func indefinite(c *checkout, test bool) int {
	n := 0
	for _, f := range c.files {
		if f.test == test {
			n += len(indefiniteSubjects.FindAllStringIndex(strings.Join(f.lines, "\n"), -1))
		}
	}
	return n
}

func percent(n, of int) string { return fmt.Sprintf("%.1f", 100*float64(n)/float64(max(of, 1))) }

func perThousand(n, of int) string { return fmt.Sprintf("%.1f", 1000*float64(n)/float64(max(of, 1))) }
