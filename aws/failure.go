package aws

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/smithy-go"

	"hopscope/model"
)

// The error codes of AWS that are told apart (docs/aws.md, SDK pitfalls).
var (
	deniedCodes = []string{
		"AccessDeniedException", "AccessDenied", "UnauthorizedOperation", "OptInRequired", "NotAuthorized",
	}
	expiredCodes = []string{
		"ExpiredToken", "ExpiredTokenException", "RequestExpired",
	}
	refusedCredentialCodes = []string{
		"UnrecognizedClientException", "InvalidClientTokenId", "InvalidSignatureException", "SignatureDoesNotMatch",
		"AuthFailure", "IncompleteSignature", "IncompleteSignatureException", "MissingAuthenticationToken",
		"MissingAuthenticationTokenException", "InvalidAccessKeyId",
	}
	unknownOperationCodes = []string{
		"UnknownOperationException", "InvalidAction", "UnsupportedOperation", "UnsupportedOperationException",
		"NotImplemented", "NotImplementedException", "UnknownOperation", "UnsupportedFeatureException",
	}
	absentCodes = []string{
		"TargetGroupNotFound", "LoadBalancerNotFound", "ListenerNotFound", "RuleNotFound",
		"InvalidPrefixListID.NotFound", "InvalidPrefixListId.NotFound", "InvalidGroup.NotFound",
		"ClusterNotFoundException", "ServiceNotFoundException",
	}
)

// Failure is why a call failed, told in the terms of a gap.
type Failure struct {
	State model.GapState
	// Code is AWS's error code, or a word of ours.
	Code string
	// Sentence ends with the next step.
	Sentence string
	// Credentials tells that no call can succeed any more.
	Credentials bool
	// Everything tells that the same call fails for every resource.
	Everything bool
	// Endless tells that a listing had no end.
	Endless bool
	// Foreign tells that what answered was not AWS.
	Foreign bool
	// Transient tells that the call might succeed at another time.
	Transient bool
}

// Classify tells why a call of the action failed.
func (a *Account) Classify(action model.Action, err error) Failure {
	if f, ok := a.classifyCredentials(err); ok {
		return f
	}
	var other *foreignReplyError
	switch {
	case errors.As(err, &other):
		return foreign(action, other, a.endpointSetting(action))
	case IsUnreachable(err):
		return unreachable(err, a.endpointSetting(action))
	}
	if api := apiError(err); api != nil {
		return classifyCode(action, api, err)
	}
	return incomplete(action, err, a.endpointSetting(action))
}

// classifyCode judges an error that AWS gave a code.
func classifyCode(action model.Action, api smithy.APIError, err error) Failure {
	code, message := Printable(api.ErrorCode()), strings.TrimRight(Printable(api.ErrorMessage()), ".")
	switch {
	case isOneOf(code, deniedCodes):
		d := parseDenial(message)
		return Failure{
			State: model.Denied, Code: code, Sentence: d.sentence(action),
			Everything: !operations[action].ResourceLevel || d.forEverything(),
		}
	case isOneOf(code, unknownOperationCodes):
		return unsupported(action, code)
	case isOneOf(code, absentCodes):
		return Failure{
			State: model.Absent, Code: code,
			Sentence: fmt.Sprintf("%s: %s; it was probably deleted meanwhile: read again", action, message),
		}
	case IsThrottle(err):
		return Failure{
			State: model.Failed, Code: code, Transient: true,
			Sentence: fmt.Sprintf("%s is throttled although hopscope keeps to AWS's rates; "+
				"others in the account use them up: read again later", action),
		}
	}
	return Failure{
		State: model.Failed, Code: code, Transient: api.ErrorFault() == smithy.FaultServer,
		Sentence: fmt.Sprintf("%s failed: %s; read again, and report it if it stays", action, message),
	}
}

func unsupported(action model.Action, code string) Failure {
	return Failure{
		State: model.Unsupported, Code: code, Everything: true,
		Sentence: fmt.Sprintf("the endpoint does not know %s; "+
			"use one that does, or take its verdicts as unknown", action),
	}
}

// classifyCredentials judges errors after which no call can succeed.
func (a *Account) classifyCredentials(err error) (Failure, bool) {
	f := Failure{State: model.Failed, Credentials: true, Everything: true}
	api := apiError(err)
	switch {
	case isSSOFailure(err):
		f.Code = "ExpiredSSOToken"
		f.Sentence = "the SSO session has expired; run `" + a.login() + "`"
	case api != nil && isOneOf(api.ErrorCode(), expiredCodes):
		f.Code = Printable(api.ErrorCode())
		f.Sentence = "the credentials have expired; renew them (`" + a.login() + "` for an SSO profile)"
	case api != nil && isOneOf(api.ErrorCode(), refusedCredentialCodes):
		f.Code = Printable(api.ErrorCode())
		f.Sentence = "AWS does not accept the credentials (" + f.Code +
			"); check the profile, the keys and the clock, and log in again"
	case isCredentialFailure(err):
		f.Code = "NoCredentials"
		f.Sentence = "the credentials could not be renewed; log in again (`" + a.login() + "` for an SSO profile)"
	default:
		return Failure{}, false
	}
	return f, true
}

// login is the command that renews an SSO session of the account's profile.
func (a *Account) login() string {
	if a.profile == "" {
		return "aws sso login"
	}
	return "aws sso login --profile " + Printable(a.profile)
}

// isSSOFailure tells whether an SSO session is missing or has expired. Profiles
// with an sso_session get no typed error from the SDK; the words are those of its
// token provider.
func isSSOFailure(err error) bool {
	var invalid *ssocreds.InvalidTokenError
	return errors.As(err, &invalid) ||
		err != nil && strings.Contains(err.Error(), "cached SSO token") && !IsUnreachable(err)
}

// isCredentialFailure tells whether the SDK had no credentials to sign with. The
// SDK gives no type to branch on; the words are those of its signing step.
func isCredentialFailure(err error) bool {
	return err != nil && (strings.Contains(err.Error(), "get identity: ") ||
		strings.Contains(err.Error(), "failed to refresh cached credentials"))
}

func apiError(err error) smithy.APIError {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api
	}
	return nil
}

// ErrorCode is AWS's code of an error, "" when AWS gave none.
func ErrorCode(err error) string {
	if api := apiError(err); api != nil {
		return api.ErrorCode()
	}
	return ""
}

// Answer is AWS's answer in one line: "UnauthorizedOperation: You are not …".
func Answer(err error) string {
	if api := apiError(err); api != nil {
		return Printable(api.ErrorCode() + ": " + api.ErrorMessage())
	}
	return Cause(err)
}

// IsAbsent tells whether AWS answered that what was asked for does not exist.
func IsAbsent(err error) bool { return isOneOf(ErrorCode(err), absentCodes) }

func isOneOf(code string, codes []string) bool {
	// EC2 and ECS write some codes with a namespace in front.
	return slices.Contains(codes, code[strings.LastIndexByte(code, '#')+1:])
}

// shortCause is a word for an error that has no code.
func shortCause(err error) string {
	if isTimeout(err) {
		return "timeout"
	}
	return "no answer"
}

// Cause is the innermost error in one Printable line: the SDK's own wrapping
// says little to a user.
func Cause(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return Printable(err.Error())
		}
		err = inner
	}
}
