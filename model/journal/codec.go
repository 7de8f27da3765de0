package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
)

// maxFile bounds a file of the journal; an entry is far below it, with a long block
// and full groups.
const maxFile = 16 << 20

// idForm keeps an id a file name everywhere, and a word in a shell.
var idForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,99}$`)

// CheckID tells whether an id can name an entry.
func CheckID(id string) error {
	if !idForm.MatchString(id) {
		return fmt.Errorf("%q is not the id of an entry: letters, digits and hyphens only", id)
	}
	return nil
}

// Encode writes an entry as its file has it.
func Encode(w io.Writer, e *Entry) error {
	if err := e.check(); err != nil {
		return err
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", " ")
	return encoder.Encode(e)
}

// Decode reads an entry from a file of the journal. The error says what is wrong
// with it: a damaged entry must not be rolled back by halves.
func Decode(r io.Reader) (*Entry, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("it is larger than %d bytes", maxFile)
	}
	var e Entry
	if err := json.Unmarshal(bytes.TrimSpace(data), &e); err != nil {
		return nil, fmt.Errorf("it is not the JSON of an entry: %w", err)
	}
	if err := e.check(); err != nil {
		return nil, err
	}
	return &e, nil
}

// Clone is a copy that shares nothing that the applier changes.
func (e *Entry) Clone() *Entry {
	out := *e
	out.Steps = slices.Clone(e.Steps)
	out.Unmet = slices.Clone(e.Unmet)
	out.Calls = slices.Clone(e.Calls)
	if e.Rollout != nil {
		rollout := *e.Rollout
		out.Rollout = &rollout
	}
	return &out
}
