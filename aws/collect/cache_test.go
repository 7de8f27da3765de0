package collect_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hopscope/aws"
	"hopscope/aws/awstest"
	"hopscope/aws/collect"
	"hopscope/model"
)

// readAll reads the files of a directory.
func readAll(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, string(b))
	}
	return files
}

func TestTaskDefinitionsAreReadOnceAndKeptOnDisk(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "hopscope")
	calls := func() int {
		a, _ := open(t, awstest.Load(t, "article"), collect.Options{TaskDefinitionCache: dir})
		s := read(t, a)
		if want := (model.Count{Listed: 2, Loaded: 2}); s.Counts.TaskDefinitions != want || !s.Complete {
			t.Fatalf("task definitions are %+v, complete %t", s.Counts.TaskDefinitions, s.Complete)
		}
		return s.Stats.Calls[model.DescribeTaskDefinition]
	}
	if got := calls(); got != 2 {
		t.Fatalf("%d calls with an empty cache, want 2", got)
	}
	if got := calls(); got != 0 {
		t.Errorf("%d calls with a full cache, want none", got)
	}
	name, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(name) != 1 {
		t.Fatalf("files are %v, %v", name, err)
	}
	info, err := os.Stat(name[0])
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode is %v, %v; want 0600", info.Mode(), err)
	}
	for _, damaged := range []string{"", "{", older(t, name[0]), "\x00"} {
		if err := os.WriteFile(name[0], []byte(damaged), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := calls(); got != 2 {
			t.Errorf("%d calls with the cache %q, want 2", got, damaged)
		}
		if got := calls(); got != 0 {
			t.Errorf("the cache %q was not rewritten: %d calls", damaged, got)
		}
	}
}

// older is a cache as a version before host names wrote it.
func older(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before := strings.Replace(string(content), "hopscope.task-definitions/v3", "hopscope.task-definitions/v2", 1)
	if before == string(content) || !strings.Contains(before, "arn:aws:ecs:") {
		t.Fatalf("the cache is not one of version 3 with task definitions: %s", before)
	}
	return before
}

func TestACacheThatCannotBeWrittenCostsNothingElse(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	a, _ := open(t, awstest.Load(t, "article"), collect.Options{TaskDefinitionCache: filepath.Join(file, "under")})
	if s := read(t, a); !s.Complete {
		t.Errorf("gaps: %v", s.Gaps)
	}
}

// A world that is edited and served again on the same port has other revisions under
// the same ARNs: only AWS keeps them for ever.
func TestTaskDefinitionsOfALocalEndpointAreNotKept(t *testing.T) {
	for _, endpoint := range []string{
		"http://localhost:4566", "http://127.0.0.1:4566", "https://127.1.2.3", "http://[::1]:4566",
		"https://LOCALHOST.:1/path",
		"http://ecs.localhost:80", "http://[::ffff:127.0.0.1]:1", "http://0.0.0.0:4566", "https://[::]", "http://moto:5000",
		"4566",
	} {
		dir := t.TempDir()
		for _, mode := range []string{"awsvpc", "host"} {
			w := awstest.Load(t, "article")
			for i := range w.TaskDefinitions {
				w.TaskDefinitions[i].NetworkMode = mode
			}
			a, _ := open(t, w, collect.Options{TaskDefinitionCache: dir}, aws.Options{EndpointURL: endpoint})
			for _, d := range read(t, a).TaskDefinitions {
				if string(d.NetworkMode) != mode {
					t.Errorf("%s: the network mode is %q, and that of an earlier world is %q", endpoint, mode, d.NetworkMode)
				}
			}
		}
		if files := readAll(t, dir); len(files) > 0 {
			t.Errorf("%s: %d files were kept", endpoint, len(files))
		}
	}
}

func TestCachesOfDifferentEndpointsAreDifferentFiles(t *testing.T) {
	dir := t.TempDir()
	for _, endpoint := range []string{"", "https://ecs.eu-west-1.amazonaws.com", "https://proxy.example.com"} {
		for want := 2; want >= 0; want -= 2 { // read, then kept
			a, _ := open(t, awstest.Load(t, "article"), collect.Options{TaskDefinitionCache: dir},
				aws.Options{EndpointURL: endpoint})
			if got := read(t, a).Stats.Calls[model.DescribeTaskDefinition]; got != want {
				t.Errorf("endpoint %q: %d task definitions were read, want %d", endpoint, got, want)
			}
		}
	}
	if files := readAll(t, dir); len(files) != 3 || strings.TrimSpace(files[0]) == "" {
		t.Errorf("%d files, want 3", len(files))
	}
}
