package model

import (
	"strconv"
	"strings"
)

// NamesShown is how many names a text has room for; of more it names the first ones
// and counts the rest.
const NamesShown = 3

// Names are some names in a text: "cart", "cart and catalog", "cart, catalog and web",
// "cart, catalog and 7 more". first are the first ones, up to [NamesShown], of all that
// there are.
func Names(first []string, all int) string {
	if all > NamesShown {
		const named = NamesShown - 1
		return strings.Join(first[:named], ", ") + " and " + strconv.Itoa(all-named) + " more"
	}
	if len(first) < 2 {
		return strings.Join(first, "")
	}
	last := len(first) - 1
	return strings.Join(first[:last], ", ") + " and " + first[last]
}
