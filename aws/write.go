package aws

import (
	"errors"
	"net/http"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"hopscope/model"
	"hopscope/model/fix"
)

// The actions that change an account. Nothing in hopscope sends others.
const (
	updateService    = model.Action(fix.UpdateService)
	authorizeIngress = model.Action(fix.AuthorizeIngress)
	authorizeEgress  = model.Action(fix.AuthorizeEgress)
	revokeIngress    = model.Action(fix.RevokeIngress)
	revokeEgress     = model.Action(fix.RevokeEgress)
)

// serviceWrites is the bucket of ECS's changes of services.
const serviceWrites bucketName = "ECS service modify"

// writes are the buckets of the actions that change an account (api.md §1.1).
var writes = map[model.Action]bucketName{
	updateService:    serviceWrites,
	authorizeIngress: ec2Bucket(authorizeIngress),
	authorizeEgress:  ec2Bucket(authorizeEgress),
	revokeIngress:    ec2Bucket(revokeIngress),
	revokeEgress:     ec2Bucket(revokeEgress),
}

// writeAttempts are the attempts of a call that changes something, the first
// included.
const writeAttempts = 3

// newWriteRetryer repeats only what AWS refused for its rate: such a call was
// certainly not carried out. After a timeout, a cut connection or an error of
// AWS's own nobody knows, and repeating might do it twice.
func newWriteRetryer() awssdk.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = writeAttempts
		o.Retryables = []retry.IsErrorRetryable{
			retry.RetryableErrorCode{Codes: retry.DefaultThrottleErrorCodes},
		}
	})
}

// fate is what became of a call that changes something.
type fate int

const (
	// carriedOut: AWS said so.
	carriedOut fate = iota
	// notCarriedOut: AWS refused it, or it never left.
	notCarriedOut
	// unknownFate: it may have arrived; somebody has to look.
	unknownFate
)

// fateOf reads the fate of a call from its error.
func fateOf(err error) fate {
	switch {
	case err == nil:
		return carriedOut
	case isUnreachable(err), isCredentialFailure(err), isThrottle(err):
		return notCarriedOut
	}
	var reply *awshttp.ResponseError
	if apiError(err) != nil && errors.As(err, &reply) && reply.HTTPStatusCode() < http.StatusInternalServerError {
		return notCarriedOut
	}
	return unknownFate
}

// codeOf is AWS's code of an error, "" when AWS gave none.
func codeOf(err error) string {
	if api := apiError(err); api != nil {
		return api.ErrorCode()
	}
	return ""
}

// answerOf is AWS's answer in one line: "UnauthorizedOperation: You are not …".
func answerOf(err error) string {
	if api := apiError(err); api != nil {
		return printable(api.ErrorCode() + ": " + api.ErrorMessage())
	}
	return causeOf(err)
}
