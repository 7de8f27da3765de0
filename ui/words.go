package ui

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"hopscope/model/reach"
	"hopscope/ui/diagram"
)

// counted is a number with its noun: "1 path", "2 paths".
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// masked hides the middle of an account id.
func masked(account string) string {
	const shown = 4
	if len(account) <= 2*shown {
		return account
	}
	return account[:shown] + "…" + account[len(account)-shown:]
}

// ago is an age in words, in the steps of [ageStep].
func ago(age time.Duration) string {
	age = age.Truncate(ageStep(age))
	switch {
	case age < time.Second:
		return "now"
	case age < time.Minute:
		return fmt.Sprintf("%d s ago", int(age.Seconds()))
	case age < time.Hour:
		return fmt.Sprintf("%d min ago", int(age.Minutes()))
	case age < 48*time.Hour:
		return fmt.Sprintf("%d h ago", int(age.Hours()))
	}
	return fmt.Sprintf("%d days ago", int(age.Hours()/24))
}

// sourceWords name the source of a path.
func sourceWords(p *reach.Path) string {
	s := &p.Source
	switch s.Kind {
	case reach.SourceServiceConnect, reach.SourceServiceDiscovery:
		return diagram.Callers(s.Services)
	case reach.SourceHealthCheck:
		return "health check of " + cmp.Or(s.Name, s.TargetGroup)
	case reach.SourceVPCLattice:
		return strings.TrimSpace(cmp.Or(s.Name, "VPC Lattice") + " " + s.TargetGroup)
	case reach.SourceServiceGateway:
		return "gateway " + listenerWords(p)
	case reach.SourceLoadBalancer:
	}
	return listenerWords(p)
}

// listenerWords name a load balancer or gateway, its listener and rule, the load
// balancer behind it, and the share of the requests that go this way.
func listenerWords(p *reach.Path) string {
	s := &p.Source
	words := cmp.Or(s.Name, cmp.Or(s.TargetGroup, firstPlace(p)))
	if s.ListenerPort > 0 {
		words += fmt.Sprintf(" :%d", s.ListenerPort)
	}
	if behind := behind(p); behind != "" {
		words += " via " + behind
	}
	if s.Rule != "" && s.Rule != "default" {
		words += " rule " + s.Rule
	}
	if p.Facts.ByHand {
		words += " by hand"
	}
	if s.Weight == nil {
		return words
	}
	if *s.Weight == 0 {
		return words + " 0 %, idle"
	}
	return words + fmt.Sprintf(" %d %%", *s.Weight)
}

// behind names the load balancer that another one forwards to, "" when there is
// one alone.
func behind(p *reach.Path) string {
	if hops := p.Hops(); len(hops) > 0 && hops[0].FromNode == reach.NodeLoadBalancer && hops[0].ToNode == reach.NodeLoadBalancer {
		return hops[0].To
	}
	return ""
}

// firstPlace names where the first hop starts: of a load balancer that could not
// be read that is all there is to say.
func firstPlace(p *reach.Path) string {
	if hops := p.Hops(); len(hops) > 0 && hops[0].From != "" {
		return hops[0].From
	}
	return "unknown source"
}

// targetWords name where a path leads, as its callers see it.
func targetWords(p *reach.Path) string {
	words := p.Target.Service
	if p.Target.ContainerPort > 0 {
		words += fmt.Sprintf(":%d", p.Target.ContainerPort)
	}
	if p.Source.Endpoint != "" {
		words = p.Source.Endpoint
	}
	if p.Target.Deployment != "" {
		words += " (" + p.Target.Deployment + ")"
	}
	return words
}

// headline is a path in one line.
func headline(p *reach.Path) string { return sourceWords(p) + " → " + targetWords(p) }

// verdictWords say how a path is judged.
func verdictWords(p *reach.Path) string {
	switch {
	case p.Verdict == reach.Broken && p.Access == reach.Blocked:
		return "blocked"
	case p.Verdict == reach.OK && p.Via == reach.ViaDirect:
		return "ok, direct"
	case p.Verdict == reach.OK && p.Via == reach.ViaAgent:
		return "ok, via agent"
	}
	return strings.ReplaceAll(string(p.Verdict), "-", " ")
}
