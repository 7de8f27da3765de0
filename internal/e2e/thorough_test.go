package e2e

import (
	"os"
	"testing"
)

// thorough tells whether a test takes everything: each request at which a program can
// be killed, each screen's keys, the script of each plan by the AWS CLI. That takes
// minutes; .ci/run asks for it by HOPSCOPE_THOROUGH=1. Otherwise a test takes a sample.
func thorough() bool { return os.Getenv("HOPSCOPE_THOROUGH") != "" }

// needThorough skips a test that has no sample worth its time.
func needThorough(t *testing.T) {
	t.Helper()
	if !thorough() {
		t.Skip("it takes a minute: set HOPSCOPE_THOROUGH=1")
	}
}
