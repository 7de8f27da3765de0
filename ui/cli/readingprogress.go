package cli

import (
	"fmt"
	"io"
	"time"

	"hopscope/internal/text"
	"hopscope/model"
	"hopscope/model/words"
)

const (
	// quietReading is how long a reading may take before a line says how far it is.
	quietReading = 2 * time.Second
	// progressPeriod is the least time between two states of that line on a terminal.
	progressPeriod = 500 * time.Millisecond
)

// readingProgress says on stderr how far a reading is: on a terminal a line that is
// written again, elsewhere one line.
type readingProgress struct {
	out          io.Writer
	clock        func() time.Time
	width        int
	began, shown time.Time
}

func (r *run) readingProgress() *readingProgress {
	return &readingProgress{out: r.Stderr, clock: r.Clock, width: columns(r.Stderr), began: r.Clock()}
}

// take shows how far a snapshot is.
func (p *readingProgress) take(s *model.Snapshot) {
	now := p.clock()
	switch {
	case now.Sub(p.began) < quietReading, p.width == 0 && !p.shown.IsZero(), now.Sub(p.shown) < progressPeriod:
		return
	}
	p.shown = now
	line := "hopscope: " + readingWords(s, now.Sub(p.began))
	if p.width == 0 {
		_, _ = fmt.Fprintln(p.out, line)
		return
	}
	_, _ = fmt.Fprint(p.out, "\r\x1b[K"+text.Elide(line, p.width-1))
}

// end takes the line away.
func (p *readingProgress) end() {
	if p.width > 0 && !p.shown.IsZero() {
		_, _ = fmt.Fprint(p.out, "\r\x1b[K")
	}
}

// readingWords say how much is read, and how long the rest takes if it goes on as it did.
func readingWords(s *model.Snapshot, took time.Duration) string {
	n := s.Counts.Services
	calls := words.Count(s.Stats.TotalCalls(), "call")
	if n.Listed == 0 {
		return "reading: clusters and services are being listed, " + calls
	}
	line := fmt.Sprintf("reading: %d of %s, %s", n.Loaded, words.Count(n.Listed, "service"), calls)
	if n.Loaded > 0 && n.Loaded < n.Listed {
		left := time.Duration(float64(took) * float64(n.Listed-n.Loaded) / float64(n.Loaded)).Round(time.Second)
		line += fmt.Sprintf(", about %s left", max(left, time.Second))
	}
	return line
}
