// Package thorough tells tests whether to take everything, which takes minutes, or a
// sample. HOPSCOPE_THOROUGH=1 in the environment asks for everything; .ci/run does.
package thorough

import (
	"flag"
	"os"
	"strconv"
)

// On tells whether a test takes everything.
func On() bool { return os.Getenv("HOPSCOPE_THOROUGH") != "" }

// Step is the distance between two cases of a series that a test takes: 1 for all of
// them, or that of a sample.
func Step(sample int) int {
	if On() {
		return 1
	}
	return sample
}

// Draw says how many random cases each property of a package takes, unless it takes
// everything or -rapid.checks says: rapid has one number for all of a test binary.
// Called by TestMain, before the flags are read.
func Draw(sample int) {
	if f := flag.Lookup("rapid.checks"); f != nil && !On() {
		_ = f.Value.Set(strconv.Itoa(sample)) // a number, which it takes
	}
}

// Need skips a test that has no sample worth its time.
func Need(t interface {
	Helper()
	Skip(args ...any)
},
) {
	t.Helper()
	if !On() {
		t.Skip("it takes a minute: set HOPSCOPE_THOROUGH=1")
	}
}
