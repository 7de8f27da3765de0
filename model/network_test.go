package model

import "testing"

func TestARuleOverAPeeringThatIsGoneIsStale(t *testing.T) {
	for status, want := range map[string]bool{"": false, "active": false, "deleted": true, "pending-acceptance": true} {
		if got := (&GroupReference{ID: "sg-1", PeeringStatus: status}).Stale(); got != want {
			t.Errorf("peering %q: stale is %v, want %v", status, got, want)
		}
	}
}
