package collect

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"hopscope/internal/atomicfile"
	"hopscope/model"
)

const (
	// cacheSchema is the form of the cache's file; a file of another form is
	// rewritten. v1 had no CPU and memory, v2 no host names, whose absence would read as
	// "none".
	cacheSchema = "hopscope.task-definitions/v3"
	// maxCached bounds the file. Beyond it, revisions that the last reading did
	// not use go.
	maxCached = 20_000
)

// taskDefinitionCache keeps task definitions between runs, one file for an
// account, region and endpoint: a registered revision never changes, and reading
// one costs a call (docs/aws.md, Calls). It holds the fields of [model.TaskDefinition],
// and of the environment salted hashes of the host names in it. A nil cache is empty and
// keeps nothing.
type taskDefinitionCache struct {
	path string

	mu    sync.Mutex
	known map[model.ARN]model.TaskDefinition
	hosts *hostNames
	used  map[model.ARN]bool
	fresh bool // something is not on disk
}

// cacheFile is the file's content.
type cacheFile struct {
	Schema          string                 `json:"schema"`
	TaskDefinitions []model.TaskDefinition `json:"taskDefinitions"`
	HostNames       hostNames              `json:"hostNames"`
}

// openTaskDefinitionCache reads the cache. A file that is missing, damaged or of
// another form counts as empty, and is replaced in time.
func openTaskDefinitionCache(dir, account, region, endpoint string) *taskDefinitionCache {
	sum := sha256.Sum256([]byte(endpoint))
	name := fmt.Sprintf("task-definitions-%s-%s-%s.json", fileName(account), fileName(region),
		hex.EncodeToString(sum[:4]))
	t := &taskDefinitionCache{
		path:  filepath.Join(dir, name),
		known: make(map[model.ARN]model.TaskDefinition),
		hosts: newHostNames(),
		used:  make(map[model.ARN]bool),
	}
	content, err := os.ReadFile(t.path)
	if err != nil {
		return t
	}
	var file cacheFile
	if json.Unmarshal(content, &file) != nil || file.Schema != cacheSchema || len(file.HostNames.Salt) == 0 {
		return t
	}
	t.hosts = &file.HostNames
	if t.hosts.Of == nil {
		t.hosts.Of = map[model.ARN][]string{}
	}
	for _, d := range file.TaskDefinitions {
		if d.ARN != "" {
			t.known[d.ARN] = d
		}
	}
	return t
}

// keepsRevisions tells whether a registered revision can never change behind an
// endpoint of ECS; "" is AWS's own. An emulator begins anew with every start: one on
// this machine, or one that speaks plain HTTP, which AWS never does.
func keepsRevisions(endpoint string) bool {
	if endpoint == "" {
		return true
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "https" {
		return false
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return false
	}
	address, err := netip.ParseAddr(host)
	return err != nil || !address.Unmap().IsLoopback() && !address.IsUnspecified()
}

// fileName keeps letters, digits and dashes.
func fileName(s string) string {
	kept := []byte(s)
	for i, b := range kept {
		switch {
		case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9', b == '-':
		default:
			kept[i] = '_'
		}
	}
	return string(kept)
}

// get finds a task definition by its ARN.
func (t *taskDefinitionCache) get(arn model.ARN) (model.TaskDefinition, bool) {
	if t == nil {
		return model.TaskDefinition{}, false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	d, ok := t.known[arn]
	if ok {
		t.used[arn] = true
	}
	return d, ok
}

// put adds a task definition.
func (t *taskDefinitionCache) put(d model.TaskDefinition) {
	if t == nil || d.ARN == "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.known[d.ARN] = d
	t.used[d.ARN] = true
	t.fresh = true
}

// save writes the file if there is something new, in one step and for the user
// alone. A cache that cannot be written costs calls, not answers: the caller may
// ignore the error.
func (t *taskDefinitionCache) save() error {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.fresh {
		return nil
	}
	file := cacheFile{Schema: cacheSchema, TaskDefinitions: t.keptLocked()}
	file.HostNames = hostNames{t.hosts.Salt, map[model.ARN][]string{}}
	for i := range file.TaskDefinitions {
		if arn := file.TaskDefinitions[i].ARN; len(t.hosts.Of[arn]) > 0 {
			file.HostNames.Of[arn] = t.hosts.Of[arn]
		}
	}
	content, err := json.Marshal(file)
	if err != nil {
		return fmt.Errorf("encode the task definition cache: %w", err)
	}
	if err := writeFile(t.path, content); err != nil {
		return fmt.Errorf("write the task definition cache: %w", err)
	}
	t.fresh = false
	return nil
}

// keptLocked are the task definitions to write, sorted.
func (t *taskDefinitionCache) keptLocked() []model.TaskDefinition {
	kept := make([]model.TaskDefinition, 0, len(t.known))
	for arn, d := range t.known {
		if len(t.known) <= maxCached || t.used[arn] {
			kept = append(kept, d)
		}
	}
	slices.SortFunc(kept, func(a, b model.TaskDefinition) int { return cmp.Compare(a.ARN, b.ARN) })
	return kept
}

// writeFile replaces a file in one step, with mode 0600.
func writeFile(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return atomicfile.Replace(path, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}
