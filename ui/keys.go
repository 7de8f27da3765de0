package ui

// Key is a key of the main screen and what it does, for the manual.
type Key struct{ Key, Help string }

// Keys lists the keys of the main screen in the order of its help screen.
func Keys() []Key {
	var out []Key
	for _, a := range mainActions() {
		if a.key != "" {
			out = append(out, Key{a.key, a.help})
		}
	}
	return out
}
