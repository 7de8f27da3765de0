package model

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// SnapshotSchemaV1 identifies the snapshot file format. Fields are added to it,
// never renamed; a change that older programs would misread gets a new number.
const SnapshotSchemaV1 = "hopscope.snapshot/v1"

const (
	snapshotSchemaPrefix = "hopscope.snapshot/"
	reportSchemaPrefix   = "hopscope.report/"
)

// maxSnapshotBytes limits what is read from a file, decompressed: a small gzip
// file can hold terabytes of zeros. A snapshot of 5000 services is about 20 MB.
const maxSnapshotBytes = 128 << 20

// envelope is the file. Schema comes first, so that a reader can tell a newer
// file even if it cannot read the rest.
type envelope struct {
	Schema   string    `json:"schema"`
	Tool     string    `json:"tool,omitempty"`
	Snapshot *Snapshot `json:"snapshot"`
}

// FileOptions say how a snapshot is saved.
type FileOptions struct {
	// Tool names the writing program and its version, for people who read the
	// file: "hopscope v0.1.0".
	Tool string
	// Overwrite allows replacing an existing file.
	Overwrite bool
}

// Encode writes the snapshot as indented JSON, without what may be secret: the values of
// tags, and of conditions by header or query string.
func Encode(w io.Writer, s *Snapshot, tool string) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	return enc.Encode(envelope{Schema: SnapshotSchemaV1, Tool: tool, Snapshot: redacted(s)})
}

// Decode reads what [Encode] wrote, compressed with gzip or not. A snapshot that
// it returns is valid in the sense of [Snapshot.Validate], its services sorted.
// The error is a [*CannotCheckError].
func Decode(r io.Reader) (*Snapshot, error) {
	return decode(r, maxSnapshotBytes)
}

func decode(r io.Reader, limit int64) (*Snapshot, error) {
	plain, err := decompress(r)
	if err != nil {
		return nil, unreadable(err)
	}
	limited := &io.LimitedReader{R: plain, N: limit + 1}
	content := bufio.NewReader(limited)
	err = skipBlanks(content) // the decoder would hold them all
	var file envelope
	dec := json.NewDecoder(content)
	if err == nil {
		err = dec.Decode(&file)
	}
	if err == nil {
		err = expectEnd(io.MultiReader(dec.Buffered(), content))
	}
	switch {
	case limited.N <= 0:
		return nil, &CannotCheckError{
			Reason: fmt.Sprintf("the snapshot holds more than %d MiB", limit>>20),
			Next:   "take one of fewer clusters with --cluster",
			Err:    err,
		}
	case err != nil && !foreign(file.Schema):
		return nil, unreadable(err)
	case file.Schema != SnapshotSchemaV1:
		return nil, wrongSchema(file.Schema)
	case file.Snapshot == nil:
		return nil, &CannotCheckError{Reason: "the file holds no snapshot", Next: takeAnother}
	}
	if err := file.Snapshot.Validate(); err != nil {
		return nil, &CannotCheckError{Reason: "the snapshot is damaged: " + err.Error(), Next: takeAnother, Err: err}
	}
	slices.SortFunc(file.Snapshot.Services, func(a, b Service) int { return a.Ref().Compare(b.Ref()) })
	return file.Snapshot, nil
}

// takeAnother is the next step after most unreadable files.
const takeAnother = "take another one with hopscope snapshot -o FILE"

// foreign tells whether a schema was read, and is not the one we know: the rest
// of the file then need not make sense to us.
func foreign(schema string) bool { return schema != "" && schema != SnapshotSchemaV1 }

// decompress undoes gzip, which the first two bytes tell.
func decompress(r io.Reader) (io.Reader, error) {
	br := bufio.NewReader(r)
	magic, err := br.Peek(2)
	if err != nil {
		return br, err
	}
	if !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return br, nil
	}
	return gzip.NewReader(br)
}

// errTrailing says that something follows the snapshot.
var errTrailing = errors.New("data after the end of the snapshot")

// expectEnd reads to the end, which also checks the sum of a gzip file.
func expectEnd(r io.Reader) error {
	switch err := skipBlanks(bufio.NewReader(r)); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	}
	return errTrailing
}

// skipBlanks reads up to the first byte that is none of JSON's blanks.
func skipBlanks(r *bufio.Reader) error {
	for {
		b, err := r.ReadByte()
		switch {
		case err != nil:
			return err
		case !strings.ContainsRune(" \t\r\n", rune(b)):
			return r.UnreadByte()
		}
	}
}

// unreadable words an error of reading a file's content.
func unreadable(err error) *CannotCheckError {
	reason := "the snapshot is damaged: " + err.Error()
	var typeErr *json.UnmarshalTypeError
	var syntaxErr *json.SyntaxError
	var pathErr *fs.PathError
	switch {
	case errors.As(err, &syntaxErr):
		reason = "the file is not a hopscope snapshot: " + err.Error()
	case errors.Is(err, io.ErrUnexpectedEOF):
		reason = "the snapshot is cut off"
	case errors.Is(err, io.EOF):
		reason = "the file is empty or cut off"
	case errors.As(err, &typeErr):
		reason = fmt.Sprintf("the snapshot is damaged: %s does not belong in %q", typeErr.Value, typeErr.Field)
	case errors.As(err, &pathErr):
		return &CannotCheckError{Reason: pathErr.Err.Error(), Next: "pass a snapshot file", Err: err}
	}
	return &CannotCheckError{Reason: reason, Next: takeAnother, Err: err}
}

// wrongSchema words what is wrong with a file that is not of our schema.
func wrongSchema(schema string) *CannotCheckError {
	switch {
	case strings.HasPrefix(schema, snapshotSchemaPrefix):
		return &CannotCheckError{
			Reason: fmt.Sprintf("the snapshot has the format %q, and this hopscope reads %q", schema, SnapshotSchemaV1),
			Next:   "update hopscope",
		}
	case strings.HasPrefix(schema, reportSchemaPrefix):
		return &CannotCheckError{Reason: "the file is a report, not a snapshot", Next: takeAnother}
	}
	return &CannotCheckError{Reason: "the file is not a hopscope snapshot", Next: takeAnother}
}

// ReadFile reads a snapshot from a .json or .json.gz file. The error is a
// [*CannotCheckError] that names the file.
func ReadFile(path string) (*Snapshot, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, CannotRead(path, "pass a snapshot file", err)
	}
	defer func() { _ = f.Close() }() // nothing was written
	s, err := Decode(f)
	if err != nil {
		return nil, CannotRead(path, "pass a snapshot file", err)
	}
	return s, nil
}

// CannotRead words an error of reading path for a user, with what to do next. The error is
// a [*CannotCheckError] that names the file.
func CannotRead(path, next string, err error) error {
	var reason string
	var cannot *CannotCheckError
	switch {
	case errors.As(err, &cannot):
		reason, next = cannot.Reason, cannot.Next
	case errors.Is(err, fs.ErrNotExist):
		reason = "there is no such file"
	case errors.Is(err, fs.ErrPermission):
		reason, next = "permission denied", "check who may read it"
	default:
		reason = err.Error()
	}
	return &CannotCheckError{Reason: fmt.Sprintf("cannot read %q: %s", path, reason), Next: next, Err: err}
}

// WriteFile saves the snapshot with mode 0600, in one step (see [ReplaceFile]),
// compressed with gzip where the name ends in .gz. Where the file exists and
// may not be replaced, the error matches [fs.ErrExist].
func WriteFile(path string, s *Snapshot, o FileOptions) error {
	save := CreateFile
	if o.Overwrite {
		save = ReplaceFile
	}
	return save(path, func(w io.Writer) error {
		if !strings.HasSuffix(path, ".gz") {
			return Encode(w, s, o.Tool)
		}
		zip := gzip.NewWriter(w)
		return errors.Join(Encode(zip, s, o.Tool), zip.Close())
	})
}
