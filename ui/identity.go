package ui

import (
	"net/url"
	"strings"
	"time"

	uv "github.com/charmbracelet/ultraviolet"

	"hopscope/internal/text"
	"hopscope/model/words"
	"hopscope/ui/canvas"
	"hopscope/ui/theme"
)

// identity says what is on screen, and whether it can be changed: "LIVE prod · eu-west-1 ·
// 1234…9012 · READ-ONLY". It never leaves the header; where room is short the names in it do
// with less.
type identity struct{ parts []identityPart }

// identityPart is a word of the identity.
type identityPart struct {
	text  string
	style uv.Style
	// behind is what is between it and the part before.
	behind string
	// drops is the order in which parts are left out; 0 for never.
	drops int
	// cuts is set for a name that can be cut.
	cuts bool
}

// The order in which parts are left out.
const (
	dropsClusters = iota + 1
	dropsAccount
)

// leastPart is what is left of a name that is cut.
const leastPart = 6

// identity is that of the header.
func (h header) identity() identity {
	if h.inventory == nil {
		return identity{}
	}
	s, t := h.inventory.Snapshot, h.theme
	x := identity{}
	kind, style := h.kindWords()
	x.add(identityPart{text: kind, style: style})
	x.add(identityPart{text: h.origin, style: t.Strong, behind: " ", cuts: true})
	x.add(identityPart{text: s.Scope.Region, style: t.Text})
	x.add(identityPart{text: masked(s.Scope.Account), style: t.Text, drops: dropsAccount})
	x.add(identityPart{text: endpointName(s.Origin), style: t.Banner, cuts: true})
	x.add(identityPart{text: h.clusterWords(), style: t.Text, drops: dropsClusters, cuts: true})
	if h.kind == Live {
		mode, style := "READ-ONLY", t.Dim
		if h.writes {
			mode, style = "WRITE", theme.Selected(t.Banner)
		}
		x.add(identityPart{text: mode, style: style})
	}
	return x
}

func (x *identity) add(p identityPart) {
	if p.text == "" {
		return
	}
	if p.behind == "" && len(x.parts) > 0 {
		p.behind = " · "
	}
	x.parts = append(x.parts, p)
}

// kindWords are the kind, and of a snapshot how old it is.
func (h header) kindWords() (kind string, style uv.Style) {
	switch h.kind {
	case Simulated:
		return "SIM", h.theme.Accent
	case Saved:
		const old = 24 * time.Hour
		age, ok := h.clock.age(h.inventory.Snapshot.CollectedAt)
		if !ok || age < time.Minute {
			return "SNAPSHOT", h.theme.Accent
		}
		if style = h.theme.Accent; age >= old {
			style = h.theme.Banner
		}
		return "SNAPSHOT " + strings.TrimSuffix(ago(age), " ago") + " old", style
	case Live:
	}
	return "LIVE", h.theme.Accent
}

func (h header) clusterWords() string {
	clusters := h.inventory.Snapshot.Scope.Clusters
	const named = 2
	if len(clusters) > named {
		return words.Count(len(clusters), "cluster")
	}
	return strings.Join(clusters, ", ")
}

// endpointName is the host that is read instead of AWS, "" where it is AWS.
func endpointName(origin string) string {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Host
}

func (x *identity) width() int {
	n := 0
	for i := range x.parts {
		n += text.Width(x.parts[i].behind) + text.Width(x.parts[i].text)
	}
	return n
}

// within is the identity in a width: clusters are left out first, then the account, and
// then names are cut.
func (x identity) within(width int) identity {
	for drop := dropsClusters; drop <= dropsAccount && x.width() > width; drop++ {
		kept := identity{}
		for _, p := range x.parts {
			if p.drops != drop {
				kept.parts = append(kept.parts, p)
			}
		}
		x = kept
	}
	for x.width() > width {
		longest := -1
		for i, p := range x.parts {
			if p.cuts && text.Width(p.text) > leastPart &&
				(longest < 0 || text.Width(p.text) > text.Width(x.parts[longest].text)) {
				longest = i
			}
		}
		if longest < 0 {
			break
		}
		p := &x.parts[longest]
		p.text = text.Elide(p.text, max(text.Width(p.text)-(x.width()-width), leastPart))
	}
	return x
}

func (x identity) draw(c canvas.Canvas, at, y, width int) {
	end := at + width
	for _, p := range x.parts {
		at = c.TextIn(at, y, end-at, p.behind, uv.Style{})
		at = c.TextIn(at, y, end-at, p.text, p.style)
	}
}
