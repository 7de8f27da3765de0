package aws

import (
	"bufio"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"mime"
	"net/http"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

const (
	// firstErrorStatus is the lowest status of an error reply, afterSuccess the first
	// one behind those of success.
	firstErrorStatus = 400
	afterSuccess     = 300
	// maxErrorBody bounds what is read of an error reply; AWS's are short.
	maxErrorBody = 1 << 20
	// startOfReply is what is read ahead of other replies: enough for the first element,
	// and for what may stand in front of it.
	startOfReply = 4 << 10
)

// foreignReplyError is a reply whose body is not AWS's: a web server, a proxy, or an
// emulator that does not know the operation.
type foreignReplyError struct {
	status string
	route  route
	// page tells that it is a page for people.
	page bool
	// inPlace tells that it came in place of an answer, with the status of a success or
	// of a redirection.
	inPlace bool
}

func (e *foreignReplyError) Error() string { return "the reply " + e.status + " is not AWS's" }

// RetryableError tells the SDK's retry loop to stop.
func (*foreignReplyError) RetryableError() bool { return false }

// replyReader looks at replies before the SDK parses them: it takes much for an answer
// that has nothing in it, and says so to no one.
type replyReader struct{ wire wire }

// BeforeDeserialization refuses a reply that is not AWS's.
func (r replyReader) BeforeDeserialization(ctx context.Context, in *smithyhttp.InterceptorContext) error {
	if in.Response == nil {
		return nil
	}
	reply := in.Response.Response
	foreign := &foreignReplyError{
		status: reply.Status, page: isPage(reply), inPlace: reply.StatusCode < firstErrorStatus,
	}
	if reply.Request != nil {
		foreign.route = r.wire.route(reply.Request)
	}
	var ours bool
	switch {
	case reply.StatusCode < afterSuccess:
		ours = isAnswer(reply, awsmiddleware.GetOperationName(ctx))
	case reply.StatusCode < firstErrorStatus:
		// AWS redirects none of our calls.
	default:
		ours = isError(reply)
	}
	if !ours {
		return foreign
	}
	return nil
}

// isPage tells whether a reply says that it is a page for people. Emulators say so of
// answers too.
func isPage(r *http.Response) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "text/html"
}

// isAnswer reads the beginning of a reply that succeeded and puts it back. It tells
// whether it begins as an answer to the operation does: with a JSON object, a CBOR map,
// or the element that is named after it.
func isAnswer(r *http.Response, operation string) bool {
	ahead := bufio.NewReaderSize(r.Body, startOfReply)
	r.Body = &readAhead{Reader: ahead, Closer: r.Body}
	start, err := ahead.Peek(startOfReply)
	if err != nil && !errors.Is(err, io.EOF) {
		return true // the SDK meets it too, and may try again
	}
	return beginsAsAnswer(start, operation)
}

// readAhead is a body of which some was read.
type readAhead struct {
	io.Reader
	io.Closer
}

// beginsAsAnswer tells whether a body begins as AWS's answer to an operation.
func beginsAsAnswer(start []byte, operation string) bool {
	start = bytes.TrimSpace(bytes.TrimPrefix(start, []byte("\xef\xbb\xbf")))
	const firstMap, lastMap = 0xa0, 0xbf // the major type of a map in CBOR
	switch {
	case len(start) == 0:
		return false
	case start[0] == '{', start[0] >= firstMap && start[0] <= lastMap:
		return true
	}
	for d := xml.NewDecoder(bytes.NewReader(start)); ; {
		token, err := d.RawToken()
		if err != nil {
			return false
		}
		switch t := token.(type) {
		case xml.StartElement:
			return t.Name.Local == operation+"Response"
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return false
			}
		}
	}
}

// isError reads an error reply and puts its body back. It tells whether AWS may have
// written it.
func isError(r *http.Response) bool {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxErrorBody))
	_ = r.Body.Close()
	r.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil || len(bytes.TrimSpace(body)) == 0 {
		return true // cut short or empty: nothing says that it is not AWS's, and the SDK may try again
	}
	cbor := r.Header.Get("Smithy-Protocol") != "" && bytes.Contains(body, []byte("__type"))
	return r.Header.Get("X-Amzn-Errortype") != "" || cbor || isErrorOfAWS(body)
}

// isErrorOfAWS tells whether the body has the form of an error in one of AWS's
// protocols: a JSON object with a type, or XML with <Error> and <Code>.
func isErrorOfAWS(body []byte) bool {
	has := func(part string) bool { return bytes.Contains(body, []byte(part)) }
	switch body = bytes.TrimSpace(body); body[0] {
	case '{':
		return has(`"__type"`) || has(`"code"`) || has(`"Code"`)
	case '<':
		return has("<Error>") && has("<Code>")
	}
	return false
}
