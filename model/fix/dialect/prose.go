package dialect

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"hopscope/internal/text"
	"hopscope/model/fix"
	"hopscope/model/reach"
)

// Section is a part of a plan in prose, under a heading.
type Section struct {
	Title string `json:"title"`
	Items []Item `json:"items"`
}

// Item is a paragraph of a section. Its texts are one line each, for the view that shows
// them to wrap, and hold nothing that acts on a terminal.
type Item struct {
	// Mark is "1." for a step, "·" for a point, "" for plain text.
	Mark  string `json:"mark,omitempty"`
	Title string `json:"title,omitempty"`
	Text  string `json:"text,omitempty"`
	// Command is for a shell, on one line.
	Command string `json:"command,omitempty"`
	// Lines are not to be wrapped: a diff.
	Lines []string `json:"lines,omitempty"`
}

func (t *draft) sections() ([]Section, error) {
	p := t.plan
	now, later := t.stepItems()
	later = append(noteItems(p.ChecksLater(), false), later...)
	changes, changesLater, err := t.diffItems()
	if err != nil {
		return nil, err
	}
	all := []Section{
		{"What and why", t.facts()},
		{"hopscope does not carry this out", refusalItems(p.Refusal)},
		{"Check first", noteItems(p.ChecksFirst(), true)},
		{"Steps", now},
		{"Later, when the rollout is over and the plan verified", later},
		{"Risks", noteItems(p.Risks, false)},
		{"Changes", changes},
		{"Changes left for later", changesLater},
		{"It worked when", wantedItems(p)},
		{"Undo", textItems(p.Undo)},
	}
	all = slices.DeleteFunc(all, func(s Section) bool { return len(s.Items) == 0 })
	for i := range all {
		for j := range all[i].Items {
			clean(&all[i].Items[j])
		}
	}
	return all, nil
}

// clean makes an item one that acts on nothing.
func clean(i *Item) {
	i.Title, i.Text, i.Command = text.Clean(i.Title), text.Clean(i.Text), text.Clean(i.Command)
}

// facts say what the plan is about.
func (t *draft) facts() []Item {
	p := t.plan
	items := []Item{{Text: t.where("Service") + "."}}
	if len(p.Codes) > 0 {
		verb := "Repairs "
		if p.Kind == fix.Advice { // it may be that nothing has to be done, or that something else repairs it
			verb = "About "
		}
		items = append(items, Item{Text: verb + strings.Join(p.Codes, ", ") + "."})
	}
	if p.Why != "" {
		items = append(items, Item{Text: p.Why})
	}
	if len(p.Removes) > 0 {
		items = append(items, Item{Text: "It takes away " + strings.Join(p.Removes, ", ") +
			": it is carried out by name alone."})
	}
	if p.Among != "" {
		items = append(items, Item{Text: "It is one choice of " + p.Among + ": it is carried out by name alone."})
	}
	return append(items, Item{Text: p.Owner.Text()})
}

// where says what the plan changes, and where that is.
func (t *draft) where(what string) string {
	p := t.plan
	where := fmt.Sprintf("%s %s of cluster %s", what, p.Service.Service, p.Service.Cluster)
	if p.Account != "" {
		where += ", account " + p.Account
	}
	if t.region != "" {
		where += ", " + t.region
	}
	return where
}

func refusalItems(r *fix.Refusal) []Item {
	if r == nil {
		return nil
	}
	return []Item{{Text: sentence(r.Reason)}, {Text: "Instead: " + sentence(r.Instead)}}
}

// sentence ends a text with a full stop.
func sentence(s string) string {
	if s == "" || strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
}

func textItems(text string) []Item {
	if text == "" {
		return nil
	}
	return []Item{{Text: text}}
}

func noteItems(notes []fix.Note, numbered bool) []Item {
	var out []Item
	for i, n := range notes {
		mark := "·"
		if numbered {
			mark = fmt.Sprintf("%d.", i+1)
		}
		out = append(out, Item{Mark: mark, Title: n.Title, Text: n.Detail, Command: n.Command})
	}
	return out
}

// stepItems are the steps, and those for later; the numbers go on.
func (t *draft) stepItems() (now, later []Item) {
	for i := range t.plan.Steps {
		s := &t.plan.Steps[i]
		item := Item{Mark: fmt.Sprintf("%d.", i+1), Title: s.Title, Command: s.Command}
		if s.Kind == fix.ByHand {
			item.Text = "By hand."
		}
		if s.Later {
			later = append(later, item)
		} else {
			now = append(now, item)
		}
	}
	return now, later
}

func (t *draft) diffItems() (now, later []Item, err error) {
	all, err := t.diffs()
	for _, d := range all {
		item := Item{Title: d.Title, Text: d.Note, Lines: strings.Split(strings.TrimRight(d.Unified, "\n"), "\n")}
		if d.Unified == "" {
			item.Lines = []string{"nothing changes"}
		}
		if d.Later {
			later = append(later, item)
		} else {
			now = append(now, item)
		}
	}
	return now, later, err
}

// wantedItems say what the paths must be, callers with one outcome together.
func wantedItems(p *fix.Plan) []Item {
	if len(p.Wanted) == 0 && p.Appliable() {
		return textItems("No path is left to tell by: it is done when every step is.")
	}
	var order []fix.Expectation
	froms := map[fix.Expectation][]string{}
	for _, w := range fix.Shown(p.Wanted) {
		key := w
		key.From, key.Others = "", 0
		if froms[key] == nil {
			order = append(order, key)
		}
		from := w.From
		if w.Others > 0 {
			from += fmt.Sprintf(" and %d more like it", w.Others)
		}
		froms[key] = append(froms[key], from)
	}
	var out []Item
	for _, key := range order {
		from := sourceText(key.Source, fewOf(froms[key]))
		out = append(out, Item{Mark: "·", Text: outcomeText(p, from, &key)})
	}
	return out
}

// manyCallers is how many callers are named in one line.
const manyCallers = 12

// fewOf lists names, and counts what is too many.
func fewOf(names []string) string {
	if len(names) <= manyCallers {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:manyCallers-1], ", "), len(names)-manyCallers+1)
}

// sourceText is who makes the requests.
func sourceText(kind reach.SourceKind, from string) string {
	if kind == reach.SourceServiceConnect {
		return "By Service Connect: " + cmp.Or(from, "callers")
	}
	if kind == reach.SourceServiceDiscovery {
		return "By service discovery: " + cmp.Or(from, "callers")
	}
	kindText := strings.ReplaceAll(string(kind), "-", " ")
	return strings.TrimSpace(strings.ToUpper(kindText[:1]) + kindText[1:] + " " + from)
}

// outcomeText is what becomes of the requests of a source. The end is called as
// everywhere, by the service and its port.
func outcomeText(p *fix.Plan, who string, e *fix.Expectation) string {
	to := fmt.Sprintf("%s:%d", p.Service.Service, e.ContainerPort)
	way := map[reach.Via]string{reach.ViaAgent: "through the agent", reach.ViaDirect: "direct"}[e.Via]
	if way == "" {
		way = "in a way that is not known"
	}
	access := "admitted"
	switch e.Access {
	case reach.Allowed:
	case reach.Blocked:
		access = "refused, as now"
	default:
		access = "admitted or not, which is not known"
	}
	said := fmt.Sprintf("%s → %s: %s, %s%s", who, to, way, access, verdictWords[e.Verdict])
	if targets := e.Targets(); targets != "" {
		said += "; " + targets
	}
	return said + "."
}

// verdictWords are what a verdict adds to way and access.
var verdictWords = map[reach.Verdict]string{
	reach.UnnecessaryHop: ", still by an unnecessary hop", reach.Risk: ", with a risk that stays",
	reach.Broken: ", and broken", reach.Unknown: ", and more that is not known",
}
