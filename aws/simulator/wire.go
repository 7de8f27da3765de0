package simulator

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// wire is a protocol: it gives replies and errors their form.
type wire interface {
	// headers are those that tell the form; failed is nil when the operation
	// succeeded.
	headers(failed *apiError) http.Header
	reply(op *operation, requestID string, members any) ([]byte, error)
	failure(op *operation, requestID string, e *apiError) ([]byte, error)
}

func contentType(text string) http.Header { return http.Header{"Content-Type": {text}} }

// queryMode tells that the client knows the errors of the Query protocol, which
// the service spoke before.
type queryMode bool

func (q queryMode) label(h http.Header, failed *apiError) http.Header {
	if q && failed != nil {
		h.Set("X-Amzn-Query-Error", strings.TrimSuffix(failed.code, "Exception")+";"+failed.fault())
	}
	return h
}

// wireJSON is AWS JSON, 1.0 or 1.1.
type wireJSON struct {
	version string
	queryMode
}

// newWireJSON answers in the version in which it was asked; 1.1 is that of ECS.
func newWireJSON(r *http.Request) wireJSON {
	w := wireJSON{version: "1.1", queryMode: r.Header.Get("X-Amzn-Query-Mode") == "true"}
	if strings.HasSuffix(r.Header.Get("Content-Type"), "json-1.0") {
		w.version = "1.0"
	}
	return w
}

func (w wireJSON) headers(failed *apiError) http.Header {
	return w.label(contentType("application/x-amz-json-"+w.version), failed)
}

func (wireJSON) reply(_ *operation, _ string, members any) ([]byte, error) {
	return json.Marshal(members)
}

func (wireJSON) failure(op *operation, _ string, e *apiError) ([]byte, error) {
	// Cloud Map's model says Message, ECS's says message; clients read both.
	key := "message"
	if op.service == serviceMap {
		key = "Message"
	}
	return json.Marshal(map[string]string{"__type": e.code, key: e.message})
}

// rpcCBOR is how smithy-rpc-v2-cbor calls itself, in requests and replies.
const rpcCBOR = "rpc-v2-cbor"

// wireCBOR is smithy-rpc-v2-cbor.
type wireCBOR struct{ queryMode }

func (w wireCBOR) headers(failed *apiError) http.Header {
	h := contentType("application/cbor")
	h.Set("Smithy-Protocol", rpcCBOR)
	return w.label(h, failed)
}

func (wireCBOR) reply(_ *operation, _ string, members any) ([]byte, error) {
	return encodeCBOR(members)
}

func (wireCBOR) failure(_ *operation, _ string, e *apiError) ([]byte, error) {
	return encodeCBOR(struct {
		Code    string `json:"__type"`
		Message string `json:"message"`
	}{"com.amazonaws.cloudwatch#" + e.code, e.message})
}

// wireEC2 is the Query protocol of EC2, whose lists are made of <item>.
type wireEC2 struct{}

func (wireEC2) headers(*apiError) http.Header { return contentType("text/xml;charset=UTF-8") }

func (wireEC2) reply(op *operation, requestID string, members any) ([]byte, error) {
	var b bytes.Buffer
	name := xml.Name{Space: "http://ec2.amazonaws.com/doc/" + apiVersions[serviceEC2] + "/", Local: op.name + "Response"}
	if err := writeElement(&b, name, members); err != nil {
		return nil, err
	}
	// encoding/xml cannot put one element in front of a struct's own, so that
	// the request id is set behind the first tag.
	open, rest, _ := bytes.Cut(b.Bytes(), []byte(">"))
	id := "><requestId>" + requestID + "</requestId>"
	return slices.Concat([]byte(xml.Header), open, []byte(id), rest), nil
}

func (wireEC2) failure(_ *operation, requestID string, e *apiError) ([]byte, error) {
	return document(struct {
		XMLName   xml.Name `xml:"Response"`
		Code      string   `xml:"Errors>Error>Code"`
		Message   string   `xml:"Errors>Error>Message"`
		RequestID string   `xml:"RequestID"`
	}{Code: e.code, Message: e.message, RequestID: requestID})
}

// wireQuery is the Query protocol of the other services, whose lists are made
// of <member>.
type wireQuery struct{}

func (wireQuery) headers(*apiError) http.Header { return contentType("text/xml") }

func (wireQuery) reply(op *operation, requestID string, members any) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s<%sResponse xmlns=%q>", xml.Header, op.name, namespaceOf(op))
	err := writeElement(&b, xml.Name{Local: op.name + "Result"}, members)
	fmt.Fprintf(&b, "<ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata></%sResponse>", requestID, op.name)
	return b.Bytes(), err
}

func (wireQuery) failure(op *operation, requestID string, e *apiError) ([]byte, error) {
	return document(struct {
		XMLName   xml.Name
		Type      string `xml:"Error>Type"`
		Code      string `xml:"Error>Code"`
		Message   string `xml:"Error>Message"`
		RequestID string `xml:"RequestId"`
	}{
		XMLName: xml.Name{Space: namespaceOf(op), Local: "ErrorResponse"},
		Type:    e.fault(), Code: e.code, Message: e.message, RequestID: requestID,
	})
}

func namespaceOf(op *operation) string {
	return fmt.Sprintf("https://%s.amazonaws.com/doc/%s/", op.service, apiVersions[op.service])
}

// writeElement writes a struct's members inside an element.
func writeElement(b *bytes.Buffer, name xml.Name, members any) error {
	return xml.NewEncoder(b).EncodeElement(members, xml.StartElement{Name: name})
}

func document(v any) ([]byte, error) {
	body, err := xml.Marshal(v)
	return append([]byte(xml.Header), body...), err
}

// items is a list of the EC2 protocol; an empty one is written too, as AWS does.
type items[T any] struct {
	Items []T `xml:"item"`
}

// members is a list of the Query protocol.
type members[T any] struct {
	Members []T `xml:"member"`
}

// tag is a tag in the form of each protocol.
type (
	tagJSON struct {
		Key   string `json:"key"`
		Value string `json:"value"`
	}
	tagEC2 struct {
		Key   string `xml:"key"`
		Value string `xml:"value"`
	}
	tagELB struct {
		Key   string `xml:"Key"`
		Value string `xml:"Value"`
	}
)

// epoch is a time in JSON 1.1: seconds since 1970 with milliseconds.
type epoch struct{ time.Time }

// MarshalJSON writes a number.
func (t epoch) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, "%.3f", float64(t.UnixMilli())/1000), nil
}

// iso8601 is a time in XML.
func iso8601(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
