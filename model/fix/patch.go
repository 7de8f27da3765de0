package fix

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"hopscope/internal/jsonedit"
)

// Patch carries edits out on a Service Connect block as AWS gave it
// (deployments[].serviceConnectConfiguration), and returns the block to send. The
// rest of the text is kept byte for byte: UpdateService replaces the whole block,
// and what is not sent back is lost. The error is [ErrBlockChanged] if an entry is
// not where the edits expect it; text that readers take in two ways is not changed
// either.
func Patch(block []byte, edits []Edit) ([]byte, error) {
	if !json.Valid(block) {
		return nil, errors.New("the Service Connect block is not JSON")
	}
	out := slices.Clone(block)
	for _, e := range inOrder(edits) {
		var err error
		if out, err = e.patch(out); err != nil {
			return nil, fmt.Errorf("edit the Service Connect block: %w", err)
		}
	}
	return out, nil
}

func (e *Edit) patch(block []byte) ([]byte, error) {
	if err := e.expectEntry(block); err != nil {
		return nil, err
	}
	switch e.Kind {
	case EditRemoveEndpoint:
		return jsonedit.Delete(block, e.path()...)
	case EditOverride:
		if e.Port == 0 {
			return jsonedit.Delete(block, e.path("ingressPortOverride")...)
		}
		return jsonedit.Set(block, strconv.Itoa(e.Port), e.path("ingressPortOverride")...)
	case EditTimeout:
		return e.patchTimeout(block)
	case EditTLS:
		return e.patchTLS(block)
	}
	return nil, fmt.Errorf("unknown edit %q", e.Kind)
}

// path leads to a member of the entry.
func (e *Edit) path(members ...any) []any {
	return append([]any{"services", e.Index}, members...)
}

// expectEntry makes sure that the entry is the one that the edit is about.
func (e *Edit) expectEntry(block []byte) error {
	services, err := jsonedit.Get(block, "services")
	switch {
	case err != nil:
		return err
	case services == nil:
		return fmt.Errorf("%w: it has no services", ErrBlockChanged)
	}
	n, err := jsonedit.Len(block, "services")
	switch {
	case err != nil:
		return err
	case e.Index < 0 || e.Index >= n:
		return fmt.Errorf("%w: it has %d endpoints, and the edit is about services[%d]", ErrBlockChanged, n, e.Index)
	}
	name, err := jsonedit.Get(block, e.path("portName")...)
	if err != nil {
		return err
	}
	var got string
	_ = json.Unmarshal(name, &got) // what is not text is not the name
	if got != e.PortName {
		return fmt.Errorf("%w: services[%d] has portName %q, not %q", ErrBlockChanged, e.Index, got, e.PortName)
	}
	return nil
}

// patchTimeout sets timeouts, or takes the per-request timeout away: and the timeout
// member with it when nothing else is in it.
func (e *Edit) patchTimeout(block []byte) ([]byte, error) {
	const perRequest = "perRequestTimeoutSeconds"
	var err error
	if e.Drop {
		had, err := jsonedit.Get(block, e.path("timeout", perRequest)...)
		if err != nil || had == nil {
			return block, err
		}
		if block, err = jsonedit.Delete(block, e.path("timeout", perRequest)...); err != nil {
			return nil, err
		}
		left, err := jsonedit.Get(block, e.path("timeout")...)
		var members map[string]json.RawMessage
		if err == nil && json.Unmarshal(left, &members) == nil && len(members) == 0 {
			return jsonedit.Delete(block, e.path("timeout")...)
		}
		return block, err
	}
	if e.IdleSeconds != nil {
		block, err = jsonedit.Set(block, strconv.Itoa(*e.IdleSeconds), e.path("timeout", "idleTimeoutSeconds")...)
	}
	if err == nil && e.PerRequestSeconds != nil {
		block, err = jsonedit.Set(block, strconv.Itoa(*e.PerRequestSeconds), e.path("timeout", perRequest)...)
	}
	return block, err
}

// patchTLS names the certificate authority of an endpoint. What else its tls says
// stays.
func (e *Edit) patchTLS(block []byte) ([]byte, error) {
	switch {
	case e.Drop:
		return jsonedit.Delete(block, e.path("tls")...)
	case e.IssuerARN == "":
		return nil, errors.New("TLS needs the ARN of a private certificate authority")
	}
	issuer, err := json.Marshal(map[string]string{"awsPcaAuthorityArn": e.IssuerARN})
	if err != nil {
		return nil, err
	}
	return jsonedit.Set(block, string(issuer), e.path("tls", "issuerCertificateAuthority")...)
}
