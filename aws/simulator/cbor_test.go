package simulator

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"
	"github.com/google/go-cmp/cmp"
)

func Test_CBOR_is_read_in_every_form_that_a_client_may_write(t *testing.T) {
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"definite": {cbor.Encode(
			cbor.Map{"a": cbor.List{cbor.Uint(1), cbor.NegInt(500), cbor.Bool(true), &cbor.Nil{}}, "b": cbor.Float32(1.5)},
		), `{"a":[1,-500,true,null],"b":1.5}`},
		"a time": {cbor.Encode(&cbor.Tag{ID: 1, Value: cbor.Float64(1767225600.5)}), `1767225600.5`},
		"long": {
			cbor.Encode(cbor.List{cbor.Uint(70000), cbor.Uint(5_000_000_000), cbor.Slice("raw")}), `[70000,5000000000,"raw"]`,
		},
		"indefinite map, list":   {[]byte{0xbf, 0x61, 'a', 0x9f, 0x01, 0x02, 0xff, 0xff}, `{"a":[1,2]}`},
		"a text in two pieces":   {[]byte{0x7f, 0x61, 'a', 0x62, 'b', 'c', 0xff}, `"abc"`},
		"nothing":                {nil, ""},
		"an unfinished map":      {[]byte{0xa1, 0x61, 'a'}, ""},
		"a length of exabytes":   {[]byte{0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, ""},
		"a list that never ends": {[]byte{0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}, ""},
		"a number as a key":      {[]byte{0xa1, 0x01, 0x01}, ""},
		"two values":             {[]byte{0x01, 0x01}, ""},
		"not a number":           {[]byte{0xfb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0}, ""},
	} {
		v, err := decodeCBOR(c.data)
		if c.want == "" {
			if err == nil {
				t.Errorf("%s gives %v", name, v)
			}
			continue
		}
		if got, _ := json.Marshal(v); err != nil || string(got) != c.want {
			t.Errorf("%s gives %s, %v, want %s", name, got, err, c.want)
		}
	}
}

func Test_a_reply_in_CBOR_holds_what_it_holds_in_JSON(t *testing.T) {
	reply := metricDataReply{Results: []metricResult{{
		ID: "a", Label: "a label of more than twenty-three letters", Timestamps: []epoch{{time.UnixMilli(1767225600500)}},
		Values: []float64{1, 2.5},
	}}, Messages: []struct{}{}, NextToken: ""}
	data, err := encodeCBOR(&reply)
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := cbor.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	want := cbor.Map{"Messages": cbor.List{}, "MetricDataResults": cbor.List{cbor.Map{
		"Id": cbor.String("a"), "Label": cbor.String(
			"a label of more than twenty-three letters",
		), "StatusCode": cbor.String(""),
		"Timestamps": cbor.List{
			&cbor.Tag{ID: 1, Value: cbor.Float64(1767225600.5)},
		}, "Values": cbor.List{cbor.Float64(1), cbor.Float64(2.5)},
	}}}
	if diff := cmp.Diff(want, foreign); diff != "" {
		t.Error(diff)
	}
}

// FuzzCBOR looks for input that breaks the decoder, or that the SDK's decoder
// reads and ours does not.
func FuzzCBOR(f *testing.F) {
	f.Add(cbor.Encode(
		cbor.Map{"a": cbor.List{cbor.Uint(1), cbor.NegInt(500), &cbor.Nil{}}, "b": &cbor.Tag{ID: 1, Value: cbor.Float64(2)}},
	))
	f.Add([]byte{0xbf, 0x61, 'a', 0x9f, 0x7f, 0x61, 'b', 0xff, 0xff, 0xff})
	f.Add([]byte{0xdf, 0x33}) // a tag without a number
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := decodeCBOR(data)
		if err != nil {
			return
		}
		if _, err := json.Marshal(v); err != nil {
			t.Errorf("%x gives %v, which has no JSON: %v", data, v, err)
		}
		if _, err := cbor.Decode(data); err != nil {
			t.Errorf("%x gives %v, and the SDK refuses it: %v", data, v, err)
		}
	})
}
