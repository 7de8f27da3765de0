package aws

import (
	"errors"
	"io"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

const (
	// maxAttempts and maxBackoff are for one call that reads, the first attempt
	// included: as many as its time allows. Where AWS throttles every third attempt, no
	// call of thousands fails them all.
	maxAttempts = 12
	maxBackoff  = 5 * time.Second
	// WriteAttempts are the attempts of a call that changes something, the first
	// included.
	WriteAttempts = 3
)

// newRetryer retries patiently: the buckets keep the pace, and the SDK's quota
// for retries would fail every later call after a hundred throttled ones. A reply
// that was cut short is retried too, which the SDK alone does not.
func newRetryer() awssdk.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = maxAttempts
		o.MaxBackoff = maxBackoff
		o.RateLimiter = ratelimit.None
		o.Retryables = append(o.Retryables, retry.IsErrorRetryableFunc(func(err error) awssdk.Ternary {
			if errors.Is(err, io.ErrUnexpectedEOF) {
				return awssdk.TrueTernary
			}
			return awssdk.UnknownTernary
		}))
	})
}

// newWriteRetryer repeats only what AWS refused for its rate: such a call was
// certainly not carried out. After a timeout, a cut connection or an error of
// AWS's own it is not known whether the call was, and repeating might do it twice.
func newWriteRetryer() awssdk.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = WriteAttempts
		o.Retryables = []retry.IsErrorRetryable{
			retry.RetryableErrorCode{Codes: retry.DefaultThrottleErrorCodes},
		}
	})
}
