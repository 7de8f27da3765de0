package aws

import (
	"bufio"
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Profiles are the profiles of the AWS CLI's two files, sorted. A file that is not there,
// or cannot be read, has none.
func Profiles() []string {
	home, _ := os.UserHomeDir() // without one the variables count alone
	var all []string
	for _, file := range [...]struct{ variable, name string }{
		{"AWS_CONFIG_FILE", "config"}, {"AWS_SHARED_CREDENTIALS_FILE", "credentials"},
	} {
		path := cmp.Or(os.Getenv(file.variable), filepath.Join(home, ".aws", file.name))
		all = append(all, profilesIn(path, file.name == "config")...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// profilesIn are the profiles that have a section in a file. In the configuration, other
// things have sections too.
func profilesIn(path string, isConfig bool) []string {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }() // nothing was written
	var out []string
	for lines := bufio.NewScanner(f); lines.Scan(); {
		section, opened := strings.CutPrefix(strings.TrimSpace(lines.Text()), "[")
		section, _, closed := strings.Cut(section, "]")
		if !opened || !closed {
			continue
		}
		name, isProfile := strings.CutPrefix(strings.TrimSpace(section), "profile ")
		if name = strings.Trim(strings.TrimSpace(name), `"'`); isProfile || !isConfig || name == "default" {
			out = append(out, name)
		}
	}
	return out
}

// Regions are the regions of AWS that have ECS, for a shell to complete. Any other name
// that can be one is taken too.
func Regions() []string {
	return []string{
		"af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1",
		"ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5",
		"ap-southeast-6", "ap-southeast-7", "ca-central-1", "ca-west-1", "cn-north-1", "cn-northwest-1", "eu-central-1",
		"eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3", "il-central-1",
		"me-central-1", "me-south-1", "mx-central-1", "sa-east-1", "us-east-1", "us-east-2", "us-gov-east-1",
		"us-gov-west-1", "us-west-1", "us-west-2",
	}
}
