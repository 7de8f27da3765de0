package aws

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/smithy-go"

	"hopscope/model"
)

// The error codes of AWS that a collection tells apart (api.md §4.4).
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

// errNoContent is an answer without what was asked for.
var errNoContent = errors.New("the answer is empty")

// failure is why a call failed, told in the terms of a gap.
type failure struct {
	state model.GapState
	// code is AWS's error code, or a word of ours.
	code string
	// sentence ends with the next step.
	sentence string
	// credentials tells that no call can succeed any more.
	credentials bool
	// everything tells that the same call fails for every resource.
	everything bool
	// transient tells that the call might succeed at another time.
	transient bool
}

// classify tells why a call of the action failed.
func (a *Account) classify(action model.Action, err error) failure {
	if f, ok := a.classifyCredentials(err); ok {
		return f
	}
	var foreign *foreignReplyError
	if errors.As(err, &foreign) {
		return unsupported(action, printable(foreign.status))
	}
	if isUnreachable(err) {
		return failure{
			state: model.Failed, code: "unreachable", everything: true, transient: true,
			sentence: fmt.Sprintf("%s cannot be reached (%s); check the network and --endpoint-url",
				hostOf(err), causeOf(err)),
		}
	}
	if api := apiError(err); api != nil {
		return classifyCode(action, api, err)
	}
	return failure{
		state: model.Failed, code: shortCause(err), transient: true,
		sentence: fmt.Sprintf("%s failed: %s; read again", action, causeOf(err)),
	}
}

// classifyCode judges an error that AWS gave a code.
func classifyCode(action model.Action, api smithy.APIError, err error) failure {
	code, message := printable(api.ErrorCode()), strings.TrimRight(printable(api.ErrorMessage()), ".")
	switch {
	case isOneOf(code, deniedCodes):
		d := parseDenial(message)
		return failure{
			state: model.Denied, code: code, sentence: d.sentence(action),
			everything: !operations[action].resourceLevel || d.forEverything(),
		}
	case isOneOf(code, unknownOperationCodes):
		return unsupported(action, code)
	case isOneOf(code, absentCodes):
		return failure{
			state: model.Absent, code: code,
			sentence: fmt.Sprintf("%s: %s; it was probably deleted meanwhile: read again", action, message),
		}
	case isThrottle(err):
		return failure{
			state: model.Failed, code: code, transient: true,
			sentence: fmt.Sprintf("%s is throttled although hopscope keeps to AWS's rates; "+
				"others in the account use them up: read again later", action),
		}
	}
	return failure{
		state: model.Failed, code: code, transient: api.ErrorFault() == smithy.FaultServer,
		sentence: fmt.Sprintf("%s failed: %s; read again, and report it if it stays", action, message),
	}
}

func unsupported(action model.Action, code string) failure {
	return failure{
		state: model.Unsupported, code: code, everything: true,
		sentence: fmt.Sprintf("the endpoint does not know %s; "+
			"use one that does, or take its verdicts as unknown", action),
	}
}

// classifyCredentials judges errors after which no call can succeed.
func (a *Account) classifyCredentials(err error) (failure, bool) {
	f := failure{state: model.Failed, credentials: true, everything: true}
	api := apiError(err)
	switch {
	case isSSOFailure(err):
		f.code = "ExpiredSSOToken"
		f.sentence = "the SSO session has expired; run `" + a.login() + "`"
	case api != nil && isOneOf(api.ErrorCode(), expiredCodes):
		f.code = printable(api.ErrorCode())
		f.sentence = "the credentials have expired; renew them (`" + a.login() + "` for an SSO profile)"
	case api != nil && isOneOf(api.ErrorCode(), refusedCredentialCodes):
		f.code = printable(api.ErrorCode())
		f.sentence = "AWS does not accept the credentials (" + f.code +
			"); check the profile, the keys and the clock, and log in again"
	case isCredentialFailure(err):
		f.code = "NoCredentials"
		f.sentence = "the credentials could not be renewed; log in again (`" + a.login() + "` for an SSO profile)"
	default:
		return failure{}, false
	}
	return f, true
}

// login is the command that renews an SSO session of the account's profile.
func (a *Account) login() string {
	if a.profile == "" {
		return "aws sso login"
	}
	return "aws sso login --profile " + printable(a.profile)
}

// isSSOFailure tells whether an SSO session is missing or has expired. Profiles
// with an sso_session get no typed error from the SDK; the words are those of its
// token provider.
func isSSOFailure(err error) bool {
	var invalid *ssocreds.InvalidTokenError
	return errors.As(err, &invalid) ||
		err != nil && strings.Contains(err.Error(), "cached SSO token") && !isUnreachable(err)
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

// causeOf is the innermost error in one printable line: the SDK's own wrapping
// says little to a user.
func causeOf(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return printable(err.Error())
		}
		err = inner
	}
}

// hostOf is the address that could not be reached.
func hostOf(err error) string {
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case errors.As(err, &dns):
		return printable(dns.Name)
	case errors.As(err, &op) && op.Addr != nil:
		return printable(op.Addr.String())
	}
	return "the endpoint"
}
