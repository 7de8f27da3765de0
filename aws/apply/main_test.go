package apply_test

import (
	"os"
	"testing"

	"hopscope/internal/thorough"
)

func TestMain(m *testing.M) {
	thorough.Draw(25)
	os.Exit(m.Run())
}
