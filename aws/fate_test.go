package aws

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

func TestTheFateOfACallFollowsFromItsError(t *testing.T) {
	reply := func(status int, err error) error {
		return &awshttp.ResponseError{ResponseError: &smithyhttp.ResponseError{
			Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}}, Err: err,
		}}
	}
	coded := func(code string) error { return &smithy.GenericAPIError{Code: code, Message: "no"} }
	for name, test := range map[string]struct {
		err  error
		want Fate
	}{
		"no error":         {nil, CarriedOut},
		"denied":           {reply(400, coded("AccessDeniedException")), NotCarriedOut},
		"a parameter":      {reply(400, coded("InvalidParameterException")), NotCarriedOut},
		"throttled":        {reply(503, coded("RequestLimitExceeded")), NotCarriedOut},
		"never left":       {&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, NotCarriedOut},
		"an unknown host":  {&net.DNSError{Name: "x"}, NotCarriedOut},
		"AWS's own fault":  {reply(500, coded("ServerException")), UnknownFate},
		"a proxy's":        {reply(503, &foreignReplyError{status: "503"}), UnknownFate},
		"a foreign 400":    {reply(400, &foreignReplyError{status: "400"}), UnknownFate},
		"a page":           {reply(200, &foreignReplyError{status: "200", inPlace: true}), UnknownFate},
		"an empty 403":     {reply(403, coded("UnknownError")), UnknownFate},
		"cut":              {&net.OpError{Op: "read", Err: syscall.ECONNRESET}, UnknownFate},
		"ended early":      {reply(200, io.ErrUnexpectedEOF), UnknownFate},
		"a timeout":        {context.DeadlineExceeded, UnknownFate},
		"interrupted":      {context.Canceled, UnknownFate},
		"something unread": {errors.New("what"), UnknownFate},
	} {
		t.Run(name, func(t *testing.T) {
			if got := FateOf(test.err); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}
