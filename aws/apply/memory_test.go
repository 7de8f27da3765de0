package apply_test

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"slices"

	"hopscope/model/journal"
)

// memory is a journal that costs no disk: files of entries, as bytes.
type memory map[string][]byte

func (m memory) Create(e *journal.Entry) error {
	if m[e.ID] != nil {
		return fs.ErrExist
	}
	return m.Save(e)
}

func (m memory) Save(e *journal.Entry) error {
	var b bytes.Buffer
	if err := journal.Encode(&b, e); err != nil {
		return err
	}
	m[e.ID] = b.Bytes()
	return nil
}

func (m memory) Load(id string) (*journal.Entry, error) {
	if m[id] == nil {
		return nil, fmt.Errorf("%s: %w", id, fs.ErrNotExist)
	}
	return journal.Decode(bytes.NewReader(m[id]))
}

func (m memory) List() (all []*journal.Entry, bad []journal.Unreadable, err error) {
	for id := range m {
		e, err := m.Load(id)
		if err != nil {
			bad = append(bad, journal.Unreadable{File: id + ".json", Err: err})
			continue
		}
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b *journal.Entry) int { return cmp.Compare(b.Sequence, a.Sequence) })
	return all, bad, nil
}

func (memory) Lock(*journal.Entry) (func(), error) { return func() {}, nil }
