package journal_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/journal"
)

// entry is one with everything in it that is hard to keep.
func entry(id string) *journal.Entry {
	at := time.Date(2026, 11, 25, 1, 35, 57, 0, time.UTC)
	rule := &model.SecurityGroupRule{
		Protocol: "tcp", FromPort: 80, ToPort: 80,
		CIDR: netip.MustParsePrefix("10.0.0.0/16"), Description: "by <hand> & \"more\"\u2028",
	}
	return &journal.Entry{
		Schema: journal.SchemaV1, ID: id, State: journal.Applying, CreatedAt: at, UpdatedAt: at, Origin: "aws",
		Account: "123456789012", Region: "eu-west-1",
		ClusterARN: "arn:aws:ecs:eu-west-1:123456789012:cluster/prod",
		ServiceARN: "arn:aws:ecs:eu-west-1:123456789012:service/prod/web",
		Plan: fix.Plan{
			ID: "x", Service: model.Ref{Cluster: "prod", Service: "web"}, Codes: []string{"HOP101"},
			Steps: []fix.Step{{Kind: fix.RevokeIngress, Group: "sg-1", Rule: rule}, {Kind: fix.UpdateService}},
		},
		Before: journal.Before{
			Block:      "{ \"enabled\" :\ttrue,\n \"future\":\"\\u2028<&>\", \"n\":1.50 }",
			Deployment: "ecs-svc/1", Rules: []journal.GroupRules{
				{Group: "sg-1", Ingress: []model.SecurityGroupRule{*rule}, Egress: []model.SecurityGroupRule{}},
			},
		},
		AfterBlock: `{"enabled":true}`,
		Steps:      []journal.Step{{State: journal.Begun, Removed: rule}, {State: journal.Pending}},
		Calls:      []journal.Call{{Time: at, Action: "ec2:RevokeSecurityGroupIngress", Command: "aws ec2 …"}},
	}
}

func prefixes() cmp.Option {
	return cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })
}

func TestAnEntryComesBackAsItWasSaved(t *testing.T) {
	s := journal.Store{Dir: filepath.Join(t.TempDir(), "made", "on", "demand")}
	want := entry("20261125-013557-web-3f9c")
	if err := s.Create(want); err != nil {
		t.Fatal(err)
	}
	want.State = journal.Applied
	if err := s.Save(want); err != nil {
		t.Fatal(err)
	}
	got, err := s.Load(want.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, prefixes()); diff != "" {
		t.Error(diff)
	}
}

func TestTheJournalIsForItsUserAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no modes")
	}
	s := journal.Store{Dir: filepath.Join(t.TempDir(), "journal")}
	e := entry("a")
	if err := s.Create(e); err != nil {
		t.Fatal(err)
	}
	unlock, err := s.Lock(e)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	err = filepath.WalkDir(s.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		want := fs.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", path, got, want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A rollback sends what an entry says: no other program may have written it.
func TestAJournalThatAnybodyMayWriteToIsRefused(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no modes")
	}
	s := journal.Store{Dir: filepath.Join(t.TempDir(), "journal")}
	e := entry("a")
	if err := s.Create(e); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(s.Dir, 0o777|fs.ModeSticky); err != nil {
		t.Fatal(err)
	}
	_, loading := s.Load("a")
	_, _, listing := s.List()
	_, locking := s.Lock(e)
	for does, err := range map[string]error{
		"create": s.Create(entry("b")), "load": loading, "list": listing,
		"lock": locking,
	} {
		var cannot *model.CannotCheckError
		if !errors.As(err, &cannot) || !strings.Contains(cannot.Reason, "anybody may write to the journal's directory") {
			t.Errorf("%s: %v", does, err)
		}
	}
	if err := os.Chmod(s.Dir, 0o770); err != nil { // a group may share a journal
		t.Fatal(err)
	}
	if _, err := s.Load("a"); err != nil {
		t.Error(err)
	}
}

func TestALinkIsNoEntry(t *testing.T) {
	s := journal.Store{Dir: t.TempDir()}
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	if err := s.Create(entry("a")); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(s.Dir, "a.json"), elsewhere); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, filepath.Join(s.Dir, "a.json")); err != nil {
		t.Skipf("there are no links here: %v", err)
	}
	if _, err := s.Load("a"); err == nil || !strings.Contains(err.Error(), "no regular file") {
		t.Errorf("loaded: %v", err)
	}
	if all, bad, err := s.List(); len(all) != 0 || len(bad) != 1 || err != nil {
		t.Errorf("listed: %v, %v, %v", all, bad, err)
	}
}

// A command for a shell takes an entry back; one that ends with its program has none.
func TestTheCommandThatTakesAnEntryBack(t *testing.T) {
	for _, c := range []struct{ origin, endpoint, profile, want string }{
		{"aws", "", "", "hopscope rollback a --allow-apply"},
		{"aws", "", "my prod", "hopscope rollback a --profile 'my prod' --allow-apply"},
		{"simulator:article", "http://127.0.0.1:4566", "", "hopscope rollback a --allow-apply"},
		{"simulator:article", "", "", ""},
	} {
		e := entry("a")
		e.Origin, e.Endpoint, e.Profile = c.origin, c.endpoint, c.profile
		if got := e.RollbackCommand(); got != c.want || e.Passing() != (c.want == "") {
			t.Errorf("%s %s: %q, %v", c.origin, c.endpoint, got, e.Passing())
		}
	}
}

func TestAnEntryIsNeverWrittenOverByANewOne(t *testing.T) {
	s := journal.Store{Dir: t.TempDir()}
	if err := s.Create(entry("a")); err != nil {
		t.Fatal(err)
	}
	other := entry("a")
	other.Message = "another"
	if err := s.Create(other); !errors.Is(err, fs.ErrExist) {
		t.Errorf("the error is %v", err)
	}
	if got, err := s.Load("a"); err != nil || got.Message != "" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestTheListHasTheNewestFirstAndNamesWhatItCannotRead(t *testing.T) {
	s := journal.Store{Dir: t.TempDir()}
	if entries, bad, err := (journal.Store{Dir: filepath.Join(s.Dir, "none")}).List(); err != nil || entries != nil ||
		bad != nil {
		t.Errorf("a journal that does not exist: %v, %v, %v", entries, bad, err)
	}
	for i, id := range []string{"b", "a", "c"} {
		e := entry(id)
		e.CreatedAt = e.CreatedAt.Add(time.Duration(i) * time.Hour)
		if err := s.Create(e); err != nil {
			t.Fatal(err)
		}
		unlock, err := s.Lock(e) // makes a directory that is no entry
		if err != nil {
			t.Fatal(err)
		}
		unlock()
	}
	copied, err := os.ReadFile(filepath.Join(s.Dir, "a.json"))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"empty.json": "\n", "other.json": string(copied),
		"damaged.json": string(copied[:len(copied)/2]), "notes.txt": "mine",
	} {
		if err := os.WriteFile(filepath.Join(s.Dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	entries, bad, err := s.List()
	if err != nil {
		t.Fatal(err)
	}
	var ids, files []string
	for _, e := range entries {
		ids = append(ids, e.ID)
	}
	for _, b := range bad {
		files = append(files, filepath.Base(b.File))
	}
	if want := []string{"c", "a", "b"}; !slices.Equal(ids, want) {
		t.Errorf("the entries are %v, want %v", ids, want)
	}
	if want := []string{"damaged.json", "empty.json", "other.json"}; !slices.Equal(files, want) {
		t.Errorf("unreadable are %v, want %v", files, want)
	}
	for _, id := range []string{"damaged", "empty", "other"} {
		var cannot *model.CannotCheckError
		if _, err := s.Load(id); !errors.As(err, &cannot) || !strings.Contains(cannot.Next, id+".json") {
			t.Errorf("loading %s: %v", id, err)
		}
	}
}

func TestIDsThatAreNoFileNamesAreRefused(t *testing.T) {
	s := journal.Store{Dir: filepath.Join(t.TempDir(), "journal")}
	for _, id := range []string{
		"", ".", "..", "../a", "a/b", `a\b`, "a b", "-a", "a.json", "ä", "a\n",
		strings.Repeat("a", 101),
	} {
		if err := s.Create(entry(id)); err == nil {
			t.Errorf("%q was created", id)
		}
		if err := s.Save(entry(id)); err == nil {
			t.Errorf("%q was saved", id)
		}
		if _, err := s.Load(id); err == nil {
			t.Errorf("%q was loaded", id)
		}
	}
}

func TestDamagedEntriesAreRefused(t *testing.T) {
	for name, damage := range map[string]func(*journal.Entry){
		"another schema":         func(e *journal.Entry) { e.Schema = "hopscope.journal/v2" },
		"an unknown state":       func(e *journal.Entry) { e.State = "half" },
		"an unknown step state":  func(e *journal.Entry) { e.Steps[0].State = "half" },
		"a step too few":         func(e *journal.Entry) { e.Steps = e.Steps[:1] },
		"no service":             func(e *journal.Entry) { e.ServiceARN = "" },
		"a block that is broken": func(e *journal.Entry) { e.Before.Block = `{"enabled":` },
		"one block of two":       func(e *journal.Entry) { e.AfterBlock = "" },
		"a group without a rule": func(e *journal.Entry) { e.Plan.Steps[0].Rule = nil },
	} {
		t.Run(name, func(t *testing.T) {
			e := entry("a")
			damage(e)
			var out bytes.Buffer
			if err := journal.Encode(&out, e); err == nil {
				t.Error("it was written")
			}
		})
	}
}

func TestALockIsHeldUntilItIsGivenBack(t *testing.T) {
	s := journal.Store{Dir: t.TempDir()}
	unlock, err := s.Lock(entry("a"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Lock(entry("b"))
	var cannot *model.CannotCheckError
	if !errors.As(err, &cannot) || !strings.Contains(cannot.Reason, "another hopscope (process ") ||
		!strings.Contains(cannot.Reason, "prod/web") {
		t.Errorf("the error is %v", err)
	}
	other := entry("c")
	other.ServiceARN += "-2"
	unlockOther, err := s.Lock(other)
	if err != nil {
		t.Fatalf("another service: %v", err)
	}
	unlockOther()
	unlock()
	again, err := s.Lock(entry("b"))
	if err != nil {
		t.Fatal(err)
	}
	again()
}

// TestHoldsALock is no test of its own: it is the process that the next one kills.
func TestHoldsALock(t *testing.T) {
	dir := os.Getenv("HOPSCOPE_TEST_LOCK")
	if dir == "" {
		t.Skip("it is run by another test")
	}
	if _, err := (journal.Store{Dir: dir}).Lock(entry("a")); err != nil {
		t.Fatal(err)
	}
	_, _ = os.Stdout.WriteString("held\n")
	select {}
}

func TestALockEndsWithItsProcessHoweverThatEnds(t *testing.T) {
	s := journal.Store{Dir: t.TempDir()}
	held := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestHoldsALock$")
	held.Env = append(os.Environ(), "HOPSCOPE_TEST_LOCK="+s.Dir)
	out, err := held.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := held.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "held" {
	}
	if _, err := s.Lock(entry("b")); err == nil {
		t.Error("two processes hold one lock")
	}
	if err := held.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = held.Wait()
	unlock, err := s.Lock(entry("b"))
	if err != nil {
		t.Fatal(err)
	}
	unlock()
}

// A kill between the two steps in which a file is made leaves an empty one: nothing was
// sent, so it is no entry, and none that cannot be read.
func TestAnEntryThatNeverBeganIsNone(t *testing.T) {
	s := journal.Store{Dir: t.TempDir()}
	if err := s.Create(entry("a")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.Dir, "b.json"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	all, bad, err := s.List()
	if err != nil || len(bad) > 0 || len(all) != 1 || all[0].ID != "a" {
		t.Errorf("%+v, %v, %v", all, bad, err)
	}
	_, err = s.Load("b")
	var cannot *model.CannotCheckError
	if !errors.As(err, &cannot) || !strings.Contains(cannot.Reason, "ended before anything was sent") {
		t.Errorf("the error is %v", err)
	}
}

// Whatever the clock said, the entry that was carried out last is the first of the list.
func TestEntriesAreInTheOrderInWhichTheyWereCarriedOut(t *testing.T) {
	s := journal.Store{Dir: t.TempDir()}
	for n, id := range []string{"first", "second", "third"} {
		e := entry(id)
		e.Sequence = n // the first is of an earlier version
		e.CreatedAt = e.CreatedAt.Add(-time.Duration(n) * time.Hour)
		e.Calls[0].Time = e.CreatedAt
		if err := s.Create(e); err != nil {
			t.Fatal(err)
		}
	}
	all, _, err := s.List()
	if err != nil || len(all) != 3 {
		t.Fatalf("%v, %v", all, err)
	}
	for i, want := range []string{"third", "second", "first"} {
		if all[i].ID != want {
			t.Errorf("%d is %s", i, all[i].ID)
		}
		if i > 0 && (!all[i-1].Follows(all[i]) || all[i].Follows(all[i-1])) {
			t.Errorf("%s does not follow %s", all[i-1].ID, want)
		}
	}
	old, older := entry("old"), entry("older")
	older.Calls[0].Time = older.CreatedAt.Add(-time.Hour)
	if !old.Follows(older) || older.Follows(old) || old.Follows(old) {
		t.Error("entries of earlier versions are not in the order of their first calls")
	}
}

func TestADamagedEntryIsNotRead(t *testing.T) {
	for name, damage := range map[string]func(*journal.Entry){
		"a rule without peer":      func(e *journal.Entry) { e.Plan.Steps[0].Rule.CIDR = netip.Prefix{} },
		"a rule with two":          func(e *journal.Entry) { e.Plan.Steps[0].Rule.PrefixList = "pl-1" },
		"a rule without protocol":  func(e *journal.Entry) { e.Plan.Steps[0].Rule.Protocol = "" },
		"a port that is none":      func(e *journal.Entry) { e.Plan.Steps[0].Rule.ToPort = 65536 },
		"no group":                 func(e *journal.Entry) { e.Plan.Steps[0].Group, e.Plan.Steps[0].Rule = "", nil },
		"another rule was removed": func(e *journal.Entry) { e.Steps[0].Removed = &model.SecurityGroupRule{Protocol: "-1"} },
		"a block that is a list":   func(e *journal.Entry) { e.Before.Block = "[]" },
		"a group with half a rule": func(e *journal.Entry) { e.Before.Rules[0].Ingress[0].Protocol = "" },
		"a sequence that is none":  func(e *journal.Entry) { e.Sequence = -1 },
		"a name without end":       func(e *journal.Entry) { e.ServiceARN = strings.Repeat("x", 3000) },
		"steps without end": func(e *journal.Entry) {
			e.Steps, e.Plan.Steps = make([]journal.Step, 3000), make([]fix.Step, 3000)
		},
		"ids without end":           func(e *journal.Entry) { e.Steps[0].RuleIDs = make([]string, 3000) },
		"an update without a block": func(e *journal.Entry) { damageUpdate(e) },
	} {
		e := entry("a")
		removed := *e.Steps[0].Removed
		rule := removed
		e.Steps[0].Removed, e.Plan.Steps[0].Rule = &removed, &rule
		e.Before.Rules[0].Ingress = slices.Clone(e.Before.Rules[0].Ingress)
		damage(e)
		if err := journal.Encode(io.Discard, e); err == nil {
			t.Errorf("%s: it was accepted", name)
		}
	}
}

func damageUpdate(e *journal.Entry) {
	e.Plan.Steps[1].Edits = []fix.Edit{{Kind: fix.EditOverride}}
	e.Steps[1].State, e.Before.Block, e.AfterBlock = journal.Done, "", ""
}

func FuzzDecode(f *testing.F) {
	var whole bytes.Buffer
	if err := journal.Encode(&whole, entry("20261125-013557-web-3f9c")); err != nil {
		f.Fatal(err)
	}
	f.Add(whole.Bytes())
	f.Add(whole.Bytes()[:whole.Len()/2])
	f.Add([]byte(`{"schema":"hopscope.journal/v1","id":"a","state":"prepared","clusterArn":"c","serviceArn":"s"}`))
	f.Add([]byte(`{"schema":"hopscope.journal/v1","id":"../a"}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := journal.Decode(bytes.NewReader(data))
		if err != nil {
			return
		}
		if journal.CheckID(e.ID) != nil || len(e.Steps) != len(e.Plan.Steps) {
			t.Errorf("%+v was accepted", e)
		}
		var out bytes.Buffer
		if err := journal.Encode(&out, e); err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, err := journal.Decode(&out)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if diff := cmp.Diff(e, again, prefixes()); diff != "" {
			t.Error(diff)
		}
	})
}
