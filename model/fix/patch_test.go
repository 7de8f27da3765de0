package fix_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"
	"pgregory.net/rapid"

	"hopscope/model/fix"
)

const block = `{
  "enabled": true, "namespace" : "ns",
  "services": [
    {"portName":"a", "discoveryName":"a","future":{"deep":[1,{"x":12345678901234567890}]} },
    { "portName" : "b" , "ingressPortOverride" : 8080 , "timeout":{"idleTimeoutSeconds":5,` +
	`"perRequestTimeoutSeconds":9} },
    {"portName":"c","tls":{"roleArn":"r","issuerCertificateAuthority":{"awsPcaAuthorityArn":"old"}},` +
	`"timeout":{"perRequestTimeoutSeconds":9}}
  ],
  "logConfiguration": {"logDriver":"awslogs","options":{"k":"v\u0041,}]"}}
}`

func TestAnEditChangesItsBytesAndNoOthers(t *testing.T) {
	seconds := 30
	for _, c := range []struct {
		name     string
		edit     fix.Edit
		old, new string
	}{
		{
			"an override is set behind the last member",
			fix.Edit{Kind: fix.EditOverride, Index: 0, PortName: "a", Port: 18080},
			`67890}]} }`, `67890}]},"ingressPortOverride":18080 }`,
		},
		{
			"an override is changed in its place",
			fix.Edit{Kind: fix.EditOverride, Index: 1, PortName: "b", Port: 9090},
			` : 8080 ,`, ` : 9090 ,`,
		},
		{
			"an override is taken away with its comma",
			fix.Edit{Kind: fix.EditOverride, Index: 1, PortName: "b"},
			`"b" , "ingressPortOverride" : 8080 ,`, `"b" ,`,
		},
		{"a timeout is set in its place", fix.Edit{
			Kind: fix.EditTimeout, Index: 1, PortName: "b",
			PerRequestSeconds: &seconds,
		}, `RequestTimeoutSeconds":9} },`, `RequestTimeoutSeconds":30} },`},
		{
			"a timeout is added",
			fix.Edit{Kind: fix.EditTimeout, Index: 0, PortName: "a", PerRequestSeconds: &seconds},
			`67890}]} }`, `67890}]},"timeout":{"perRequestTimeoutSeconds":30} }`,
		},
		{
			"a timeout is taken away",
			fix.Edit{Kind: fix.EditTimeout, Index: 1, PortName: "b", Drop: true},
			`5,"perRequestTimeoutSeconds":9}`, `5}`,
		},
		{
			"the last timeout takes its object along",
			fix.Edit{Kind: fix.EditTimeout, Index: 2, PortName: "c", Drop: true},
			`"old"}},"timeout":{"perRequestTimeoutSeconds":9}}`, `"old"}}}`,
		},
		{
			"TLS is taken away",
			fix.Edit{Kind: fix.EditTLS, Index: 2, PortName: "c", Drop: true},
			`"c","tls":{"roleArn":"r","issuerCertificateAuthority":{"awsPcaAuthorityArn":"old"}},`, `"c",`,
		},
		{
			"TLS keeps what else it says",
			fix.Edit{Kind: fix.EditTLS, Index: 2, PortName: "c", IssuerARN: "arn:pca"},
			`{"awsPcaAuthorityArn":"old"}`, `{"awsPcaAuthorityArn":"arn:pca"}`,
		},
		{
			"an endpoint is removed",
			fix.Edit{Kind: fix.EditRemoveEndpoint, Index: 0, PortName: "a"},
			`{"portName":"a", "discoveryName":"a","future":{"deep":[1,{"x":12345678901234567890}]} },
    { "portName" : "b"`, `{ "portName" : "b"`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if strings.Count(block, c.old) != 1 {
				t.Fatalf("%q is %d times in the block", c.old, strings.Count(block, c.old))
			}
			got, err := fix.Patch([]byte(block), []fix.Edit{c.edit})
			if err != nil {
				t.Fatal(err)
			}
			if want := strings.Replace(block, c.old, c.new, 1); string(got) != want {
				t.Errorf("got\n%s\nnot\n%s", got, want)
			}
		})
	}
}

func TestSeveralEditsAreOneChange(t *testing.T) {
	got, err := fix.Patch([]byte(block), []fix.Edit{
		{Kind: fix.EditRemoveEndpoint, Index: 0, PortName: "a"},
		{Kind: fix.EditOverride, Index: 1, PortName: "b", Port: 9090},
		{Kind: fix.EditRemoveEndpoint, Index: 2, PortName: "c"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if left := gjson.GetBytes(got, "services.#.portName").String(); left != `["b"]` {
		t.Errorf("left are %s", left)
	}
	if port := gjson.GetBytes(got, "services.0.ingressPortOverride").Int(); port != 9090 {
		t.Errorf("the override is %d", port)
	}
}

func TestWhatCannotBeReadInOneWayIsNotChanged(t *testing.T) {
	override := fix.Edit{Kind: fix.EditOverride, Index: 0, PortName: "a", Port: 8080}
	for _, c := range []struct {
		name, block string
		changed     bool
	}{
		{"no JSON", `{`, false},
		{"a list", `[]`, false},
		{"null", `null`, false},
		{"no services", `{"enabled":true}`, true},
		{"services is an object", `{"services":{"0":{"portName":"a"}}}`, false},
		{"services is null", `{"services":null}`, false},
		{"too few services", `{"services":[]}`, true},
		{"another port name", `{"services":[{"portName":"b"}]}`, true},
		{"a port name that is no text", `{"services":[{"portName":5}]}`, true},
		{"an entry that is no object", `{"services":["a"]}`, false},
		{"services twice", `{"services":[{"portName":"a"}],"services":[{"portName":"a"}]}`, false},
		{"portName twice", `{"services":[{"portName":"a","portName":"b"}]}`, false},
		{"the override twice", `{"services":[{"portName":"a","ingressPortOverride":1,"ingressPortOverride":2}]}`, false},
		{"the override in other letters", `{"services":[{"portName":"a","IngressPortOverride":1}]}`, false},
		{"services in other letters", `{"Services":[{"portName":"a"}]}`, false},
		{
			"a name written with escapes",
			`{"services":[{"portName":"a","ingressPort\u004fverride":1,"ingressPortOverride":2}]}`, false,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := fix.Patch([]byte(c.block), []fix.Edit{override})
			if err == nil {
				t.Fatalf("it became %s", got)
			}
			if errors.Is(err, fix.ErrBlockChanged) != c.changed {
				t.Errorf("error %v", err)
			}
		})
	}
	if _, err := fix.Patch([]byte(block), []fix.Edit{{Kind: fix.EditTLS, Index: 0, PortName: "a"}}); err == nil {
		t.Error("TLS without a certificate authority was written")
	}
	if _, err := fix.Patch([]byte(block), []fix.Edit{{Kind: "?", Index: 0, PortName: "a"}}); err == nil {
		t.Error("an unknown edit was carried out")
	}
}

// drawJSON draws a value of any depth.
func drawJSON(t *rapid.T, depth int) string {
	kinds := []string{"1", "true", "null", `"x"`, "123456789012345678901234567890", "1.50", `"}],{\""`, "object", "array"}
	if depth == 0 {
		kinds = kinds[:7]
	}
	switch v := rapid.SampledFrom(kinds).Draw(t, "value"); v {
	case "object":
		return drawObject(t, depth-1, nil)
	case "array":
		var out []string
		for range rapid.IntRange(0, 3).Draw(t, "length") {
			out = append(out, drawJSON(t, depth-1))
		}
		return "[" + drawSpace(t) + strings.Join(out, drawSpace(t)+",") + "]"
	default:
		return v
	}
}

func drawSpace(t *rapid.T) string {
	return rapid.SampledFrom([]string{"", "", " ", "\n\t"}).Draw(t, "space")
}

// drawObject draws an object with the given members among unknown ones.
func drawObject(t *rapid.T, depth int, with []string) string {
	all := slices.Clone(with)
	for i := range rapid.IntRange(0, 3).Draw(t, "unknown") {
		all = append(all, fmt.Sprintf(`"unknown%d"%s:%s%s`, i, drawSpace(t), drawSpace(t), drawJSON(t, depth)))
	}
	all = rapid.Permutation(all).Draw(t, "order")
	return "{" + drawSpace(t) + strings.Join(all, drawSpace(t)+","+drawSpace(t)) + drawSpace(t) + "}"
}

func drawEntry(t *rapid.T, i int) string {
	with := []string{fmt.Sprintf(`"portName":"p%d"`, i)}
	if rapid.Bool().Draw(t, "override") {
		with = append(with, `"ingressPortOverride": 8080`)
	}
	if rapid.Bool().Draw(t, "timeout") {
		with = append(with, `"timeout":`+drawObject(t, 1, rapid.SampledFrom([][]string{
			nil,
			{`"perRequestTimeoutSeconds":5`},
			{`"idleTimeoutSeconds":6`},
		}).Draw(t, "timeouts")))
	}
	return drawObject(t, 2, with)
}

// Members that this build does not know, at every level, have the same value afterwards,
// and the members that were named the new one. sjson, which does the same in its own
// way, is the judge of meaning.
func TestUnknownMembersSurviveEveryEdit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 3).Draw(t, "entries")
		entries := make([]string, n)
		for i := range n {
			entries[i] = drawEntry(t, i)
		}
		text := drawObject(t, 3, []string{`"enabled":true`, `"services":[` + drawSpace(t) +
			strings.Join(entries, drawSpace(t)+",") + "]"})
		i := rapid.IntRange(0, n-1).Draw(t, "index")
		edit := fix.Edit{Index: i, PortName: fmt.Sprint("p", i), Kind: rapid.SampledFrom([]fix.EditKind{
			fix.EditOverride,
			fix.EditTimeout, fix.EditRemoveEndpoint,
		}).Draw(t, "kind")}
		at := fmt.Sprint("services.", i)
		var want string
		var err error
		switch edit.Kind {
		case fix.EditOverride:
			if edit.Port = rapid.SampledFrom([]int{0, 18080}).Draw(t, "port"); edit.Port == 0 {
				want, err = sjson.Delete(text, at+".ingressPortOverride")
			} else {
				want, err = sjson.Set(text, at+".ingressPortOverride", edit.Port)
			}
		case fix.EditTimeout:
			edit.PerRequestSeconds = new(60)
			want, err = sjson.Set(text, at+".timeout.perRequestTimeoutSeconds", 60)
		default:
			want, err = sjson.Delete(text, at)
		}
		if err != nil {
			t.Fatal(err)
		}
		got, err := fix.Patch([]byte(text), []fix.Edit{edit})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if !sameJSON(got, []byte(want)) {
			t.Fatalf("%s became\n%s\nnot\n%s", text, got, want)
		}
	})
}

func sameJSON(a, b []byte) bool {
	return reflect.DeepEqual(decoded(a), decoded(b))
}

// decoded keeps numbers as they are written.
func decoded(text []byte) any {
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return err
	}
	return v
}

// FuzzPatch: whatever the block is, Patch does not panic, gives JSON or an error,
// and leaves all that it does not name as it was.
func FuzzPatch(f *testing.F) {
	f.Add([]byte(block), 1, "b", 9090, 0)
	f.Add([]byte(`{"services":[{"portName":"a"}]}`), 0, "a", 0, 1)
	f.Add([]byte(`{"services":{}}`), 0, "", 1, 2)
	f.Add([]byte(`{"services":[{"timeout":{"a":1e400}}]}`), 0, "", 1, 3)
	f.Add([]byte(`{"services":[{"tls":null}]}`), 0, "", 1, 4)
	f.Fuzz(func(t *testing.T, text []byte, index int, name string, port, kind int) {
		kinds := []fix.Edit{
			{Kind: fix.EditOverride, Port: port},
			{Kind: fix.EditRemoveEndpoint},
			{Kind: fix.EditTimeout, PerRequestSeconds: &port, IdleSeconds: &port},
			{Kind: fix.EditTimeout, Drop: true},
			{Kind: fix.EditTLS, IssuerARN: name},
		}
		e := kinds[max(kind, 0)%len(kinds)]
		e.Index, e.PortName = index, name
		before := string(text)
		got, err := fix.Patch(text, []fix.Edit{e})
		if string(text) != before {
			t.Fatal("the given block was changed")
		}
		if err != nil {
			return
		}
		if !json.Valid(got) {
			t.Fatalf("%s became %s, which is not JSON", text, got)
		}
		unnamed(t, text, got, e)
	})
}

// unnamed compares what an edit does not name.
func unnamed(t *testing.T, before, after []byte, e fix.Edit) {
	t.Helper()
	was, _ := decoded(before).(map[string]any)
	is, _ := decoded(after).(map[string]any)
	old, _ := was["services"].([]any)
	now, _ := is["services"].([]any)
	delete(was, "services")
	delete(is, "services")
	if !reflect.DeepEqual(was, is) {
		t.Fatalf("%s became %s", before, after)
	}
	old = slices.Delete(old, e.Index, e.Index+1)
	if e.Kind != fix.EditRemoveEndpoint {
		now = slices.Delete(now, e.Index, e.Index+1)
	}
	if !reflect.DeepEqual(old, now) {
		t.Fatalf("other entries changed: %s became %s", before, after)
	}
}
