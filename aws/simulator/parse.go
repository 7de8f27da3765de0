package simulator

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"reflect"
	"strings"
)

//go:embed worlds/*.json
var builtIn embed.FS

// Worlds are the names of the built-in worlds, sorted.
func Worlds() []string {
	entries, err := builtIn.ReadDir("worlds")
	if err != nil {
		return nil
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), ".json")
	}
	return names
}

// Load reads a built-in world, or makes the fleet of a name such as "fleet:300". The
// error for an unknown name lists the choices.
func Load(name string) (*World, error) {
	if IsFleet(name) {
		return loadFleet(name)
	}
	data, err := builtIn.ReadFile(path.Join("worlds", name+".json"))
	if err != nil {
		return nil, fmt.Errorf("there is no world %q; choose one of %s", name, strings.Join(Worlds(), ", "))
	}
	w, err := ParseWorld(data)
	if err != nil {
		return nil, fmt.Errorf("world %s: %w", name, err)
	}
	return w, nil
}

// LoadFile reads a world file. Errors name the file and the place in it.
func LoadFile(file string) (*World, error) {
	data, err := readWorld(file)
	if err != nil {
		return nil, fmt.Errorf("read the world: %w", err)
	}
	w, err := ParseWorld(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return w, nil
}

// maxWorld bounds a world file. One of 5000 services is a tenth of it.
const maxWorld = 32 << 20

// readWorld reads a file, which may be none: a device that never ends, say.
func readWorld(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // nothing was written
	data, err := io.ReadAll(io.LimitReader(f, maxWorld+1))
	if err == nil && len(data) > maxWorld {
		err = fmt.Errorf("%s holds more than %d MiB, the most that a world may have", file, maxWorld>>20)
	}
	return data, err
}

// ParseWorld reads the JSON of a world and checks it. Unknown fields are
// refused; an error is one sentence that names the place, such as
// `services[2] "web": target group "web-tg" is not defined`.
func ParseWorld(data []byte) (*World, error) {
	var w World
	if err := unmarshalStrict(data, &w); err != nil {
		return nil, locate(data, err)
	}
	if err := w.Check(); err != nil {
		return nil, err
	}
	return &w, nil
}

// unmarshalStrict decodes exactly one JSON value and refuses unknown fields.
func unmarshalStrict(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is something behind the closing brace")
	}
	return nil
}

// locate finds the element of a top-level list that encoding/json stumbled over,
// because its own errors about unknown fields name no place.
func locate(data []byte, err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		line := 1 + bytes.Count(data[:min(int(syntax.Offset), len(data))], []byte("\n"))
		return fmt.Errorf("line %d: %w", line, syntax)
	}
	var sections map[string]json.RawMessage
	if json.Unmarshal(data, &sections) != nil {
		return plain(err)
	}
	for field := range reflect.TypeFor[World]().Fields() {
		section, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		var items []json.RawMessage
		if field.Type.Kind() != reflect.Slice || json.Unmarshal(sections[section], &items) != nil {
			continue
		}
		for i, item := range items {
			if err := unmarshalStrict(item, reflect.New(field.Type.Elem()).Interface()); err != nil {
				var named struct{ Name, Family string }
				_ = json.Unmarshal(item, &named) // a name is a courtesy
				return fmt.Errorf("%s: %w", place(section, i, named.Name+named.Family), plain(err))
			}
		}
	}
	return plain(err)
}

// plain says what encoding/json says without the words that only a Go programmer
// needs.
func plain(err error) error {
	var wrongType *json.UnmarshalTypeError
	if errors.As(err, &wrongType) && wrongType.Field != "" {
		return fmt.Errorf("%s: a JSON %s does not fit here", wrongType.Field, wrongType.Value)
	}
	return errors.New(strings.TrimPrefix(err.Error(), "json: "))
}

// place names an element of a list: `services[2] "web"`.
func place(section string, i int, name string) string {
	if name == "" {
		return fmt.Sprintf("%s[%d]", section, i)
	}
	return fmt.Sprintf("%s[%d] %q", section, i, name)
}
