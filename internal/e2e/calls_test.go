package e2e

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hopscope/aws"
	"hopscope/aws/collect"
	"hopscope/aws/simulator"
	"hopscope/model"
)

// reading is what it took to read a world, behind an answer that takes roundTrip.
type reading struct {
	calls map[model.Action]int
	// names, first and all are the round trips after which the explorer had names to show,
	// the first service with its facts, and all of them.
	names, first, all int
}

const roundTrip = 80 * time.Millisecond

// costOf reads a world as a report does, which reads everything, or as the explorer.
func costOf(t *testing.T, name string, everything bool) (r reading) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		world, err := simulator.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		// The world's services were made long after the fake clock begins.
		time.Sleep(time.Until(time.Date(2026, time.November, 22, 9, 0, 0, 0, time.UTC)))
		sim := simulator.New(world, simulator.Options{})
		sim.SetFaults(simulator.Faults{LatencyMillis: int(roundTrip / time.Millisecond)})
		account, err := aws.Open(t.Context(), aws.Options{Transport: sim, Region: world.Region, Unpaced: true})
		if err != nil {
			t.Fatal(err)
		}
		source, err := collect.New(account, collect.Options{Everything: everything})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		trips := func() int { return int((time.Since(began) + roundTrip - 1) / roundTrip) }
		s, err := source.Collect(t.Context(), func(s *model.Snapshot) {
			n := s.Counts.Services
			if r.names == 0 && n.Listed > 0 {
				r.names = trips()
			}
			if r.first == 0 && n.Loaded > 0 {
				r.first = trips()
			}
			if r.all == 0 && n.Loaded > 0 && n.Loaded == n.Listed {
				r.all = trips()
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if !s.Complete || s.Stats.Throttled > 0 {
			t.Errorf("%s: gaps %v, %d throttled", name, s.Gaps, s.Stats.Throttled)
		}
		r.calls = s.Stats.Calls
	})
	return r
}

var countedWorlds = []string{"article", "shop", "fleet:1000"}

// docs/calls.md has the calls of each operation, and the round trips before the explorer
// has something to show: those are not more than they were before targets, callers and
// interfaces were read.
func TestCallsByKind(t *testing.T) {
	actions := map[model.Action]bool{}
	all := map[string][2]reading{}
	for _, world := range countedWorlds {
		all[world] = [2]reading{costOf(t, world, true), costOf(t, world, false)}
		for _, r := range all[world] {
			for a := range r.calls {
				actions[a] = true
			}
		}
	}
	before := map[string]reading{
		"article": {names: 2, first: 4, all: 4}, "shop": {names: 2, first: 4, all: 4},
		"fleet:1000": {names: 2, first: 4, all: 8},
	}
	for world, was := range before {
		if is := all[world][1]; is.names > was.names || is.first > was.first || is.all > was.all {
			t.Errorf("%s: names after %d round trips, a service after %d, all after %d; they were %d, %d and %d", world,
				is.names, is.first, is.all, was.names, was.first, was.all)
		}
	}
	file := filepath.Join(root, "docs/calls.md")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, begins := strings.Cut(string(text), callsBegin)
	_, tail, ends := strings.Cut(rest, callsEnd)
	if !begins || !ends {
		t.Fatalf("%s has no place for the table", file)
	}
	fresh(t, "docs/calls.md", head+callsBegin+callsTable(all, slices.Sorted(maps.Keys(actions)))+callsEnd+tail)
}

// The table of docs/calls.md is between these.
const callsBegin, callsEnd = "<!-- begin calls -->\n", "<!-- end calls -->"

// callsTable has two columns for each world: a report and the explorer.
func callsTable(all map[string][2]reading, actions []model.Action) string {
	var b strings.Builder
	b.WriteString("| |")
	for _, world := range countedWorlds {
		b.WriteString(" " + world + ", report | explorer |")
	}
	b.WriteString("\n|---|" + strings.Repeat("--:|", 2*len(countedWorlds)) + "\n")
	row := func(name string, cell func(world string, kind int) int) {
		b.WriteString("| " + name)
		for _, world := range countedWorlds {
			for kind := range 2 {
				n := strconv.Itoa(cell(world, kind))
				if n == "0" {
					n = "–"
				}
				b.WriteString(" | " + n)
			}
		}
		b.WriteString(" |\n")
	}
	for _, a := range actions {
		row("`"+string(a)+"`", func(world string, kind int) int { return all[world][kind].calls[a] })
	}
	row("**all**", func(world string, kind int) int {
		n := 0
		for _, calls := range all[world][kind].calls {
			n += calls
		}
		return n
	})
	row("round trips to the first names", func(world string, kind int) int { return all[world][kind].names })
	row("round trips to the first service", func(world string, kind int) int { return all[world][kind].first })
	row("round trips to all services", func(world string, kind int) int { return all[world][kind].all })
	return b.String()
}
