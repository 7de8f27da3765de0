package fix

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// Patch carries edits out on a Service Connect block as AWS gave it
// (deployments[].serviceConnectConfiguration), and returns the block to send. The
// rest of the text is kept byte for byte: UpdateService replaces the whole block,
// and what is not sent back is lost (api.md §4.6). The error is [ErrBlockChanged] if
// an entry is not where the edits expect it; text that could be read in two ways is
// not changed either.
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
	entries, err := entriesOf(block)
	if err != nil {
		return nil, err
	}
	if e.Index < 0 || e.Index >= len(entries) {
		return nil, fmt.Errorf("%w: it has %d endpoints, and the edit is about services[%d]", ErrBlockChanged, len(entries), e.Index)
	}
	at := entries[e.Index].from
	if err := e.expectEntry(block, at); err != nil {
		return nil, err
	}
	switch e.Kind {
	case EditRemoveEndpoint:
		return without(block, entries, e.Index), nil
	case EditOverride:
		if e.Port == 0 {
			return drop(block, at, "ingressPortOverride")
		}
		return set(block, at, "ingressPortOverride", strconv.Itoa(e.Port))
	case EditTimeout:
		return e.patchTimeout(block, at)
	case EditTLS:
		return e.patchTLS(block, at)
	}
	return nil, fmt.Errorf("unknown edit %q", e.Kind)
}

// entriesOf are the places of the entries of services.
func entriesOf(block []byte) ([]span, error) {
	top, err := members(block, 0)
	if err != nil {
		return nil, fmt.Errorf("the block %w", err)
	}
	services, err := find(top, "services")
	switch {
	case err != nil:
		return nil, err
	case services == nil:
		return nil, fmt.Errorf("%w: it has no services", ErrBlockChanged)
	}
	entries, err := elements(block, services.value.from)
	if err != nil {
		return nil, fmt.Errorf("services %w", err)
	}
	return entries, nil
}

// expectEntry makes sure that an entry is the one that the edit is about.
func (e *Edit) expectEntry(block []byte, at int) error {
	entry, err := members(block, at)
	if err != nil {
		return fmt.Errorf("services[%d] %w", e.Index, err)
	}
	name, err := find(entry, "portName")
	if err != nil {
		return err
	}
	var got string
	if name != nil {
		_ = json.Unmarshal(block[name.value.from:name.value.to], &got) // what is not text is not the name
	}
	if got != e.PortName {
		return fmt.Errorf("%w: services[%d] has portName %q, not %q", ErrBlockChanged, e.Index, got, e.PortName)
	}
	return nil
}

func (e *Edit) patchTimeout(block []byte, at int) ([]byte, error) {
	if e.Drop {
		return dropIn(block, at, "timeout", "perRequestTimeoutSeconds")
	}
	var err error
	if e.IdleSeconds != nil {
		block, err = setIn(block, at, "timeout", "idleTimeoutSeconds", strconv.Itoa(*e.IdleSeconds))
	}
	if err == nil && e.PerRequestSeconds != nil {
		block, err = setIn(block, at, "timeout", "perRequestTimeoutSeconds", strconv.Itoa(*e.PerRequestSeconds))
	}
	return block, err
}

// patchTLS names the certificate authority of an endpoint. What else its tls says
// stays.
func (e *Edit) patchTLS(block []byte, at int) ([]byte, error) {
	switch {
	case e.Drop:
		return drop(block, at, "tls")
	case e.IssuerARN == "":
		return nil, errors.New("TLS needs the ARN of a private certificate authority")
	}
	arn, err := json.Marshal(e.IssuerARN)
	if err != nil {
		return nil, err
	}
	entry, err := members(block, at)
	if err != nil {
		return nil, err
	}
	tls, err := find(entry, "tls")
	if err != nil {
		return nil, err
	}
	issuer := `{"awsPcaAuthorityArn":` + string(arn) + `}`
	if tls == nil || block[tls.value.from] != '{' {
		return set(block, at, "tls", `{"issuerCertificateAuthority":`+issuer+`}`)
	}
	return set(block, tls.value.from, "issuerCertificateAuthority", issuer)
}

// set gives a member of the object at a position a value: in its place, or else
// behind the last member.
func set(text []byte, at int, name, value string) ([]byte, error) {
	all, err := members(text, at)
	if err != nil {
		return nil, err
	}
	m, err := find(all, name)
	switch {
	case err != nil:
		return nil, err
	case m != nil:
		return splice(text, m.value, value), nil
	case len(all) == 0:
		at = skipSpace(text, at) + 1
		return splice(text, span{at, at}, `"`+name+`":`+value), nil
	}
	end := all[len(all)-1].at.to
	return splice(text, span{end, end}, `,"`+name+`":`+value), nil
}

// drop takes a member of the object at a position away.
func drop(text []byte, at int, name string) ([]byte, error) {
	all, err := members(text, at)
	if err != nil {
		return nil, err
	}
	m, err := find(all, name)
	if err != nil || m == nil {
		return text, err
	}
	places := make([]span, len(all))
	for i := range all {
		places[i] = all[i].at
	}
	return without(text, places, slices.Index(places, m.at)), nil
}

// setIn sets a member of an object inside the one at a position; the inner object
// is made where there is none, or null.
func setIn(text []byte, at int, outer, name, value string) ([]byte, error) {
	m, err := inner(text, at, outer)
	switch {
	case err != nil:
		return nil, err
	case m == nil:
		return set(text, at, outer, `{"`+name+`":`+value+`}`)
	}
	return set(text, m.value.from, name, value)
}

// dropIn takes a member of an object inside the one at a position away, and the
// inner object with it when nothing else is in it.
func dropIn(text []byte, at int, outer, name string) ([]byte, error) {
	m, err := inner(text, at, outer)
	if err != nil || m == nil {
		return text, err
	}
	all, err := members(text, m.value.from)
	if err != nil {
		return nil, err
	}
	if len(all) == 1 && all[0].name == name {
		return drop(text, at, outer)
	}
	return drop(text, m.value.from, name)
}

// inner finds an object inside the one at a position; nil where there is none, or
// null.
func inner(text []byte, at int, name string) (*member, error) {
	all, err := members(text, at)
	if err != nil {
		return nil, err
	}
	m, err := find(all, name)
	switch {
	case err != nil:
		return nil, err
	case m == nil || string(text[m.value.from:m.value.to]) == "null":
		return nil, nil
	case text[m.value.from] != '{':
		return nil, fmt.Errorf("%s is not an object", name)
	}
	return m, nil
}
