//go:build mutation

package reach_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mutantVariable is the environment variable that chooses a mutant; 0 or nothing
// is none.
const mutantVariable = "HOPSCOPE_MUTANT"

// mutant is one change at its place.
type mutant struct {
	change

	number   int
	source   *source
	function string
	at       span
}

func (m *mutant) String() string {
	return fmt.Sprintf("%s:%d %s: %s → %s", m.source.name, 1+strings.Count(m.source.text[:m.at.from], "\n"), m.function,
		m.old, m.new)
}

// text is the whole file with the change.
func (m *mutant) text() string {
	return m.source.text[:m.at.from] + m.new + m.source.text[m.at.to:]
}

// numbered are the mutants of functions, which can be compiled together, and those
// of what stands outside of functions, which cannot.
func numbered(t *testing.T, sources map[string]*source) (together, alone []*mutant) {
	t.Helper()
	number := 0
	for _, of := range mutants {
		for _, c := range of.changes {
			number++
			src := sources[of.file]
			m := &mutant{change: c, number: number, source: src, function: of.function, at: src.place(t, of.function, c)}
			if of.function == "" {
				alone = append(alone, m)
			} else {
				together = append(together, m)
			}
		}
	}
	return together, alone
}

// schemata writes an overlay in which each function that has mutants is there once
// for each of them, and as itself as number 0.
func schemata(t *testing.T, sources map[string]*source, all []*mutant) string {
	t.Helper()
	files := map[string]string{"chosenmutant.go": fmt.Sprintf(`package reach

import (
	"os"
	"strconv"
)

var chosenMutant, _ = strconv.Atoi(os.Getenv(%q))
`, mutantVariable)}
	for name, src := range sources {
		functions := map[string][]*mutant{}
		for _, m := range all {
			if m.source == src {
				functions[m.function] = append(functions[m.function], m)
			}
		}
		files[name] = src.withMutants(t, functions)
	}
	return overlayOf(t, files)
}

// withMutants is the file with copies of the functions that have mutants.
func (s *source) withMutants(t *testing.T, functions map[string][]*mutant) string {
	t.Helper()
	var out strings.Builder
	at := 0
	for _, d := range s.file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || functions[f.Name.Name] == nil {
			continue
		}
		whole, name := s.span(f), s.span(f.Name)
		copyOf := func(number int, text string) string {
			return fmt.Sprintf("%s%s__%d%s", s.text[whole.from:name.from], f.Name.Name, number, text)
		}
		out.WriteString(s.text[at:whole.from])
		out.WriteString(s.dispatcher(t, f, functions[f.Name.Name]) + "\n\n")
		out.WriteString(copyOf(0, s.text[name.to:whole.to]))
		for _, m := range functions[f.Name.Name] {
			out.WriteString("\n\n" + copyOf(m.number, s.text[name.to:m.at.from]+m.new+s.text[m.at.to:whole.to]))
		}
		at = whole.to
	}
	out.WriteString(s.text[at:])
	return out.String()
}

// dispatcher is a function of the original's name that calls the chosen copy.
func (s *source) dispatcher(t *testing.T, f *ast.FuncDecl, of []*mutant) string {
	t.Helper()
	if f.Type.TypeParams != nil {
		t.Fatalf("%s: %s has type parameters, which its copies would need too", s.name, f.Name.Name)
	}
	text := func(n ast.Node) string { at := s.span(n); return s.text[at.from:at.to] }
	receiver, call := "", f.Name.Name
	if f.Recv != nil {
		receiver, call = "(self "+text(f.Recv.List[0].Type)+") ", "self."+call
	}
	var parameters, arguments []string
	for _, field := range f.Type.Params.List {
		for range max(1, len(field.Names)) {
			name := fmt.Sprintf("p%d", len(parameters))
			parameters = append(parameters, name+" "+text(field.Type))
			if _, variadic := field.Type.(*ast.Ellipsis); variadic {
				name += "..."
			}
			arguments = append(arguments, name)
		}
	}
	results, back := "", ""
	if f.Type.Results != nil {
		results, back = text(f.Type.Results), "return "
	}
	var b strings.Builder
	fmt.Fprintf(&b, "func %s%s(%s) %s {\n\tswitch chosenMutant {\n", receiver, f.Name.Name, strings.Join(parameters, ", "),
		results)
	passed := strings.Join(arguments, ", ")
	for _, m := range slices.Concat(of, []*mutant{{number: 0}}) {
		label := fmt.Sprintf("case %d", m.number)
		if m.number == 0 {
			label = "default"
		}
		fmt.Fprintf(&b, "\t%s:\n\t\t%s%s__%d(%s)\n", label, back, call, m.number, passed)
	}
	b.WriteString("\t}\n}")
	return b.String()
}

// overlayOf writes files that stand in for those of this package.
func overlayOf(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	replace := map[string]string{}
	for name, text := range files {
		original, err := filepath.Abs(name)
		if err != nil {
			t.Fatal(err)
		}
		changed := filepath.Join(dir, name)
		replace[original] = changed
		if err := os.WriteFile(changed, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	data, err := json.Marshal(map[string]map[string]string{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	overlay := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlay, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return overlay
}
