package uitest

import (
	"bytes"
	"strings"
	"sync"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
)

// Screen shows what a program writes to it. Several goroutines may write to it and
// read from it.
type Screen struct {
	mu       sync.Mutex
	emulator *vt.Emulator
	sent     bytes.Buffer
	// text is what Text gave last; "" when something came since.
	text string
}

// NewScreen makes an empty screen.
func NewScreen(width, height int) *Screen {
	s := &Screen{emulator: vt.NewEmulator(width, height)}
	// Bubble Tea counts on the terminal's driver to begin a new line at its left end.
	_, _ = s.emulator.WriteString(ansi.SetMode(ansi.ModeLineFeedNewLine))
	return s
}

// Write shows output.
func (s *Screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent.Write(p)
	s.text = ""
	return s.emulator.Write(p)
}

// Text is what is on the screen, without spaces at the end of lines and without
// the empty lines at its end.
func (s *Screen) Text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.text == "" {
		lines := strings.Split(s.emulator.String(), "\n")
		for i := range lines {
			lines[i] = strings.TrimRight(lines[i], " ")
		}
		s.text = strings.TrimRight(strings.Join(lines, "\n"), "\n")
	}
	return s.text
}

// Sent is every byte that was written so far.
func (s *Screen) Sent() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sent.String()
}

// Resize changes the size; the program has to be told as well.
func (s *Screen) Resize(width, height int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text = ""
	s.emulator.Resize(width, height)
}
