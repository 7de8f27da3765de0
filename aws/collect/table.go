package collect

import (
	"slices"
	"strings"
)

// table holds the resources of one family by key and hands out sorted slices
// that never change afterwards. Snapshots share a slice for as long as the
// family has not changed. The zero value needs key.
type table[T any] struct {
	key func(row *T) string
	// compare orders the rows; nil is by key.
	compare func(a, b *T) int

	rows map[string]*T
	// order is sorted as far as the number of sorted rows; new ones are behind.
	order   []*T
	sorted  int
	shared  []T
	changed bool
}

// put adds or replaces a row. The table keeps the value: the caller must not
// change what it points to.
func (t *table[T]) put(row T) { t.putAs(t.key(&row), row) }

// putAs is put for a row that is known by another key.
func (t *table[T]) putAs(key string, row T) {
	if t.rows == nil {
		t.rows = make(map[string]*T)
	}
	t.changed = true
	if old, ok := t.rows[key]; ok {
		*old = row
		return
	}
	t.rows[key] = &row
	t.order = append(t.order, &row)
}

// get finds a row, nil when there is none.
func (t *table[T]) get(key string) *T { return t.rows[key] }

// change replaces a row by a changed copy of itself, if there is one.
func (t *table[T]) change(key string, f func(row *T)) {
	if old := t.rows[key]; old != nil {
		row := *old
		f(&row)
		t.putAs(key, row)
	}
}

// len is the number of rows.
func (t *table[T]) len() int { return len(t.rows) }

// slice is the rows, sorted. It costs a copy only if something changed.
func (t *table[T]) slice() []T {
	if !t.changed {
		return t.shared
	}
	t.sort()
	shared := make([]T, len(t.order))
	for i, row := range t.order {
		shared[i] = *row
	}
	t.shared, t.changed = shared, false
	return shared
}

// sort sorts the new rows and puts them between the others, the last one first:
// between two snapshots a few of thousands are new.
func (t *table[T]) sort() {
	if t.compare == nil {
		t.compare = func(a, b *T) int { return strings.Compare(t.key(a), t.key(b)) }
	}
	fresh := slices.Clone(t.order[t.sorted:])
	slices.SortFunc(fresh, t.compare)
	for left := len(fresh); left > 0; left-- {
		row := fresh[left-1]
		at, _ := slices.BinarySearchFunc(t.order[:t.sorted], row, t.compare)
		copy(t.order[at+left:], t.order[at:t.sorted])
		t.order[at+left-1], t.sorted = row, at
	}
	t.sorted = len(t.order)
}

// putAll adds what AWS answered with to a family, converted.
func putAll[Item, Row any](r *run, family *table[Row], items []Item, convert func(*Item) Row) {
	r.update(func() {
		for i := range items {
			family.put(convert(&items[i]))
		}
	})
}
