package simulator

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func Test_a_fleet_of_any_size_is_a_world(t *testing.T) {
	for _, n := range []int{1, 2, 30, 300, MaxFleet} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			w := load(t, FleetName(n))
			if err := w.Check(); err != nil {
				t.Error(err)
			}
			if len(w.Services) != n {
				t.Errorf("%d services", len(w.Services))
			}
		})
	}
}

func Test_equal_arguments_make_equal_fleets(t *testing.T) {
	if diff := cmp.Diff(Fleet(120, 7), Fleet(120, 7)); diff != "" {
		t.Error(diff)
	}
	if reflect.DeepEqual(Fleet(120, 7).Services, Fleet(120, 8).Services) {
		t.Error("two seeds give the same services")
	}
}
