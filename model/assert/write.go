package assert

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"hopscope/internal/listfile"
	"hopscope/internal/text"
	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/rule"
	"hopscope/model/selector"
	"hopscope/model/who"
	"hopscope/model/words"
)

// namedCallers is how many callers of a path get a line of their own. More of them are
// written as a glob, where that holds.
const namedCallers = 20

// Write writes what holds now as the assertions of a file, a start for its owner: each path of
// the configuration, and of each service who is let in where that can be named. What does not
// hold, or is not known to, is a comment with its reason.
//
// paths are those of the analysis, or some of them.
func Write(out io.Writer, a *rule.Analysis, paths []*reach.Path) error {
	w := &writer{a: a, seen: map[string]bool{}}
	w.printf("# What must hold of the request paths: hopscope check --assert FILE\n%s:\n", listName)
	var last model.Ref
	for i, p := range paths {
		ref := p.Target.Ref()
		if i == 0 || ref != last {
			w.printf("  # %s\n", text.Clean(ref.String()))
		}
		w.path(p)
		if i+1 == len(paths) || paths[i+1].Target.Ref() != ref {
			w.letIn(ref)
		}
		last = ref
	}
	if w.lines == 0 {
		w.printf("  []\n")
	}
	_, err := io.WriteString(out, w.String())
	return err
}

type writer struct {
	strings.Builder
	a     *rule.Analysis
	seen  map[string]bool
	lines int
}

func (w *writer) printf(format string, args ...any) { fmt.Fprintf(&w.Builder, format, args...) }

// line writes an assertion if it holds, and says whether it does, and why not.
func (w *writer) line(assertion string) (held bool, why string) {
	if w.seen[assertion] {
		return true, ""
	}
	as, err := Parse(assertion)
	if err != nil {
		return false, "the grammar has no word for its name"
	}
	o := check(w.a, &as)
	if o.Verdict != Holds {
		why = string(o.Verdict)
		if len(o.Reasons) > 0 {
			why += ": " + o.Reasons[0].Why
		}
		return false, why
	}
	w.seen[assertion] = true
	w.lines++
	w.printf("  - %s\n", listfile.Quoted(assertion))
	return true, ""
}

// path writes what holds on a path.
func (w *writer) path(p *reach.Path) {
	if p.Source.Kind == reach.SourceHealthCheck {
		return
	}
	to := words.ServicePort(p.Target.Ref().String(), p.Target.ContainerPort)
	end := " via " + string(p.Via)
	if p.Access == reach.Blocked {
		end = blocked
	}
	sources := w.sources(p)
	if len(sources) == 0 {
		w.comment(p, "its source has no name")
	}
	for _, from := range sources {
		if held, why := w.line(from + " -> " + to + end); !held {
			w.comment(p, why)
		}
	}
}

// comment says why there is no line for a path.
func (w *writer) comment(p *reach.Path, why string) {
	line := "  # " + text.Clean(words.Path(p)+": "+why)
	if !w.seen[line] {
		w.seen[line] = true
		w.printf("%s\n", line)
	}
}

// sources are the names of what a path comes from.
func (w *writer) sources(p *reach.Path) []string {
	if p.Source.Services.Len() > namedCallers {
		clusters := map[string]bool{}
		for ref := range p.Source.Services.All() {
			clusters[ref.Cluster+"/*"] = true
		}
		var out []string
		for glob := range clusters {
			out = append(out, glob)
		}
		slices.Sort(out)
		return out
	}
	var out []string
	for ref := range p.Source.Services.All() {
		out = append(out, ref.String())
	}
	switch p.Source.Kind {
	case reach.SourceLoadBalancer, reach.SourceServiceGateway:
		if p.Source.Name != "" {
			out = append(out, selector.Selector{
				Kind: selector.LoadBalancer, Name: p.Source.Name, Port: p.Source.ListenerPort,
			}.String())
		}
	case reach.SourceServiceConnect, reach.SourceServiceDiscovery, reach.SourceHealthCheck, reach.SourceVPCLattice:
	}
	return out
}

// letIn writes who is let in to a service, where all that its groups admit has a name.
func (w *writer) letIn(ref model.Ref) {
	target := selector.Selector{Kind: selector.Service, Cluster: ref.Cluster, Name: ref.Service}
	if parsed, err := selector.Parse(target.String()); err != nil || parsed.Plural() {
		return
	}
	doc, err := who.List(w.a, target)
	if err != nil {
		return
	}
	var names []string
	for i := range doc.Destinations {
		for k := range doc.Destinations[i].Admitted {
			names = append(names, sourceNames(&doc.Destinations[i].Admitted[k])...)
		}
	}
	names = slices.DeleteFunc(names, func(name string) bool { return name == ref.String() })
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) == 0 || len(names) > namedCallers {
		return
	}
	if held, why := w.line(ref.String() + onlyFrom + strings.Join(names, ", ")); !held {
		w.printf("  # %s\n", text.Clean(ref.String()+onlyFrom+strings.Join(names, ", ")+": "+why))
	}
}

// sourceNames are the names of what a rule admits.
func sourceNames(s *who.Source) []string {
	switch s.Kind {
	case who.SourceForeign:
		return []string{s.Source}
	case who.SourceWorld, who.SourceBlock:
		return []string{s.Source}
	case who.SourcePrefixList:
		return s.Entries
	case who.SourceGroup:
	}
	var out []string
	for i := range s.Holders {
		switch h := &s.Holders[i]; h.Kind {
		case reach.HolderService, reach.HolderTasks:
			out = append(out, model.Ref{Cluster: h.Cluster, Service: h.Name}.String())
		case reach.HolderLoadBalancer:
			out = append(out, balancer+h.Name)
		case reach.HolderInstance, reach.HolderFunction, reach.HolderInterface:
			out = append(out, s.Source)
		}
	}
	return out
}

const balancer = "lb:"
