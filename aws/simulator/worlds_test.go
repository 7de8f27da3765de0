package simulator

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

func Test_the_built_in_worlds_load_and_check(t *testing.T) {
	for _, name := range Worlds() {
		w := load(t, name)
		if w.Name != name {
			t.Errorf("the world in %s.json calls itself %q", name, w.Name)
		}
	}
}

// page is the document about worlds.
func page(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/worlds.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func Test_the_page_about_worlds_shows_the_article_as_it_is(t *testing.T) {
	want, err := builtIn.ReadFile("worlds/article.json")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(page(t), "```json\n")
	shown, _, _ := strings.Cut(rest, "```")
	if shown != string(want) {
		t.Error("docs/worlds.md shows another world than worlds/article.json; copy the file into it")
	}
}

func Test_the_page_about_worlds_names_every_field_and_every_failure(t *testing.T) {
	text := page(t)
	var visit func(reflect.Type)
	visit = func(s reflect.Type) {
		for f := range s.Fields() {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name != "" && !strings.Contains(text, "`"+name+"`") {
				t.Errorf("the field %s of %s is missing", name, s.Name())
			}
			inner := f.Type
			for inner.Kind() == reflect.Slice || inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			if inner.Kind() == reflect.Struct {
				visit(inner)
			}
		}
	}
	visit(reflect.TypeFor[World]())
	for _, kind := range failureKinds() {
		if !strings.Contains(text, "`"+string(kind)+"`") {
			t.Errorf("the failure %s is missing", kind)
		}
	}
}
