package model

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// snapshots generates valid snapshots of every shape.
func snapshots() *rapid.Generator[*Snapshot] {
	text := rapid.StringMatching(`[a-z][a-z0-9:/.-]{0,12}`)
	prefix := rapid.Custom(func(t *rapid.T) netip.Prefix {
		if rapid.Bool().Draw(t, "v6") {
			return netip.PrefixFrom(netip.MustParseAddr("2001:db8::"), rapid.IntRange(0, 128).Draw(t, "bits"))
		}
		return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, rapid.Byte().Draw(t, "b")}), rapid.IntRange(0, 32).
			Draw(t, "bits"))
	})
	address := rapid.Custom(func(t *rapid.T) netip.Addr { return prefix.Draw(t, "address").Addr() })
	instant := rapid.Custom(func(t *rapid.T) time.Time {
		return time.Unix(rapid.Int64Range(0, 1<<32).Draw(t, "seconds"), rapid.Int64Range(0, 1e9-1).Draw(t, "nanos")).UTC()
	})
	rule := rapid.Custom(func(t *rapid.T) SecurityGroupRule {
		r := SecurityGroupRule{
			Protocol: rapid.SampledFrom([]string{"tcp", "udp", "icmp", AllProtocols}).Draw(t, "protocol"),
			FromPort: rapid.IntRange(-1, maxPort).Draw(t, "from"),
			ToPort:   rapid.IntRange(-1, maxPort).Draw(t, "to"),
		}
		switch rapid.IntRange(0, 2).Draw(t, "peer") {
		case 0:
			r.CIDR = prefix.Draw(t, "cidr")
		case 1:
			r.PrefixList = text.Draw(t, "list")
		default:
			r.Group = &GroupReference{ID: text.Draw(t, "group")}
		}
		return r
	})
	series := rapid.Custom(func(t *rapid.T) Series {
		s := Series{Statistic: "Sum", PeriodSeconds: 60, Metric: Metric{
			Name: text.Draw(t, "metric"), Namespace: "AWS/ECS",
			Dimensions: []Dimension{{Name: text.Draw(t, "dimension"), Value: text.Draw(t, "value")}},
		}}
		begin := instant.Draw(t, "begin")
		for i := range rapid.IntRange(0, 3).Draw(t, "values") {
			s.Values = append(s.Values,
				Value{begin.Add(time.Duration(i) * time.Minute), rapid.Float64Range(0, 1e6).Draw(t, "sum")})
		}
		return s
	})
	number := rapid.IntRange(0, maxWeight) // a valid port, weight or count
	generated := rapid.MakeCustom[*Snapshot](rapid.MakeConfig{
		Types: map[reflect.Type]*rapid.Generator[any]{
			reflect.TypeFor[netip.Prefix]():      prefix.AsAny(),
			reflect.TypeFor[netip.Addr]():        address.AsAny(),
			reflect.TypeFor[time.Time]():         instant.AsAny(),
			reflect.TypeFor[SecurityGroupRule](): rule.AsAny(),
			reflect.TypeFor[Series]():            series.AsAny(),
		},
		Kinds: map[reflect.Kind]*rapid.Generator[any]{
			reflect.String: text.AsAny(),
			reflect.Int:    number.AsAny(),
			reflect.Bool:   rapid.Bool().AsAny(),
		},
	})
	return rapid.Custom(func(t *rapid.T) *Snapshot {
		s := generated.Draw(t, "snapshot")
		if s == nil {
			s = &Snapshot{}
		}
		seen := map[Ref]bool{}
		services := s.Services
		s.Services = nil
		for _, svc := range services {
			if !seen[svc.Ref()] {
				seen[svc.Ref()] = true
				s.Services = append(s.Services, svc)
			}
		}
		return s
	})
}

func encoded(t rapid.TB, s *Snapshot) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := Encode(&file, s, "test"); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestASnapshotReadsBackAsItWasWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := snapshots().Draw(t, "snapshot")
		written := encoded(t, s)
		got, err := Decode(bytes.NewReader(written))
		if err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(s.Services, func(a, b Service) int { return a.Ref().Compare(b.Ref()) })
		if want, again := encoded(t, s), encoded(t, got); !bytes.Equal(want, again) {
			t.Fatalf("read back (-written +read):\n%s", cmp.Diff(string(want), string(again)))
		}
		if _, err := Decode(bytes.NewReader(written[:len(written)-2])); err == nil {
			t.Fatal("a file without its end was accepted")
		}
	})
}

func TestNoFieldIsLeftOutOfTheFile(t *testing.T) {
	t.Parallel()
	// Comparing values sees fields without a JSON name, which comparing
	// encodings does not; a few are enough, and cmp is slow. What may be secret is not
	// in the file: see TestAFileHasNoValuesThatMayBeSecret.
	byRef := cmpopts.SortSlices(func(a, b Service) bool { return a.Ref().Compare(b.Ref()) < 0 })
	opts := cmp.Options{cmpopts.EquateEmpty(), byRef, cmpopts.EquateComparable(netip.Prefix{}, netip.Addr{})}
	for seed := range 5 {
		s := snapshots().Example(seed)
		got, err := Decode(bytes.NewReader(encoded(t, s)))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(redacted(s), got, opts); diff != "" {
			t.Fatalf("read back (-written +read):\n%s", diff)
		}
	}
}

func TestUnreadPrefixListsStayUnread(t *testing.T) {
	t.Parallel()
	s := &Snapshot{PrefixLists: []PrefixList{{ID: "pl-1"}, {ID: "pl-2", Entries: []netip.Prefix{}}}}
	got, err := Decode(bytes.NewReader(encoded(t, s)))
	if err != nil {
		t.Fatal(err)
	}
	if got.PrefixLists[0].Entries != nil || got.PrefixLists[1].Entries == nil {
		t.Errorf("entries = %#v and %#v, want nil (not read) and empty", got.PrefixLists[0].Entries,
			got.PrefixLists[1].Entries)
	}
}

func TestServicesAreSortedOnReading(t *testing.T) {
	t.Parallel()
	s := &Snapshot{Services: []Service{{Cluster: "b", Name: "a"}, {Cluster: "a-b", Name: "z"}, {Cluster: "a", Name: "z"}}}
	got, err := Decode(bytes.NewReader(encoded(t, s)))
	if err != nil {
		t.Fatal(err)
	}
	var refs []string
	for i := range got.Services {
		refs = append(refs, got.Services[i].Ref().String())
	}
	if want := "a/z a-b/z b/a"; strings.Join(refs, " ") != want {
		t.Errorf("services = %s, want %s", strings.Join(refs, " "), want)
	}
}

func compressed(t *testing.T, content string) string {
	t.Helper()
	var b bytes.Buffer
	zip := gzip.NewWriter(&b)
	if _, err := zip.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestBadFilesAreRefusedInOneSentence(t *testing.T) {
	t.Parallel()
	const head = `{"schema":"hopscope.snapshot/v1","snapshot":`
	whole := compressed(t, head+`{"scope":{"clusters":[]}}}`)
	tests := map[string]struct{ content, want string }{
		"empty": {"", "the file is empty or cut off; " + takeAnother},
		"not JSON": {"hello", "the file is not a hopscope snapshot: invalid character 'h' looking for beginning " +
			"of value; " + takeAnother},
		"another JSON": {`{"Version":"2012-10-17"}`, "the file is not a hopscope snapshot; " + takeAnother},
		"an array":     {`[1]`, "the snapshot is damaged: array does not belong in \"\"; " + takeAnother},
		"a report":     {`{"schema":"hopscope.report/v1"}`, "the file is a report, not a snapshot; " + takeAnother},
		"newer": {
			`{"schema":"hopscope.snapshot/v2","snapshot":7}`,
			`the snapshot has the format "hopscope.snapshot/v2", and this hopscope reads "hopscope.snapshot/v1"; ` +
				`update hopscope`,
		},
		"no snapshot": {`{"schema":"hopscope.snapshot/v1"}`, "the file holds no snapshot; " + takeAnother},
		"broken": {head + `{,`, "the file is not a hopscope snapshot: invalid character ',' looking for " +
			"beginning of object key string; " + takeAnother},
		"cut off":             {head + `{"scope":{"clu`, "the snapshot is cut off; " + takeAnother},
		"cut off, compressed": {whole[:len(whole)-9], "the snapshot is cut off; " + takeAnother},
		"wrong sum": {
			whole[:len(whole)-8] + "\x00\x00\x00\x00" + whole[len(whole)-4:],
			"the snapshot is damaged: gzip: invalid checksum; " + takeAnother,
		},
		"half a gzip header": {"\x1f\x8b", "the snapshot is cut off; " + takeAnother},
		"trailing data": {
			head + `{"scope":{"clusters":[]}}} x`,
			"the snapshot is damaged: data after the end of the snapshot; " + takeAnother,
		},
		"wrong type": {
			head + `{"services":[{"desiredCount":"two"}]}}`,
			`the snapshot is damaged: string does not belong in "snapshot.services.desiredCount"; ` + takeAnother,
		},
		"bad prefix": {
			head + `{"vpcs":[{"id":"vpc-1","cidrs":["ten"]}]}}`,
			`the snapshot is damaged: netip.ParsePrefix("ten"): no '/'; ` + takeAnother,
		},
		"empty prefix": {
			head + `{"vpcs":[{"id":"vpc-1","cidrs":[""]}]}}`,
			`the snapshot is damaged: VPC "vpc-1": a CIDR block is empty; ` + takeAnother,
		},
		"negative port": {
			head + `{"services":[{"cluster":"c","name":"s","loadBalancers":[{"containerPort":-1}]}]}}`,
			`the snapshot is damaged: service "c/s": port -1 is not between 0 and 65535; ` + takeAnother,
		},
		"huge override": {
			head + `{"services":[{"cluster":"c","name":"s","deployments":` +
				`[{"serviceConnect":{"services":[{"ingressPortOverride":70000}]}}]}]}}`,
			`the snapshot is damaged: service "c/s": port 70000 is not between 0 and 65535; ` + takeAnother,
		},
		"same service twice": {
			head + `{"services":[{"cluster":"c","name":"s"},{"cluster":"c","name":"s"}]}}`,
			`the snapshot is damaged: service "c/s" is there twice; ` + takeAnother,
		},
		"service, no name": {
			head + `{"services":[{"cluster":"c"}]}}`,
			"the snapshot is damaged: a service has no name or no cluster; " + takeAnother,
		},
		"rule, no source": {
			head + `{"securityGroups":[{"id":"sg-1","ingress":` +
				`[{"protocol":"tcp","fromPort":80,"toPort":80}]}]}}`,
			`the snapshot is damaged: security group "sg-1": a rule for tcp 80 has 0 sources, not one; ` + takeAnother,
		},
		"negative weight": {
			head + `{"listenerRules":[{"arn":"r","actions":[{"forward":[{"weight":-5}]}]}]}}`,
			`the snapshot is damaged: listener rule "r": weight -5 is not between 0 and 999; ` + takeAnother,
		},
		"negative count": {
			head + `{"metrics":{"series":[{"periodSeconds":60,"values":[{"at":"2026-11-28T12:00:00Z","value":-1}]}]}}}`,
			`the snapshot is damaged: a metric's values are negative or not in order; ` + takeAnother,
		},
		"a minute counted twice": {
			head + `{"metrics":{"series":[{"periodSeconds":60,"values":[{"at":"2026-11-28T12:00:00Z","value":1},` +
				`{"at":"2026-11-28T12:00:00Z","value":1}]}]}}}`,
			`the snapshot is damaged: a metric's values are negative or not in order; ` + takeAnother,
		},
		"no period": {
			head + `{"metrics":{"series":[{}]}}}`,
			`the snapshot is damaged: a metric's period is not positive; ` + takeAnother,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Decode(strings.NewReader(tt.content))
			var cannot *CannotCheckError
			if !errors.As(err, &cannot) || err.Error() != tt.want {
				t.Errorf("error = %v\nwant    %s", err, tt.want)
			}
		})
	}
}

func TestAFileThatUnpacksToTooMuchIsRefused(t *testing.T) {
	t.Parallel()
	bomb := compressed(t, `{"schema":"hopscope.snapshot/v1","tool":"`+strings.Repeat("0", 3<<20)+`"}`)
	if len(bomb) > 1<<20 {
		t.Fatalf("the file is not small: %d bytes", len(bomb))
	}
	_, err := decode(strings.NewReader(bomb), 2<<20)
	want := "the snapshot holds more than 2 MiB; take one of fewer clusters with --cluster"
	if err == nil || err.Error() != want {
		t.Errorf("error = %v\nwant    %s", err, want)
	}
}

func sample() *Snapshot {
	return &Snapshot{Origin: "test", Scope: Scope{Region: "eu-west-1", Clusters: []string{"prod"}}}
}

func TestFilesAreSavedPrivatelyAndCompressedByName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"s.json", "s.json.gz"} {
		path := filepath.Join(t.TempDir(), name)
		if err := WriteFile(path, sample(), FileOptions{Tool: "hopscope test"}); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s has mode %o, want 600", name, mode)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if zipped := bytes.HasPrefix(content, []byte{0x1f, 0x8b}); zipped != strings.HasSuffix(name, ".gz") {
			t.Errorf("%s compressed = %v", name, zipped)
		}
		got, err := ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(sample(), got); diff != "" {
			t.Errorf("%s (-written +read):\n%s", name, diff)
		}
	}
}

func TestAnExistingFileIsReplacedOnlyOnRequest(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s.json")
	if err := os.WriteFile(path, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	err := WriteFile(path, sample(), FileOptions{})
	if !errors.Is(err, fs.ErrExist) || !strings.HasSuffix(err.Error(), "it exists already; choose another name") {
		t.Errorf("error = %v, want one that matches fs.ErrExist", err)
	}
	if kept, err := os.ReadFile(path); err != nil || string(kept) != "mine" {
		t.Errorf("the file holds %q, %v", kept, err)
	}
	if err := WriteFile(path, sample(), FileOptions{Overwrite: true}); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode = %v, %v; want 600", info.Mode(), err)
	}
	if _, err := ReadFile(path); err != nil {
		t.Error(err)
	}
}

func TestALinkIsFollowedAndADirectoryRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	target, link := filepath.Join(dir, "target.json"), filepath.Join(dir, "link.json")
	if err := os.WriteFile(target, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	if err := WriteFile(link, sample(), FileOptions{Overwrite: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadFile(target); err != nil {
		t.Error("the target of the link was not written:", err)
	}
	err := WriteFile(dir, sample(), FileOptions{Overwrite: true})
	if err == nil || !strings.Contains(err.Error(), "it is not a regular file") {
		t.Errorf("writing a directory: %v", err)
	}
	err = WriteFile(filepath.Join(dir, "missing", "s.json"), sample(), FileOptions{Overwrite: true})
	if err == nil || !strings.Contains(err.Error(), "the directory does not exist; create it") {
		t.Errorf("writing into a missing directory: %v", err)
	}
}

func TestAFailedWriteLeavesTheOldFileAndNoLitter(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "s.json")
	if err := WriteFile(path, sample(), FileOptions{}); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("no more")
	for name, write := range map[string]error{
		"replace": ReplaceFile(path, func(io.Writer) error { return broken }),
		"create":  CreateFile(filepath.Join(dir, "new.json"), func(io.Writer) error { return broken }),
	} {
		if !errors.Is(write, broken) {
			t.Errorf("%s: error = %v, want %v", name, write, broken)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 || entries[0].Name() != "s.json" {
		t.Errorf("directory holds %v, want s.json alone", entries)
	}
	if _, err := ReadFile(path); err != nil {
		t.Error(err)
	}
}

func TestReadingNamesTheFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, err := ReadFile(filepath.Join(dir, "none.json"))
	if err == nil || !strings.HasSuffix(err.Error(), `none.json": there is no such file; pass a snapshot file`) {
		t.Errorf("missing file: %v", err)
	}
	_, err = ReadFile(dir)
	if err == nil || !strings.Contains(err.Error(), "is a directory; pass a snapshot file") {
		t.Errorf("directory: %v", err)
	}
}

// FuzzDecode looks for input that makes reading a snapshot, or walking what it
// read, panic.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"schema":"hopscope.snapshot/v1","snapshot":{"scope":{"clusters":["prod"]},` +
		`"services":[{"cluster":"c","name":"s"}]}}`))
	f.Add([]byte(`{"schema":"hopscope.snapshot/v1","snapshot":{"networkAcls":[{"id":"acl-1",` +
		`"entries":[{"cidr":"10.0.0.0/8"}]}],"prefixLists":[{"entries":null}]}}`))
	f.Add([]byte(`{"schema":"hopscope.snapshot/v9"}`))
	f.Add([]byte("\x1f\x8b\x08\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := decode(bytes.NewReader(data), 1<<20)
		if err != nil {
			var cannot *CannotCheckError
			if !errors.As(err, &cannot) || cannot.Next == "" {
				t.Fatalf("error without a next step: %v", err)
			}
			return
		}
		NewIndex(s)
		if _, err := Decode(bytes.NewReader(encoded(t, s))); err != nil {
			t.Fatalf("what was read cannot be written and read again: %v", err)
		}
	})
}
