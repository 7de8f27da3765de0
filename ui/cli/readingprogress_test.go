package cli

import (
	"strings"
	"testing"
	"time"

	"hopscope/model"
)

func TestAReadingThatTakesLongSaysHowFarItIs(t *testing.T) {
	t.Parallel()
	for width, want := range map[int]string{
		0: "hopscope: reading: 100 of 400 services, 0 calls, about 6s left\n",
		80: "\r\x1b[Khopscope: reading: 100 of 400 services, 0 calls, about 6s left" +
			"\r\x1b[Khopscope: reading: 400 of 400 services, 0 calls\r\x1b[K",
	} {
		var out strings.Builder
		now := time.Unix(0, 0)
		p := &readingProgress{out: &out, clock: func() time.Time { return now }, width: width, began: now}
		at := func(after time.Duration, loaded int) {
			now = time.Unix(0, 0).Add(after)
			s := &model.Snapshot{}
			s.Counts.Services.Listed, s.Counts.Services.Loaded = 400, loaded
			p.take(s)
		}
		at(time.Second, 50)
		at(2*time.Second, 100)
		at(2*time.Second+progressPeriod/2, 200)
		at(4*time.Second, 400)
		p.end()
		if out.String() != want {
			t.Errorf("width %d: got %q, want %q", width, out.String(), want)
		}
	}
	short := &strings.Builder{}
	p := &readingProgress{
		out: short, clock: func() time.Time { return time.Unix(0, 0) }, width: 80, began: time.Unix(0, 0),
	}
	p.take(&model.Snapshot{})
	if p.end(); short.Len() > 0 {
		t.Errorf("a short reading wrote %q", short)
	}
}
