package export

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestShortValuesStayOnOneLine(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", inlineWidth)
	tests := map[string]struct{ in, want string }{
		"empty object":   {`{}`, `{}`},
		"empty array":    {`[]`, `[]`},
		"number":         {`7`, `7`},
		"outermost":      {`{"a":1}`, "{\n \"a\": 1\n}"},
		"short member":   {`{"a":[1,{"b":"c, d: \"e\\"}]}`, "{\n \"a\": [1, {\"b\": \"c, d: \\\"e\\\\\"}]\n}"},
		"long member":    {`{"a":["` + long + `",{"b":2}]}`, "{\n \"a\": [\n  \"" + long + "\",\n  {\"b\": 2}\n ]\n}"},
		"nested, empty":  {`{"a":{},"b":[]}`, "{\n \"a\": {},\n \"b\": []\n}"},
		"signs in names": {`{"a\",:{[":1,"b":2}`, "{\n \"a\\\",:{[\": 1,\n \"b\": 2\n}"},
	}
	for name, tt := range tests {
		var out bytes.Buffer
		indent(&out, []byte(tt.in), "")
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
		indent(&laidOut, compact, "")
		if err := json.Compact(&back, laidOut.Bytes()); err != nil {
			t.Fatalf("%v in %s", err, laidOut.Bytes())
		}
		if !bytes.Equal(back.Bytes(), compact) {
			t.Fatalf("got %s, want %s", back.Bytes(), compact)
		}
	})
}
