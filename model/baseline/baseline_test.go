package baseline_test

import (
	"strings"
	"testing"
	"time"

	"hopscope/model/baseline"
	"hopscope/model/modeltest"
	"hopscope/model/report"
	"hopscope/model/rule"
)

var today = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)

func lost() *report.Report { return report.New(rule.Analyze(modeltest.Article(8080, 80)), nil) }

func read(t *testing.T, text string) []baseline.Entry {
	t.Helper()
	entries, err := baseline.Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func TestEntriesAcceptFindings(t *testing.T) {
	t.Parallel()
	key := lost().Findings[0].Key
	for name, test := range map[string]struct {
		entry                               string
		accepted, expired, outgrown, unused int
	}{
		"by its key":         {"key: '" + key + "'\n    reason: known", 1, 0, 0, 0},
		"until today":        {"key: '" + key + "'\n    reason: known\n    expires: 2026-11-29", 1, 0, 0, 0},
		"until yesterday":    {"key: '" + key + "'\n    reason: known\n    expires: 2026-11-28", 0, 1, 0, 0},
		"as an error":        {"key: '" + key + "'\n    reason: known\n    severity: error", 1, 0, 0, 0},
		"as a warning alone": {"key: '" + key + "'\n    reason: known\n    severity: warning", 0, 0, 1, 0},
		"of another service": {"key: 'NET201 prod/other app:80'\n    reason: known", 0, 0, 0, 1},
	} {
		r := lost()
		baseline.Apply(r, "b.yaml", read(t, "accepted:\n  - "+test.entry+"\n"), today)
		b := r.Baseline
		if r.Accepted() != test.accepted || len(b.Expired) != test.expired || len(b.Outgrown) != test.outgrown ||
			len(b.Unused) != test.unused {
			t.Errorf("%s: %d accepted, %+v", name, r.Accepted(), b)
		}
		if fails := r.Findings[0].Fails(rule.Error); fails != (test.accepted == 0) {
			t.Errorf("%s: the check fails: %t", name, fails)
		}
	}
}

func TestWhatIsWrittenAccepts(t *testing.T) {
	t.Parallel()
	for _, s := range modeltest.Ways() {
		r := report.New(rule.Analyze(s.Snapshot), nil)
		var b strings.Builder
		if err := baseline.Write(&b, baseline.FromReport(r, nil, rule.Info, today)); err != nil {
			t.Fatal(err)
		}
		entries := read(t, b.String())
		baseline.Apply(r, "b.yaml", entries, today)
		if r.Accepted() != len(r.Findings) || len(r.Baseline.Unused)+len(r.Baseline.Outgrown) > 0 {
			t.Errorf("%s: %d of %d findings are accepted: %s", s.Name, r.Accepted(), len(r.Findings), b.String())
		}
	}
}

// A baseline that is written again keeps what people wrote, and forgets what is gone.
func TestWritingAgainKeepsReasons(t *testing.T) {
	t.Parallel()
	r := lost()
	key := r.Findings[0].Key
	kept := read(t, "accepted:\n  - key: '"+key+"'\n    reason: 'ticket 7: soon'\n    expires: 2027-01-31\n"+
		"  - key: gone\n    reason: old\n")
	baseline.Apply(r, "b.yaml", kept, today)
	again := baseline.FromReport(r, kept, rule.Error, today)
	if len(again) != 1 || again[0].Reason != "ticket 7: soon" || again[0].Expires.Format(time.DateOnly) != "2027-01-31" {
		t.Errorf("%+v", again)
	}
}

func TestAFileSaysWhichLineIsWrong(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"accepted:\n- key: a\n":                                     "line 2: say why",
		"accepted:\n- reason: a\n":                                  "line 2: an entry without a key",
		"accepted:\n- key: a\n  reason: b\n- key: a\n  reason: c\n": "line 4: the key of line 2",
		"accepted:\n- key: a\n  reason: b\n  expires: soon\n":       `line 4: "soon" is no day`,
		"accepted:\n- key: a\n  reason: b\n  until: 2027-01-01\n":   `line 4: "until" has no meaning`,
		"accepted:\n- key: a\n  reason: b\n  severity: high\n":      "is no severity",
		"accepted:\n- key: [a]\n  reason: b\n":                      "line 2: key is no text",
		"accepted:\n- a\n":                                          "line 2: an entry has a key",
		"accepted:\n- key: a\n  key: b\n  reason: c\n":              "line 3: key is there twice",
		"accept: []\n":                      "the list is called accepted",
		"accepted: []\n---\naccepted: []\n": "a second document",
	} {
		_, err := baseline.Read(strings.NewReader(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if entries, err := baseline.Read(strings.NewReader("accepted:\n")); err != nil || len(entries) > 0 {
		t.Errorf("an empty list: %v, %v", entries, err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("accepted:\n  - key: 'NET201 prod/web app:80'\n    reason: known\n" +
		"    expires: 2027-01-31\n    severity: error\n")
	f.Add("accepted: &a [*a]")
	f.Fuzz(func(t *testing.T, text string) {
		entries, err := baseline.Read(strings.NewReader(text))
		if err != nil {
			return
		}
		r := lost()
		baseline.Apply(r, "b.yaml", entries, today)
		var b strings.Builder
		if err := baseline.Write(&b, entries); err != nil {
			t.Fatal(err)
		}
		again, err := baseline.Read(strings.NewReader(b.String()))
		if err != nil || len(again) != len(entries) {
			t.Fatalf("%q is written as %q: %v", text, b.String(), err)
		}
		for i := range again {
			if again[i].Key != entries[i].Key || !again[i].Expires.Equal(entries[i].Expires) {
				t.Fatalf("%+v is read again as %+v", entries[i], again[i])
			}
		}
	})
}
