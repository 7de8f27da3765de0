package aws

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/aws/smithy-go"

	"hopscope/model"
)

// unreachable is the failure of a call that no connection came about for; setting is
// what decides where its calls go.
func unreachable(err error, setting string) Failure {
	to := routeOf(err)
	host, cause := to.named(), Cause(err)
	f := Failure{State: model.Failed, Code: "unreachable", Everything: true, Transient: true}
	var refusal *proxyRefusalError
	var dns *net.DNSError
	var op *net.OpError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &refusal):
		next := "have the host allowed there, or put it into NO_PROXY"
		if strings.HasPrefix(refusal.status, "407") {
			next = "put its user and password into HTTPS_PROXY, as in http://USER:PASSWORD@HOST:PORT"
		}
		f.Sentence = fmt.Sprintf("the proxy %s does not connect to %s (%s); %s", to.proxy, host, cause, next)
	case errors.As(err, &op) && op.Op == "proxyconnect":
		f.Sentence = fmt.Sprintf("the proxy %s on the way to %s cannot be reached (%s); "+
			"correct HTTPS_PROXY or HTTP_PROXY, or put the host into NO_PROXY", to.proxy, host, cause)
	case errors.As(err, &dns):
		f.Sentence = fmt.Sprintf("%s cannot be reached, its name has no address (%s); "+
			"check the network and its DNS, --region, and %s or AWS_ENDPOINT_URL", host, cause, setting)
	case errors.As(err, &certificate):
		f.Sentence = fmt.Sprintf("%s cannot be reached safely, its certificate is not one to trust (%s); "+
			"log in where the network asks for it, or set AWS_CA_BUNDLE to the certificates of the proxy that reads along",
			to, cause)
	case isNoTLS(err):
		f.Sentence = fmt.Sprintf("%s cannot be reached safely, it does not speak TLS; "+
			"log in where the network asks for it, or begin %s with http:// if that is what you want", to, setting)
	default:
		f.Sentence = fmt.Sprintf("%s cannot be reached (%s); check the network and %s", to, cause,
			setting)
	}
	return f
}

// named is the host alone.
func (r route) named() string { return route{host: r.host}.String() }

// foreign is the failure of a call that something else than AWS answered.
func foreign(action model.Action, e *foreignReplyError, setting string) Failure {
	what := "what is not AWS's"
	if e.page {
		what = "a web page"
	}
	f := Failure{
		State: model.Unsupported, Code: Printable(e.status), Everything: true, Foreign: true,
		Sentence: fmt.Sprintf("%s answered %s with %s (%s); see whether a proxy or a login page is in the way, "+
			"check %s, and read again", e.route, action, what, Printable(e.status), setting),
	}
	if e.inPlace {
		f.State, f.Code, f.Everything, f.Transient = model.Failed, "not AWS", false, true
	}
	return f
}

// incomplete is the failure of a call whose answer did not come, did not come to its
// end, or cannot be read.
func incomplete(action model.Action, err error, setting string) Failure {
	f := Failure{State: model.Failed, Code: shortCause(err), Transient: true}
	to, cause := routeOf(err), Cause(err)
	var over *callTimeError
	var unread *smithy.DeserializationError
	var lasting *endlessError
	switch {
	case errors.As(err, &lasting):
		return endless(action, lasting)
	case errors.As(err, &over):
		f.Sentence = fmt.Sprintf("%s gave no complete answer to %s within %s; "+
			"check the network and its proxies, and read again", to, action, callTime)
	case isTimeout(err):
		f.Sentence = fmt.Sprintf("%s is silent about %s (%s); check the network and its proxies, and read again",
			to, action, cause)
	case to.host != "":
		f.Sentence = fmt.Sprintf("%s broke off its answer to %s (%s); check the network and its proxies, and read again",
			to, action, cause)
	case errors.Is(err, ErrNoContent), errors.As(err, &unread):
		f.Code = "not AWS"
		f.Sentence = fmt.Sprintf("the answer to %s is none of AWS's (%s); "+
			"see whether a proxy is in the way, check %s, and read again", action, cause,
			setting)
	default:
		f.Sentence = fmt.Sprintf("%s failed: %s; read again", action, cause)
	}
	return f
}
