package cli

import (
	"slices"

	"hopscope/internal/shell"
	"hopscope/internal/text"
)

// words are the flags as they were given, for the next command. A password in a URL is
// not printed.
func (f *accountFlags) words() []string {
	var words []string
	for _, flag := range [...]struct{ name, value string }{
		{"--profile", f.o.Profile}, {"--region", f.o.Region}, {"--endpoint-url", text.MaskURLs(f.o.EndpointURL)},
	} {
		if flag.value != "" {
			words = append(words, flag.name, flag.value)
		}
	}
	for _, cluster := range f.o.Clusters {
		words = append(words, "--cluster", cluster)
	}
	return words
}

// words are the flags that name the source, for the next command.
func (f *sourceFlags) words() []string {
	switch {
	case f.snapshot != "":
		return []string{"--snapshot", f.snapshot}
	case f.demo != "":
		return []string{"--demo", f.demo}
	}
	return f.account.words()
}

// words are the flags as they were given, for the next command.
func (f *selection) words() []string {
	var words []string
	for _, service := range f.services {
		words = append(words, "--service", service)
	}
	for _, code := range f.codes {
		words = append(words, "--code", code)
	}
	for _, plan := range f.plans {
		words = append(words, "--plan", plan)
	}
	return words
}

// fixCommand is a command for a shell that plans from the same source.
func fixCommand(from []string, words ...string) string {
	return shell.Line(slices.Concat([]string{"hopscope", "fix"}, from, words)...)
}

// applyCommand is a command for a shell that carries plans out where they are from. A
// snapshot is no place for that; its account is.
func (f *fixFlags) applyCommand(words ...string) string {
	from := f.source.words()
	switch {
	case f.source.snapshot != "":
		from = nil
		fallthrough
	case f.source.demo == "":
		return fixCommand(from, append(words, "--apply", "--allow-apply")...)
	}
	return fixCommand(from, append(words, "--apply")...)
}
