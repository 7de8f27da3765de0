package jsonedit_test

import (
	"testing"

	"hopscope/internal/jsonedit"
)

func TestMaskingKeepsEveryByteButTheValuesThatAreHidden(t *testing.T) {
	const doc = ` {"a": 1.50, "b":{"x" : "\u0041" ,"y":[ true,null,{"z":"s"}]}, "b":{"x":"twice"}}`
	got, err := jsonedit.Mask([]byte(doc), "<m>", func(path []any) bool { return path[0] == "a" })
	const want = ` {"a": 1.50, "b":{"x" : "<m>" ,"y":[ "<m>","<m>",{"z":"<m>"}]}, "b":{"x":"<m>"}}`
	if err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
	for _, damaged := range []string{"", "{", `{"a":1} x`} {
		if _, err := jsonedit.Mask([]byte(damaged), "", func([]any) bool { return true }); err == nil {
			t.Errorf("%q was taken", damaged)
		}
	}
}
