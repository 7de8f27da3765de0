package apply

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// UpdateService replaces the whole Service Connect block, and the SDK's types drop
// what they do not know. So the block is taken out of the reply as it is, and put
// into the request as it is (docs/aws.md, SDK pitfalls).

// maxReply bounds a reply that is kept; a hundred events and a long block are far
// below it.
const maxReply = 16 << 20

// rawReply keeps the body of a reply while the SDK parses it.
type rawReply struct{ body []byte }

// keep is an option of a call of ECS.
func (r *rawReply) keep(o *ecs.Options) { o.Interceptors.AddBeforeDeserialization(r) }

// BeforeDeserialization reads the reply and puts it back. A reply that ends early
// is left to the SDK to complain about.
func (r *rawReply) BeforeDeserialization(_ context.Context, in *smithyhttp.InterceptorContext) error {
	if in.Response == nil {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(in.Response.Body, maxReply))
	_ = in.Response.Body.Close()
	rest := io.Reader(bytes.NewReader(body))
	if err != nil {
		rest = io.MultiReader(rest, failingReader{err})
	}
	r.body, in.Response.Body = body, io.NopCloser(rest)
	return nil
}

// failingReader fails as the connection did.
type failingReader struct{ err error }

func (f failingReader) Read([]byte) (int, error) { return 0, f.err }

// blocksOf is serviceConnectConfiguration of each deployment of the first service in a
// reply, byte for byte, by the deployment's id; without those that have none.
func blocksOf(reply []byte) (map[string]string, error) {
	type described struct {
		Deployments []struct {
			ID    string          `json:"id"`
			Block json.RawMessage `json:"serviceConnectConfiguration"`
		} `json:"deployments"`
	}
	var out struct {
		Service  described   `json:"service"`
		Services []described `json:"services"`
	}
	if err := json.Unmarshal(reply, &out); err != nil {
		return nil, fmt.Errorf("the reply of ECS: %w", err)
	}
	blocks := map[string]string{}
	for _, s := range append(out.Services, out.Service)[:1] {
		for _, d := range s.Deployments {
			if bytes.HasPrefix(d.Block, []byte("{")) {
				blocks[d.ID] = string(d.Block)
			}
		}
	}
	return blocks, nil
}

// rawBlock puts a Service Connect block into a request, byte for byte.
type rawBlock struct{ block string }

// send is an option of a call of ECS.
func (r rawBlock) send(o *ecs.Options) { o.Interceptors.AddAfterSerialization(r) }

var errNotObject = errors.New("the request is not a JSON object")

// AfterSerialization adds the member to the request. It runs once, before the first
// attempt; what it sets is sent again by later ones.
func (r rawBlock) AfterSerialization(_ context.Context, in *smithyhttp.InterceptorContext) error {
	body, err := io.ReadAll(in.Request.GetStream())
	if err != nil {
		return err
	}
	body, isObject := bytes.CutSuffix(bytes.TrimSpace(body), []byte("}"))
	if !isObject || !bytes.Contains(body, []byte(":")) {
		return errNotObject
	}
	sent := fmt.Appendf(bytes.Clone(body), `,"serviceConnectConfiguration":%s}`, r.block)
	request, err := in.Request.SetStream(bytes.NewReader(sent))
	if err != nil {
		return err
	}
	*in.Request = *request
	return nil
}

// sameBlock tells whether two blocks mean the same: the order of members, spaces and
// escapes do not count, and AWS leaves members out that are null or an empty list.
// Two texts that are not JSON mean the same only if they are the same.
func sameBlock(a, b string) bool {
	if a == b {
		return true
	}
	x, errX := decodeBlock(a)
	y, errY := decodeBlock(b)
	return errX == nil && errY == nil && sameValue(x, y)
}

func decodeBlock(text string) (any, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	return v, err
}

func sameValue(a, b any) bool {
	switch x := a.(type) {
	case map[string]any:
		y, ok := b.(map[string]any)
		return ok && sameMembers(x, y)
	case []any:
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for i := range x {
			if !sameValue(x[i], y[i]) {
				return false
			}
		}
		return true
	case json.Number:
		y, ok := b.(json.Number)
		return ok && sameNumber(x, y)
	}
	return a == b
}

func sameMembers(a, b map[string]any) bool {
	for key, x := range a {
		if y, ok := b[key]; ok && !isNothing(y) {
			if !sameValue(x, y) {
				return false
			}
		} else if !isNothing(x) {
			return false
		}
	}
	for key, y := range b {
		if _, ok := a[key]; !ok && !isNothing(y) {
			return false
		}
	}
	return true
}

// isNothing tells whether a member might as well not be there.
func isNothing(v any) bool {
	list, isList := v.([]any)
	return v == nil || isList && len(list) == 0
}

// longestNumber bounds numbers that are compared by value; others are compared as
// text, so that 1e999999999 costs nothing.
const longestNumber = 40

func sameNumber(a, b json.Number) bool {
	if a == b {
		return true
	}
	if len(a) > longestNumber || len(b) > longestNumber || strings.ContainsAny(string(a+b), "eE") {
		return false
	}
	x, okX := new(big.Rat).SetString(string(a))
	y, okY := new(big.Rat).SetString(string(b))
	return okX && okY && x.Cmp(y) == 0
}
