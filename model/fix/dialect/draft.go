package dialect

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// draft is a plan, and what its texts have to know besides.
type draft struct {
	plan    *fix.Plan
	ix      *model.Index
	holders func() reach.Holders
	service *model.Service
	// region is the plan's, or the one in the service's ARN.
	region string
	// before and after are the Service Connect block; nil when the plan leaves it
	// alone.
	before, after *model.ServiceConnect
	entries       []entry
}

// entry is an entry of serviceConnectConfiguration.services, before and after.
type entry struct {
	before, after model.ServiceConnectService
	// removed is set when it is gone afterwards, and after is then empty.
	removed bool
}

func newDraft(p *fix.Plan, a *rule.Analysis) (*draft, error) {
	t := &draft{plan: p, ix: a.Index, holders: a.Holders}
	if t.service = t.ix.Service(p.Service); t.service == nil {
		return nil, fmt.Errorf("service %q is not in the snapshot that the plan is written with", p.Service.String())
	}
	t.region = cmp.Or(p.Region, model.ARNRegion(t.service.ARN))
	for i := range p.Steps {
		if p.Steps[i].ChangesGroup() && p.Steps[i].Rule == nil {
			return nil, fmt.Errorf("step %d of the plan for %q names no rule", i+1, p.Service.String())
		}
	}
	edits := p.Edits()
	if len(edits) == 0 {
		return t, nil
	}
	primary := t.service.Primary()
	if primary == nil || primary.ServiceConnect == nil {
		return nil, fmt.Errorf("service %q has no Service Connect block", p.Service.String())
	}
	after, err := fix.ApplyEdits(*primary.ServiceConnect, edits)
	if err != nil {
		return nil, fmt.Errorf("write the plan for %q: %w", p.Service.String(), err)
	}
	t.before, t.after = primary.ServiceConnect, &after
	rest := after.Services
	for i := range t.before.Services {
		e := entry{before: t.before.Services[i]}
		e.removed = slices.ContainsFunc(edits, func(o fix.Edit) bool {
			return o.Kind == fix.EditRemoveEndpoint &&
				o.Index == i
		})
		if !e.removed {
			e.after, rest = rest[0], rest[1:]
		}
		t.entries = append(t.entries, e)
	}
	return t, nil
}

// kept are the entries that are there afterwards.
func (t *draft) kept() []entry {
	return slices.DeleteFunc(slices.Clone(t.entries), func(e entry) bool { return e.removed })
}

// timeout is a timeout of an entry, and whether the plan changes it.
type timeout struct {
	name    string
	seconds int
	changed bool
}

// timeouts are the timeouts that an entry has afterwards, with the names that a language
// has for them.
func (e *entry) timeouts(idle, perRequest string) []timeout {
	before, after := cmp.Or(e.before.Timeout, &model.Timeout{}), cmp.Or(e.after.Timeout, &model.Timeout{})
	var out []timeout
	add := func(name string, old, now *int) {
		if now != nil {
			out = append(out, timeout{name, *now, old == nil || *old != *now})
		}
	}
	add(idle, before.IdleSeconds, after.IdleSeconds)
	add(perRequest, before.PerRequestSeconds, after.PerRequestSeconds)
	return out
}

// gone names the members of an entry that the plan takes away, with the names that a
// language has for them.
func (e *entry) gone(override, idle, perRequest, tls string) []string {
	if e.removed {
		return nil
	}
	var out []string
	if e.before.IngressPortOverride != 0 && e.after.IngressPortOverride == 0 {
		out = append(out, override)
	}
	if old, now := e.before.Timeout, cmp.Or(e.after.Timeout, &model.Timeout{}); old != nil {
		if old.IdleSeconds != nil && now.IdleSeconds == nil {
			out = append(out, idle)
		}
		if old.PerRequestSeconds != nil && now.PerRequestSeconds == nil {
			out = append(out, perRequest)
		}
	}
	if e.before.TLS != nil && e.after.TLS == nil {
		out = append(out, tls)
	}
	return out
}

// overrideChanged tells whether the plan sets another override.
func (e *entry) overrideChanged() bool {
	return e.before.IngressPortOverride != e.after.IngressPortOverride
}

// tlsChanged tells whether the plan sets another certificate authority.
func (e *entry) tlsChanged() bool {
	return e.after.TLS != nil && (e.before.TLS == nil || e.before.TLS.IssuerARN != e.after.TLS.IssuerARN)
}

// steps are the plan's steps that something is true of.
func (t *draft) steps(is func(*fix.Step) bool) []*fix.Step {
	var out []*fix.Step
	for i := range t.plan.Steps {
		if s := &t.plan.Steps[i]; is(s) {
			out = append(out, s)
		}
	}
	return out
}

// groupName is a security group's name, for a comment beside its id; the id itself
// where it has none.
func (t *draft) groupName(id string) string {
	if g, missing := t.ix.SecurityGroup(id); missing == nil && g.Name != "" {
		return g.Name
	}
	return id
}

// words are the ASCII letters and digits of a name, cut where it has anything else:
// what every language takes in an identifier.
func words(name string) []string {
	const most = 60 // characters of a name: logical ids end at 255
	all := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return (r < 'a' || r > 'z') &&
			(r < '0' || r > '9')
	})
	length := 0
	for i, w := range all {
		if length += len(w); length > most {
			all = append(all[:i:i], w[:len(w)-(length-most)])
			break
		}
	}
	return all
}

// pascal joins words to an identifier such as SampleEcsApp.
func pascal(words []string) string {
	var b strings.Builder
	for _, w := range words {
		if w != "" {
			b.WriteString(strings.ToUpper(w[:1]) + w[1:])
		}
	}
	return leading(b.String(), "Group")
}

// camel joins words to an identifier such as sampleEcsApp.
func camel(words []string) string {
	p := leading(pascal(words), "Group")
	return strings.ToLower(p[:1]) + p[1:]
}

// snake joins words to an identifier such as sample_ecs_app.
func snake(words []string) string { return leading(strings.Join(words, "_"), "group_") }

// leading puts a word in front of a name that does not begin with a letter.
func leading(name, word string) string {
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		return word + name
	}
	return name
}
