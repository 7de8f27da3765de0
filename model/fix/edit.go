package fix

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"hopscope/model"
)

// EditKind is what an edit changes of a Service Connect block.
type EditKind string

// The edits.
const (
	EditOverride       EditKind = "ingressPortOverride"
	EditTimeout        EditKind = "timeout"
	EditRemoveEndpoint EditKind = "remove"
)

// Edit is a change of one entry of serviceConnectConfiguration.services. All that
// it does not name stays as it is, members that nobody here knows included.
type Edit struct {
	Kind EditKind `json:"kind"`
	// Index and PortName name the entry: several may have one port name.
	Index    int    `json:"index"`
	PortName string `json:"portName"`
	// Port is the new override, 0 for none.
	Port int `json:"port,omitempty"`
	// PerRequestSeconds and IdleSeconds are the new timeouts; nil leaves one.
	PerRequestSeconds *int `json:"perRequestSeconds,omitempty"`
	IdleSeconds       *int `json:"idleSeconds,omitempty"`
}

// ErrBlockChanged tells that a Service Connect block is not the one that a plan was
// made for.
var ErrBlockChanged = errors.New("the Service Connect block is not the one that the plan was made for")

// Patch carries edits out on a Service Connect block as AWS gave it
// (deployments[].serviceConnectConfiguration), and returns the block to send. The
// rest of the text is kept byte for byte: UpdateService replaces the whole block,
// and what is not sent back is lost (api.md §4.6). The error is [ErrBlockChanged] if
// an entry is not where the edits expect it.
func Patch(block []byte, edits []Edit) ([]byte, error) {
	if !gjson.ValidBytes(block) {
		return nil, errors.New("the Service Connect block is not JSON")
	}
	out := slices.Clone(block)
	// Entries are removed from behind, so that the positions of the others stay.
	ordered := slices.Clone(edits)
	slices.SortStableFunc(ordered, func(a, b Edit) int { return b.Index - a.Index })
	for _, e := range ordered {
		entry := "services." + strconv.Itoa(e.Index)
		if got := gjson.GetBytes(out, entry+".portName"); got.String() != e.PortName {
			return nil, fmt.Errorf("%w: entry %d has portName %q, not %q", ErrBlockChanged, e.Index, got.String(), e.PortName)
		}
		var err error
		if out, err = e.patch(out, entry); err != nil {
			return nil, fmt.Errorf("edit the Service Connect block: %w", err)
		}
	}
	return out, nil
}

func (e *Edit) patch(block []byte, entry string) ([]byte, error) {
	switch e.Kind {
	case EditRemoveEndpoint:
		return sjson.DeleteBytes(block, entry)
	case EditOverride:
		if e.Port == 0 {
			return sjson.DeleteBytes(block, entry+".ingressPortOverride")
		}
		return sjson.SetBytes(block, entry+".ingressPortOverride", e.Port)
	case EditTimeout:
		return e.patchTimeout(block, entry+".timeout.")
	}
	return nil, fmt.Errorf("unknown edit %q", e.Kind)
}

func (e *Edit) patchTimeout(block []byte, timeout string) ([]byte, error) {
	var err error
	if e.IdleSeconds != nil {
		block, err = sjson.SetBytes(block, timeout+"idleTimeoutSeconds", *e.IdleSeconds)
	}
	if err == nil && e.PerRequestSeconds != nil {
		block, err = sjson.SetBytes(block, timeout+"perRequestTimeoutSeconds", *e.PerRequestSeconds)
	}
	return block, err
}

// applyEdits carries edits out on the model's form of a block.
func applyEdits(sc model.ServiceConnect, edits []Edit) (model.ServiceConnect, error) {
	sc.Services = slices.Clone(sc.Services)
	ordered := slices.Clone(edits)
	slices.SortStableFunc(ordered, func(a, b Edit) int { return b.Index - a.Index })
	for _, e := range ordered {
		if e.Index < 0 || e.Index >= len(sc.Services) || sc.Services[e.Index].PortName != e.PortName {
			return sc, ErrBlockChanged
		}
		s := &sc.Services[e.Index]
		switch e.Kind {
		case EditRemoveEndpoint:
			sc.Services = slices.Delete(sc.Services, e.Index, e.Index+1)
		case EditOverride:
			s.IngressPortOverride = e.Port
		case EditTimeout:
			s.Timeout = withTimeouts(s.Timeout, e)
		}
	}
	return sc, nil
}

func withTimeouts(old *model.Timeout, e Edit) *model.Timeout {
	t := model.Timeout{}
	if old != nil {
		t = *old
	}
	if e.PerRequestSeconds != nil {
		t.PerRequestSeconds = e.PerRequestSeconds
	}
	if e.IdleSeconds != nil {
		t.IdleSeconds = e.IdleSeconds
	}
	return &t
}
