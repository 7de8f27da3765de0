package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// request is one call, told apart from the others: by X-Amz-Target for the JSON
// protocol, by its path for CBOR, by the Version of the form for the Query protocols, else by the
// service that the request was signed for.
type request struct {
	op     *operation
	wire   wire
	body   []byte // JSON, also of what came as CBOR
	params params // Query
}

// params are the fields of a Query request.
type params url.Values

// targets are the prefixes of X-Amz-Target.
var targets = map[string]string{
	"AmazonEC2ContainerServiceV20141113": serviceECS,
	"Route53AutoNaming_v20170314":        serviceMap,
	"GraniteServiceVersion20100801":      serviceCW,
}

// newRequest reads what a request asks for. An operation that is not in the
// table has no handler; a service that is not simulated is refused as a whole.
func newRequest(r *http.Request, body []byte, table map[string]*operation) (*request, error) {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		prefix, name, _ := strings.Cut(target, ".")
		service, known := targets[prefix]
		if !known {
			service = signedFor(r)
		}
		return &request{op: lookUp(table, service, name), wire: newWireJSON(r), body: body}, nil
	}
	if r.Header.Get("Smithy-Protocol") == rpcCBOR {
		return newCBORRequest(r, body, table)
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, fmt.Errorf("read the form: %w", err)
	}
	for key, value := range r.URL.Query() {
		values[key] = append(values[key], value...)
	}
	service := signedFor(r)
	for s, version := range apiVersions {
		if version == values.Get("Version") {
			service = s
		}
	}
	q := &request{op: lookUp(table, service, values.Get("Action")), wire: wireQuery{}, params: params(values)}
	if service == serviceEC2 {
		q.wire = wireEC2{}
	}
	if q.op.name == "" {
		return nil, fmt.Errorf("the request names no operation")
	}
	return q, nil
}

// newCBORRequest reads POST /service/SERVICE/operation/OPERATION. A body that is
// not CBOR is refused when its members are decoded, as other bodies are.
func newCBORRequest(r *http.Request, body []byte, table map[string]*operation) (*request, error) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if len(parts) != 4 || parts[0] != "service" || parts[2] != "operation" {
		return nil, fmt.Errorf("the path %s is not that of an operation", r.URL.Path)
	}
	service, known := targets[parts[1]]
	if !known {
		service = signedFor(r)
	}
	q := &request{op: lookUp(table, service, parts[3]), wire: wireCBOR{r.Header.Get("X-Amzn-Query-Mode") == "true"}}
	if value, err := decodeCBOR(body); err == nil {
		q.body, _ = json.Marshal(value) // what was decoded has a JSON form
	}
	return q, nil
}

func lookUp(table map[string]*operation, service, name string) *operation {
	if op := table[service+":"+name]; op != nil {
		return op
	}
	return &operation{service: service, name: name}
}

// signedFor is the service in the credential scope of the signature:
// Credential=AKID/20261122/us-east-1/ecs/aws4_request.
func signedFor(r *http.Request) string {
	_, scope, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	scope, _, _ = strings.Cut(scope, ",")
	parts := strings.Split(scope, "/")
	if len(parts) < 5 {
		return ""
	}
	return parts[len(parts)-2]
}

// decode makes a handler out of a function with JSON members.
func decode[In, Out any](answer func(*In) (Out, error)) handler {
	return func(r *request) (any, error) {
		var in In
		if err := json.Unmarshal(r.body, &in); err != nil {
			return nil, refuse("SerializationException", "%s", plain(err))
		}
		return answer(&in)
	}
}

// form makes a handler out of a function with the fields of a form.
func form[Out any](answer func(params) (Out, error)) handler {
	return func(r *request) (any, error) { return answer(r.params) }
}

func (p params) get(key string) string { return url.Values(p).Get(key) }

func (p params) has(key string) bool { return url.Values(p).Has(key) }

func (p params) bool(key string) bool { return p.get(key) == "true" }

// list reads key.1, key.2, … until one is missing.
func (p params) list(key string) []string {
	var values []string
	for i := 1; p.has(key + "." + strconv.Itoa(i)); i++ {
		values = append(values, p.get(key+"."+strconv.Itoa(i)))
	}
	return values
}

// members reads a list of the Query protocol: key.member.1, …
func (p params) members(key string) []string { return p.list(key + ".member") }

// structures reads a list of structures: the fields of key.1, of key.2, … each
// without the prefix.
func (p params) structures(key string) []params {
	byIndex := map[int]params{}
	for name, values := range p {
		rest, ok := strings.CutPrefix(name, key+".")
		if !ok {
			continue
		}
		index, field, _ := strings.Cut(rest, ".")
		i, err := strconv.Atoi(index)
		if err != nil {
			continue
		}
		if byIndex[i] == nil {
			byIndex[i] = params{}
		}
		byIndex[i][field] = values
	}
	indices := make([]int, 0, len(byIndex))
	for i := range byIndex {
		indices = append(indices, i)
	}
	slices.Sort(indices)
	all := make([]params, len(indices))
	for n, i := range indices {
		all[n] = byIndex[i]
	}
	return all
}

// number reads an integer; absent is what a missing field means.
func (p params) number(key string, absent int) (int, error) {
	if !p.has(key) {
		return absent, nil
	}
	n, err := strconv.Atoi(p.get(key))
	if err != nil {
		return 0, fmt.Errorf("%s is not a number", key)
	}
	return n, nil
}
