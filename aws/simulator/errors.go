package simulator

import (
	"fmt"
	"net/http"
)

// apiError is an error in AWS's words. The protocol gives it its shape.
type apiError struct {
	status  int
	code    string
	message string
}

func (e *apiError) Error() string { return e.code + ": " + e.message }

// fault says whose it is.
func (e *apiError) fault() string {
	if e.status >= http.StatusInternalServerError {
		return "Receiver"
	}
	return "Sender"
}

// refuse is an error with the status 400, as most are.
func refuse(code, format string, args ...any) *apiError {
	return &apiError{status: http.StatusBadRequest, code: code, message: fmt.Sprintf(format, args...)}
}

// errParameter is how ECS refuses a value.
func errParameter(format string, args ...any) *apiError {
	return refuse("InvalidParameterException", format, args...)
}

// errValidation is how Elastic Load Balancing refuses a value.
func errValidation(format string, args ...any) *apiError {
	return refuse("ValidationError", format, args...)
}

// errDenied is a refusal by IAM in the words of each service. An explicit deny
// reads differently from a missing allow.
func errDenied(a account, op *operation, explicit bool) *apiError {
	reason := fmt.Sprintf("because no identity-based policy allows the %s action", op.action())
	if explicit {
		reason = "with an explicit deny in a service control policy"
	}
	text := fmt.Sprintf("User: %s is not authorized to perform: %s", a.caller(), op.action())
	switch op.service {
	case serviceEC2:
		text = "You are not authorized to perform this operation. " + text + " " + reason
		if op.mutating {
			text += ". Encoded authorization failure message: " + hash(64, op.name, reason)
		}
		return &apiError{status: http.StatusForbidden, code: "UnauthorizedOperation", message: text}
	case serviceELB, serviceSTS, serviceCW:
		return &apiError{status: http.StatusForbidden, code: "AccessDenied", message: text + " " + reason}
	}
	return refuse("AccessDeniedException", "%s on resource: %s %s", text, a.arn(op.service, "*"), reason)
}

// errExpired is the refusal of an expired session token.
func errExpired(op *operation) *apiError {
	const message = "The security token included in the request is expired"
	switch op.service {
	case serviceEC2:
		return refuse("RequestExpired", "Request has expired.")
	case serviceELB, serviceSTS, serviceCW:
		return &apiError{status: http.StatusForbidden, code: "ExpiredToken", message: message}
	}
	return refuse("ExpiredTokenException", message)
}

// errThrottled is the refusal by a token bucket.
func errThrottled(op *operation) *apiError {
	switch op.service {
	case serviceEC2:
		return &apiError{
			status: http.StatusServiceUnavailable, code: "RequestLimitExceeded", message: "Request limit exceeded.",
		}
	case serviceELB, serviceSTS, serviceCW:
		return refuse("Throttling", "Rate exceeded")
	}
	return refuse("ThrottlingException", "Rate exceeded")
}

// errInternal is AWS's own 5xx.
func errInternal(op *operation) *apiError {
	e := &apiError{
		status: http.StatusInternalServerError, code: "InternalFailure", message: "An internal error has occurred.",
	}
	switch op.service {
	case serviceECS:
		e.code = "ServerException"
	case serviceEC2:
		e.code = "InternalError"
	}
	return e
}

// errUnknownOperation is the answer to an operation that the simulator, or the
// world's region, does not have.
func errUnknownOperation(op *operation) *apiError {
	switch op.service {
	case serviceEC2:
		return refuse("InvalidAction", "The action %s is not valid for this web service.", op.name)
	case serviceELB, serviceSTS:
		return refuse("InvalidAction", "Could not find operation %s for version %s", op.name, apiVersions[op.service])
	}
	return refuse("UnknownOperationException", "The operation %s is not known.", op.name)
}
