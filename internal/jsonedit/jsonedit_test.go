package jsonedit_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/tidwall/sjson"
	"pgregory.net/rapid"

	"hopscope/internal/jsonedit"
)

const doc = ` { "a" : [ {"x":1}, {"y" : 12345678901234567890 } , null ] , "b":{} , "n":null,"deep":{"q":1.50,"r":[ ]}}`

func TestAnEditChangesTheBytesItNames(t *testing.T) {
	for _, c := range []struct {
		name  string
		value string // "" takes the value away
		path  []any
		old   string
		new   string
	}{
		{"a member in its place", "2", []any{"a", 0, "x"}, `{"x":1}`, `{"x":2}`},
		{"a member behind the last", "2", []any{"a", 1, "z"}, `67890 }`, `67890,"z":2 }`},
		{"a member of an empty object", `"v"`, []any{"b", "c"}, `"b":{}`, `"b":{"c":"v"}`},
		{"objects on the way", "true", []any{"b", "c", "d"}, `"b":{}`, `"b":{"c":{"d":true}}`},
		{"an object in place of null", "1", []any{"n", "m"}, `"n":null`, `"n":{"m":1}`},
		{"an object in place of a null element", "1", []any{"a", 2, "m"}, `, null ]`, `, {"m":1} ]`},
		{"the first element goes", "", []any{"a", 0}, `{"x":1}, `, ``},
		{"the last element goes", "", []any{"a", 2}, ` , null ]`, ` ]`},
		{"the only member goes", "", []any{"a", 0, "x"}, `{"x":1}`, `{}`},
		{"a member goes with its comma", "", []any{"deep", "q"}, `{"q":1.50,"r"`, `{"r"`},
		{"what is not there stays away", "", []any{"n", "m"}, `{}`, `{}`},
		{"an element behind the end stays away", "", []any{"a", 3}, `{}`, `{}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := edit(doc, c.value, c.path)
			if err != nil {
				t.Fatal(err)
			}
			if want := strings.Replace(doc, c.old, c.new, 1); got != want {
				t.Errorf("got\n%s\nnot\n%s", got, want)
			}
		})
	}
}

// edit sets a value, or takes it away for "".
func edit(doc, value string, path []any) (string, error) {
	if value == "" {
		out, err := jsonedit.Delete([]byte(doc), path...)
		return string(out), err
	}
	out, err := jsonedit.Set([]byte(doc), value, path...)
	return string(out), err
}

func TestWhatReadersTakeInTwoWaysIsNotChanged(t *testing.T) {
	for _, c := range []struct {
		doc       string
		path      []any
		ambiguous bool
	}{
		{`{"a":1,"a":2}`, []any{"a"}, true},
		{`{"a":1,"A":2}`, []any{"a"}, true},
		{`{"A":1}`, []any{"a"}, true},
		{`{"\u0061":1,"a":2}`, []any{"a"}, true},
		{`{"a":1}`, []any{"a", "b"}, false},
		{`{"a":{}}`, []any{"a", 0}, false},
		{`[]`, []any{"a"}, false},
		{`{`, []any{"a"}, false},
		{`{}`, nil, false},
	} {
		for _, value := range []string{"3", ""} {
			got, err := edit(c.doc, value, c.path)
			if err == nil {
				t.Errorf("%s %v became %s", c.doc, c.path, got)
			}
			if errors.Is(err, jsonedit.ErrAmbiguous) != c.ambiguous {
				t.Errorf("%s %v: %v", c.doc, c.path, err)
			}
		}
	}
	if _, err := jsonedit.Set([]byte(`{}`), `{`, "a"); err == nil {
		t.Error("a value that is not JSON was written")
	}
}

func TestValuesAreReadAsTheyStand(t *testing.T) {
	got, err := jsonedit.Get([]byte(doc), "deep", "q")
	if err != nil || string(got) != "1.50" {
		t.Errorf("got %s, %v", got, err)
	}
	if got, err = jsonedit.Get([]byte(doc), "n", "x"); err != nil || got != nil {
		t.Errorf("got %s, %v", got, err)
	}
	if n, err := jsonedit.Len([]byte(doc), "a"); err != nil || n != 3 {
		t.Errorf("%d elements, %v", n, err)
	}
	if _, err = jsonedit.Len([]byte(doc), "b"); err == nil || !strings.Contains(err.Error(), "b is not an array") {
		t.Errorf("error %v", err)
	}
}

// drawValue draws a value; members are m0, m1, ….
func drawValue(t *rapid.T, depth int) string {
	kinds := []string{"1", "null", `"}],{\""`, "123456789012345678901234567890", "object", "object", "array"}
	if depth == 0 {
		kinds = kinds[:4]
	}
	space := rapid.SampledFrom([]string{"", " ", "\n\t"}).Draw(t, "space")
	var parts []string
	switch v := rapid.SampledFrom(kinds).Draw(t, "value"); v {
	case "object":
		for i := range rapid.IntRange(0, 3).Draw(t, "members") {
			parts = append(parts, fmt.Sprintf(`%s"m%d"%s:%s`, space, i, space, drawValue(t, depth-1)))
		}
		return "{" + strings.Join(parts, space+",") + space + "}"
	case "array":
		for range rapid.IntRange(0, 3).Draw(t, "elements") {
			parts = append(parts, space+drawValue(t, depth-1))
		}
		return "[" + strings.Join(parts, space+",") + space + "]"
	default:
		return v
	}
}

// sjson, which edits JSON in its own way, is the judge of meaning.
func TestAnEditMeansWhatAnotherLibraryMakesOfIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := `{"m0":` + drawValue(t, 3) + `,"m1":{"m0":` + drawValue(t, 2) + `}}`
		path := []any{"m1", "m0"}
		at := "m1.m0"
		for n := rapid.IntRange(0, 2).Draw(t, "deeper"); n > 0; n-- {
			value, err := jsonedit.Get([]byte(text), path...)
			if err != nil || len(value) == 0 || value[0] != '{' {
				break
			}
			member := fmt.Sprint("m", rapid.IntRange(0, 3).Draw(t, "member"))
			path, at = append(path, member), at+"."+member
		}
		value := rapid.SampledFrom([]string{"", "7", `{"z":[1,2]}`}).Draw(t, "new value")
		var want string
		var err error
		if value == "" {
			want, err = sjson.Delete(text, at)
		} else {
			want, err = sjson.SetRaw(text, at, value)
		}
		if err != nil {
			t.Fatal(err)
		}
		got, err := edit(text, value, path)
		if err != nil {
			t.Fatalf("%s %v: %v", text, path, err)
		}
		if !reflect.DeepEqual(decoded(got), decoded(want)) {
			t.Fatalf("%s: %v = %s became\n%s\nnot\n%s", text, path, value, got, want)
		}
	})
}

// decoded keeps numbers as they are written.
func decoded(text string) any {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return err
	}
	return v
}

// FuzzEdit: whatever the document is, an edit does not panic, leaves its input alone,
// and gives JSON that holds the new value, or an error.
func FuzzEdit(f *testing.F) {
	f.Add(doc, "a", 1, "y", "5")
	f.Add(`{"services":[{"timeout":{"a":1e400}}]}`, "services", 0, "timeout", "")
	f.Add(`[]`, "", 0, "", "null")
	f.Fuzz(func(t *testing.T, text, member string, index int, inner, value string) {
		got, err := edit(text, value, []any{member, index, inner})
		if err != nil {
			return
		}
		if !json.Valid([]byte(got)) {
			t.Fatalf("%s became %s, which is not JSON", text, got)
		}
		is, err := jsonedit.Get([]byte(got), member, index, inner)
		if err != nil || string(is) != strings.Trim(value, " \t\r\n") {
			t.Fatalf("%s became %s, where the value is %s, %v", text, got, is, err)
		}
	})
}
