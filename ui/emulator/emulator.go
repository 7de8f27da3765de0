// Package emulator is a terminal in memory, for tests of the whole program.
package emulator

import (
	"bytes"
	"regexp"
	"strings"
	"sync"

	"github.com/hinshun/vt10x"
)

// Term is the value of TERM to run a program with. The emulator does not know REP
// (CSI b), which Bubble Tea's renderer does not use on xterm.
const Term = "xterm-256color"

// Screen shows what a program writes to it. It may be written to and read from by
// several goroutines.
type Screen struct {
	mu   sync.Mutex
	term vt10x.Terminal
	sent bytes.Buffer
}

// New makes an empty screen.
func New(width, height int) *Screen {
	return &Screen{term: vt10x.New(vt10x.WithSize(width, height))}
}

// private are sequences with a private marker, such as those that ask for
// enhanced keys: the emulator takes their final letter for a plain one's.
var private = regexp.MustCompile("\x1b\\[[<=>][0-9;:]*[a-zA-Z]")

// Write shows output. A terminal in its usual mode begins a new line at its left
// end, which the emulator does not do by itself.
func (s *Screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent.Write(p)
	_, err := s.term.Write(bytes.ReplaceAll(private.ReplaceAll(p, nil), []byte("\n"), []byte("\r\n")))
	return len(p), err
}

// Text is what is on the screen, without spaces at the end of lines and without
// the empty lines at its end.
func (s *Screen) Text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := strings.Split(s.term.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// Sent is every byte that was written so far.
func (s *Screen) Sent() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sent.String()
}

// Resize changes the size. The program has to be told as well.
func (s *Screen) Resize(width, height int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.term.Resize(width, height)
}
