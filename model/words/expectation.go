package words

import (
	"cmp"
	"strconv"

	"hopscope/model/reach"
)

// Expected is the source of requests about which a plan promises something: a load
// balancer, or a calling service, and how many others look like it to the network.
func Expected(kind reach.SourceKind, from string, others int) string {
	text := cmp.Or(from, unknownCallers)
	if kind == reach.SourceHealthCheck {
		text = "health check of " + cmp.Or(from, unnamed(kind))
	}
	if others > 0 {
		text += " and " + strconv.Itoa(others) + " more like it"
	}
	return text
}
