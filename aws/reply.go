package aws

import (
	"bytes"
	"context"
	"io"
	"net/http"

	smithyhttp "github.com/aws/smithy-go/transport/http"
)

const (
	// firstErrorStatus is the lowest status of an error reply.
	firstErrorStatus = 400
	// maxErrorBody bounds what is read of an error reply; AWS's are short.
	maxErrorBody = 1 << 20
)

// foreignReplyError is an error reply whose body is not AWS's: a web server, a
// proxy, or an emulator that does not know the operation.
type foreignReplyError struct{ status string }

func (e *foreignReplyError) Error() string { return "the reply " + e.status + " is not AWS's" }

// RetryableError tells the SDK's retry loop to stop.
func (*foreignReplyError) RetryableError() bool { return false }

// replyReader looks at error replies before the SDK parses them.
type replyReader struct{}

// BeforeDeserialization refuses an error reply that is not AWS's.
func (replyReader) BeforeDeserialization(_ context.Context, in *smithyhttp.InterceptorContext) error {
	if in.Response == nil || in.Response.StatusCode < firstErrorStatus {
		return nil
	}
	return checkReply(in.Response.Response)
}

// checkReply reads an error reply and puts its body back. It returns a
// [foreignReplyError] for one that AWS did not write.
func checkReply(r *http.Response) error {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxErrorBody))
	_ = r.Body.Close()
	r.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil || len(bytes.TrimSpace(body)) == 0 {
		return nil //nolint:nilerr // cut short or empty: nothing says that it is not AWS's, and the SDK may try again
	}
	cbor := r.Header.Get("Smithy-Protocol") != "" && bytes.Contains(body, []byte("__type"))
	if r.Header.Get("X-Amzn-Errortype") == "" && !cbor && !isErrorOfAWS(body) {
		return &foreignReplyError{status: r.Status}
	}
	return nil
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
