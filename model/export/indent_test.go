package export

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestALineIsAsLongAsThereIsRoomFor(t *testing.T) {
	t.Parallel()
	long, half := strings.Repeat("x", lineWidth), strings.Repeat("y", lineWidth/2)
	tests := map[string]struct {
		in, want string
		blanks   blanks
	}{
		"empty object": {`{}`, `{}`, everywhere},
		"empty array":  {`[]`, `[]`, everywhere},
		"number":       {`7`, `7`, everywhere},
		"outermost":    {`{"a":1}`, "{\n \"a\": 1\n}", everywhere},
		"short member": {
			`{"a":[1,{"b":"c, d: \"e\\"}]}`, "{\n \"a\": [1, {\"b\": \"c, d: \\\"e\\\\\"}]\n}", everywhere,
		},
		"no blanks behind commas": {`{"a":[1,{"b":"c, d"}]}`, "{\n \"a\": [1,{\"b\": \"c, d\"}]\n}", behindColons},
		"long member": {
			`{"a":["` + long + `",{"b":2},3]}`, "{\n \"a\": [\n  \"" + long + "\",\n  {\"b\": 2}, 3]\n}", everywhere,
		},
		"two lines": {
			`{"a":{"b":"` + half + `","c":"` + half + `"}}`,
			"{\n \"a\": {\"b\": \"" + half + "\",\n  \"c\": \"" + half + "\"}\n}", everywhere,
		},
		"deep": {
			`[[[{"a":["` + long + `"],"b":1}]]]`,
			"[\n [\n  [\n   {\n    \"a\": [\"" + long + "\"],\n    \"b\": 1}]]\n]", behindColonsButInHops,
		},
		"long and deepest": {
			`[[[[{"a":"` + long + `"},{"b":1}]]]]`,
			"[\n [\n  [\n   [\n    {\"a\":\"" + long + "\"},\n    {\"b\": 1}]]]\n]", behindColonsButInHops,
		},
		"nested, empty":  {`{"a":{},"b":[]}`, "{\n \"a\": {},\n \"b\": []\n}", everywhere},
		"signs in names": {`{"a\",:{[":1,"b":2}`, "{\n \"a\\\",:{[\": 1,\n \"b\": 2\n}", everywhere},
	}
	for name, tt := range tests {
		var out bytes.Buffer
		layout{out: &out, blanks: tt.blanks}.indent([]byte(tt.in), "")
		if out.String() != tt.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, out.String(), tt.want)
		}
	}
}

// values generates JSON values of some depth.
func values(depth int) *rapid.Generator[any] {
	leaves := []*rapid.Generator[any]{
		rapid.String().AsAny(), rapid.Int().AsAny(), rapid.Bool().AsAny(), rapid.Just[any](nil),
	}
	if depth > 0 {
		leaves = append(leaves,
			rapid.SliceOfN(values(depth-1), 0, 4).AsAny(),
			rapid.MapOfN(rapid.String(), values(depth-1), 0, 4).AsAny())
	}
	return rapid.OneOf(leaves...)
}

func TestLayingOutChangesNoValue(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		compact, err := json.Marshal(values(4).Draw(t, "value"))
		if err != nil {
			t.Fatal(err)
		}
		var laidOut, back bytes.Buffer
		layout{out: &laidOut, blanks: blanks(rapid.IntRange(0, 2).Draw(t, "blanks"))}.indent(compact, "")
		if err := json.Compact(&back, laidOut.Bytes()); err != nil {
			t.Fatalf("%v in %s", err, laidOut.Bytes())
		}
		if !bytes.Equal(back.Bytes(), compact) {
			t.Fatalf("got %s, want %s", back.Bytes(), compact)
		}
	})
}
