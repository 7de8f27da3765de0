package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"hopscope/aws"
	"hopscope/aws/collect"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// The paths on which requests arrived before are derived again after a rollback. One that
// is worse now differs; one of which that cannot be told is unread, and nothing is said of
// it but what was not read.

// unreadError is about paths of which it is not known whether requests arrive on them.
type unreadError struct{ error }

func (e unreadError) Unwrap() error { return e.error }

func isUnread(err error) bool { return errors.As(err, &unreadError{}) }

// pathsDiffer names the paths on which requests arrived before, and that are not as good
// as they were. The error names what was not read, where that leaves some unknown.
func (r *rollback) pathsDiffer(ctx context.Context) ([]string, error) {
	s, err := r.readAll(ctx)
	if err != nil {
		return nil, err
	}
	r.snapshot = s
	ref := r.entry.Plan.Service
	a := rule.Analyze(s)
	c := comparison{analysis: a, service: ref, hidden: r.hidden(s), over: r.over, paths: a.Into(ref)}
	if a.Index.Service(ref) == nil {
		return nil, c.serviceUnread(ctx, r)
	}
	overtaken, err := r.hasOvertaken(ctx)
	if err != nil {
		return nil, err
	}
	if c.idle = isIdle(s, ref); c.idle && !r.entry.Before.Idle {
		c.differs = append(c.differs, "no task runs (the desired count is 0), so that nothing was verified")
	}
	was := r.pathsOf(a, overtaken)
	for i := range was {
		c.compare(&was[i])
	}
	r.unsettled = c.unsettled
	slices.Sort(c.moved)
	r.entry.Moved = slices.Compact(c.moved)
	slices.Sort(c.differs) // a path of several places reads the same
	return shortened(slices.Compact(c.differs), "paths are not as they were"), c.unreadError()
}

// hasOvertaken tells whether the service has the block that others had deployed right before
// the update, and not the one of before both.
func (r *rollback) hasOvertaken(ctx context.Context) (bool, error) {
	if r.entry.Before.Overtaken == nil {
		return false, nil
	}
	live, err := r.read(ctx)
	if err != nil {
		return false, err
	}
	return !sameBlock(live.block, r.entry.Before.Block), nil
}

// comparison is what the paths of before have become.
type comparison struct {
	analysis *rule.Analysis
	service  model.Ref
	paths    []*reach.Path
	// hidden are the facts that paths may be missing for.
	hidden []model.Missing
	// differs names the paths that are worse, unread those of which it is not known, for
	// want of what facts names.
	differs, unread, facts []string
	// moved names those that are as they were in the other target group of their pair.
	moved []string
	// idle tells that the service is to have no tasks: no target is healthy then.
	idle bool
	// over is the rollback's.
	over bool
	// unsettled are the target groups of which targets may become healthy yet, or be
	// registered.
	unsettled []model.ARN
}

// compare compares one path.
func (c *comparison) compare(was *fix.Expectation) {
	now, other := was.At(c.paths, c.service, c.analysis.Index)
	if c.idle && was.Healthy {
		awake := *was
		awake.Healthy = false
		was = &awake
	}
	if slices.ContainsFunc(now, func(p *reach.Path) bool { return len(worse(was, p)) == 0 && !healthUnread(was, p) }) {
		if other != "" {
			c.moved = append(c.moved, fmt.Sprintf("%s is served by target group %s now, and was by %s", pathWords(was),
				aws.Printable(other), aws.Printable(was.Place.TargetGroup)))
		}
		return
	}
	lacks := c.hidden
	if len(now) > 0 {
		lacks = nil
		for _, p := range now {
			if perhapsAsGood(was, p) {
				lacks = append(lacks, c.notRead(p.Missing)...)
				if healthUnread(was, p) {
					_, m := c.analysis.Index.TargetHealth(p.Facts.TargetGroup)
					lacks = append(lacks, *m)
				}
			}
		}
	}
	if len(lacks) == 0 {
		c.differs = append(c.differs, pathWords(was)+" "+nowWords(was, now))
		c.noteUnsettled(was, now)
		return
	}
	c.unread = append(c.unread, pathWords(was))
	for i := range lacks {
		c.facts = append(c.facts, unreadWords(&lacks[i]))
	}
}

// perhapsAsGood tells whether all that is worse on a path than before is unknown.
func perhapsAsGood(was *fix.Expectation, p *reach.Path) bool {
	return healthNow(was, p) == "" && p.Access != reach.Blocked &&
		(p.Via == was.Via || p.Via == reach.ViaUnknown || was.Via == reach.ViaUnknown) &&
		(p.Verdict == reach.Unknown || !isWorse(was, p.Verdict))
}

// notRead are facts that AWS did not give. One that it answered not to have is not there,
// unless the answer was filtered.
func (c *comparison) notRead(missing []model.Missing) []model.Missing {
	return slices.DeleteFunc(slices.Clone(missing), func(m model.Missing) bool {
		g := c.analysis.Index.Gap(m.Action, m.Resource)
		return m.State == model.Absent && (g == nil || g.Error != collect.Filtered)
	})
}

// serviceUnread is about a service that is there, and not in the snapshot.
func (c *comparison) serviceUnread(ctx context.Context, r *rollback) error {
	switch _, err := r.readSurely(ctx); {
	case errors.Is(err, errGone):
		return nil // that is said of the service
	case err != nil:
		return err
	}
	c.unread = []string{"all paths of " + r.entry.Plan.Service.String()}
	for i := range c.hidden {
		c.facts = append(c.facts, unreadWords(&c.hidden[i]))
	}
	if len(c.facts) == 0 {
		c.facts = []string{string(model.ListServices) + " leaves the service out"}
	}
	return c.unreadError()
}

// unreadError says what was not read, and for which paths; nil where nothing is unknown.
func (c *comparison) unreadError() error {
	if len(c.unread) == 0 {
		return nil
	}
	for _, list := range []*[]string{&c.unread, &c.facts} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return unreadError{cannot(nil, strings.Join(shortened(c.facts, "facts are missing"), ", ")+" ("+
		strings.Join(shortened(c.unread, "paths"), ", ")+")", "look again when that can be read")}
}

// hidden are the facts of a snapshot that were not read and may hide a path: those that
// could not be read before either hid none of the paths of before.
func (r *rollback) hidden(s *model.Snapshot) []model.Missing {
	var out []model.Missing
	for i := range s.Gaps {
		g := &s.Gaps[i]
		was := slices.ContainsFunc(r.entry.Before.Gaps, func(o model.Gap) bool {
			return o.Action == g.Action && (o.Resource == g.Resource || o.Resource == "")
		})
		if !was && (g.State != model.Absent || g.Error == collect.Filtered) {
			out = append(out, model.Missing{Action: g.Action, Resource: g.Resource, State: g.State})
		}
	}
	return out
}

// unreadWords say why a fact is not there.
func unreadWords(m *model.Missing) string {
	switch m.State {
	case model.Denied:
		return string(m.Action) + " is denied"
	case model.Unsupported:
		return "the endpoint does not support " + string(m.Action)
	case model.Absent:
		return string(m.Action) + " gave less than there is"
	case model.Failed, model.Loading, model.NotRead, model.Ambiguous:
	}
	return string(m.Action) + " failed"
}

// worse is what is worse on a path than it was, and as it is now. A change that serves
// requests better is no damage.
func worse(was *fix.Expectation, p *reach.Path) []string {
	var out []string
	if was.Access != "" && p.Access != was.Access {
		out = append(out, fmt.Sprintf("%s (was %s)", p.Access, was.Access))
	}
	if isWorse(was, p.Verdict) {
		out = append(out, fmt.Sprintf("%s (was %s)", p.Verdict, was.Verdict))
	}
	if p.Via != was.Via && was.Via != reach.ViaUnknown {
		out = append(out, fmt.Sprintf("%s (was %s)", p.Via, was.Via))
	}
	if h := healthNow(was, p); h != "" {
		out = append(out, h)
	}
	return out
}

func isWorse(was *fix.Expectation, now reach.Verdict) bool {
	return was.Verdict != "" && now.Rank() > was.Verdict.Rank()
}

// nowWords say what a path is that was as expected.
func nowWords(was *fix.Expectation, now []*reach.Path) string {
	if len(now) == 0 {
		return "is gone"
	}
	return "is now " + strings.Join(worse(was, now[0]), ", ")
}

// mostNamed bounds how many paths a message names.
const mostNamed = 5

func shortened(all []string, more string) []string {
	if len(all) <= mostNamed {
		return all
	}
	return append(slices.Clip(all[:mostNamed]), fmt.Sprintf("and %d more %s", len(all)-mostNamed, more))
}

func pathWords(e *fix.Expectation) string {
	return fmt.Sprintf("the path of %s to port %d", aws.Printable(e.From), e.ContainerPort)
}
