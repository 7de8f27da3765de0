package search_test

import (
	"slices"
	"strings"
	"testing"

	"hopscope/ui/search"
)

// svc is a service as its cluster, its name, and its fields: "port=8080".
type svc struct {
	cluster, name string
	fields        []string
}

func (s svc) Text() (name, context string) { return s.name, s.cluster }

func (s svc) Has(field, value string) bool {
	if field == search.Cluster {
		return strings.Contains(s.cluster, value)
	}
	return slices.Contains(s.fields, field+"="+value)
}

var all = []svc{
	{"prod", "reorder", []string{"state=bad", "port=80", "code=net201"}},
	{"prod", "web-orders", []string{"state=warn", "port=8080"}},
	{"dev", "orders", []string{"state=good", "port=8080", "lb=main"}},
	{"prod", "orders-api", []string{"state=good", "port=80", "lb=main"}},
	{"dev", "worker", nil},
}

func names(found []svc) string {
	var out []string
	for _, s := range found {
		out = append(out, s.name)
	}
	return strings.Join(out, " ")
}

func TestAFilterKeepsTheOrderAndSelectsTheBestMatch(t *testing.T) {
	for query, want := range map[string]struct{ kept, best string }{
		"":                    {"reorder web-orders orders orders-api worker", "reorder"},
		"order":               {"reorder web-orders orders orders-api", "orders"},
		"Orders":              {"web-orders orders orders-api", "orders"},
		"rders":               {"web-orders orders orders-api", "web-orders"},
		"prod/orders":         {"web-orders orders-api", "orders-api"},
		"prod/":               {"reorder web-orders orders-api", "reorder"},
		"dev":                 {"orders worker", "orders"},
		"orders:8080":         {"web-orders orders", "orders"},
		"orders:":             {"web-orders orders orders-api", "orders"},
		"lb:main":             {"orders orders-api", "orders"},
		"lb:main:80":          {"orders-api", "orders-api"},
		"!state:good":         {"reorder web-orders worker", "reorder"},
		"!orders":             {"reorder worker", "reorder"},
		"code:net201":         {"reorder", "reorder"},
		"order port:8080 web": {"web-orders", "web-orders"},
		"wrk":                 {"worker", "worker"},
		"rdr":                 {"reorder web-orders orders orders-api", "reorder"},
		"!":                   {"reorder web-orders orders orders-api worker", "reorder"},
		"zzz":                 {"", ""},
	} {
		kept, best := search.Filter(search.Parse(query), all)
		if got := names(kept); got != want.kept {
			t.Errorf("%q keeps %q, not %q", query, got, want.kept)
			continue
		}
		if len(kept) > 0 && kept[best].name != want.best {
			t.Errorf("%q: the best is %q, not %q", query, kept[best].name, want.best)
		}
	}
}

func TestRankedItemsBeginWithTheBest(t *testing.T) {
	if got := names(search.Ranked(search.Parse("order"), all, 9)); got != "orders orders-api web-orders reorder" {
		t.Error(got)
	}
	for query, want := range map[string]string{"order": "orders orders-api", "": "reorder web-orders"} {
		if got := names(search.Ranked(search.Parse(query), all, 2)); got != want {
			t.Errorf("the first two of %q are %q", query, got)
		}
	}
}

func TestMarksAreThePartsThatWereFound(t *testing.T) {
	for query, want := range map[string]string{
		"ord": "web-[ord]ers", "we ers": "[we]b-ord[ers]", "wds": "[w]eb-or[d]er[s]", "port:80 !web": "web-orders",
	} {
		marked, name := "", "web-orders"
		spans := search.Parse(query).Marks(name)
		for i := range name {
			for _, s := range spans {
				if s.From == i {
					marked += "["
				}
			}
			marked += name[i : i+1]
			for _, s := range spans {
				if s.To == i+1 {
					marked += "]"
				}
			}
		}
		if marked != want {
			t.Errorf("%q: %s, not %s", query, marked, want)
		}
	}
}
