package simulator

import (
	"testing"
)

func Test_the_built_in_worlds_load_and_check(t *testing.T) {
	for _, name := range Worlds() {
		w := load(t, name)
		if w.Name != name {
			t.Errorf("the world in %s.json calls itself %q", name, w.Name)
		}
	}
}
