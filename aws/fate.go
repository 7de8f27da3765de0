package aws

import (
	"errors"
	"net/http"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// Fate is what became of a call that changes something.
type Fate int

const (
	// CarriedOut says that AWS answered so.
	CarriedOut Fate = iota
	// NotCarriedOut says that AWS refused it, or that it never left.
	NotCarriedOut
	// UnknownFate says that it may have arrived; a look at the account has to tell.
	UnknownFate
)

// codeNone is the SDK's code of an error reply that has none.
const codeNone = "UnknownError"

// FateOf reads the fate of a call from its error.
func FateOf(err error) Fate {
	switch {
	case err == nil:
		return CarriedOut
	case IsUnreachable(err), isCredentialFailure(err), IsThrottle(err):
		return NotCarriedOut
	}
	var reply *awshttp.ResponseError
	// A reply without AWS's code may be of a proxy, which had sent the call on.
	if code := ErrorCode(err); code != "" && code != codeNone && errors.As(err, &reply) &&
		reply.HTTPStatusCode() < http.StatusInternalServerError {
		return NotCarriedOut
	}
	return UnknownFate
}
