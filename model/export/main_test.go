package export_test

import (
	"testing"

	"hopscope/internal/thorough"
)

func TestMain(m *testing.M) {
	thorough.Draw(10)
	m.Run()
}
