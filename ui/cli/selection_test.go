package cli

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/report"
	"hopscope/model/rule"
)

func ref(s string) model.Ref {
	cluster, service, _ := strings.Cut(s, "/")
	return model.Ref{Cluster: cluster, Service: service}
}

// aReading has two services: of api one finding with two plans, and another with a
// plan of its own that the second plan of the first would do for as well.
func aReading() *reading {
	finding := func(code, path, service string) report.Finding {
		return report.Finding{Code: code, Key: path, Cluster: ref(service).Cluster, Service: ref(service).Service}
	}
	plan := func(id string, kind fix.Kind, service string, codes, paths []string) fix.Plan {
		p := fix.Plan{
			ID: id, Kind: kind, Title: id, Service: ref(service), Codes: codes, Findings: paths,
			Steps: []fix.Step{{Kind: fix.UpdateService}},
		}
		switch kind {
		case fix.MakeClientOnly:
			p.Removes = []string{"an endpoint"}
		case fix.CloseSideDoor:
			p.Removes = []string{"a rule"}
		default:
		}
		return p
	}
	return &reading{
		analysis: &rule.Analysis{Snapshot: &model.Snapshot{Services: []model.Service{
			{Cluster: "prod", Name: "api"}, {Cluster: "prod", Name: "web"}, {Cluster: "test", Name: "api"},
		}}},
		report: &report.Report{Findings: []report.Finding{
			finding("HOP101", "p1", "prod/api"), finding("HOP105", "p2", "prod/api"),
			finding("NET201", "p3", "prod/web"), finding("RSK402", "p5", "prod/web"),
			finding("CFG311", "p4", "prod/web"),
		}},
		plans: []fix.Plan{
			plan("redeploy", fix.Redeploy, "prod/caller", []string{"CFG311"}, []string{"p4"}),
			plan("override:80", fix.SetOverride, "prod/api", []string{"HOP101"}, []string{"p1"}),
			plan("client-only:80", fix.MakeClientOnly, "prod/api", []string{"HOP101"}, []string{"p1"}),
			plan("client-only:81", fix.MakeClientOnly, "prod/api", []string{"HOP105"}, []string{"p2"}),
			plan("open:81", fix.OpenPort, "prod/web", []string{"NET201"}, []string{"p3"}),
			plan("close:81", fix.CloseSideDoor, "prod/web", []string{"RSK402"}, []string{"p5"}),
		},
	}
}

// Of several plans among which the user has to choose none is carried out unless it is
// named; what would do instead of all of them is no choice of its own.
func TestOfSeveralChoicesNoneIsPreselected(t *testing.T) {
	t.Parallel()
	read := aReading()
	for i := range read.plans {
		if p := &read.plans[i]; p.ID == "open:81" {
			other, instead := *p, *p
			p.Among, other.Among, other.ID = "the caller", "the caller", "open:82"
			instead.ID, instead.Kind, instead.Removes = "client-only:82", fix.MakeClientOnly, []string{"an endpoint"}
			read.plans = append(read.plans[:i+1], append([]fix.Plan{other, instead}, read.plans[i+1:]...)...)
			break
		}
	}
	for name, tt := range map[string]struct {
		plans       []string
		want, leave string
	}{
		"none is named": {nil, "", "open:81 open:82 close:81"},
		"one is named":  {[]string{"open:82"}, "open:82", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := selection{services: []string{"web"}, plans: tt.plans}
			repairs, err := f.repairsFor(read)
			if err != nil {
				t.Fatal(err)
			}
			web := repairs[len(repairs)-1]
			ids := func(plans []fix.Plan) string {
				var out []string
				for i := range plans {
					out = append(out, plans[i].ID)
				}
				return strings.Join(out, " ")
			}
			if got, left := ids(web.plans), ids(web.byName); got != tt.want || left != tt.leave {
				t.Errorf("carried out are %q, and left to be named %q", got, left)
			}
		})
	}
}

func TestOfEachFindingTheBetterPlanIsChosen(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		selection
		want []string
	}{
		"everything": {selection{}, []string{
			"redeploy |", "override:80 (client-only:81) | client-only:80",
			"open:81 (close:81) |",
		}},
		"a service": {selection{services: []string{"web"}}, []string{"redeploy |", "open:81 (close:81) |"}},
		"tidied up": {
			selection{services: []string{"web"}, tidy: true},
			[]string{"redeploy |", "open:81 close:81 |"},
		},
		"of a cluster": {
			selection{services: []string{"prod/api"}},
			[]string{"override:80 (client-only:81) | client-only:80"},
		},
		"a glob":       {selection{services: []string{"*/w?b"}}, []string{"redeploy |", "open:81 (close:81) |"}},
		"no finding":   {selection{services: []string{"test/*"}}, nil},
		"a code":       {selection{codes: []string{"hop105"}}, []string{"(client-only:81) |"}},
		"another code": {selection{codes: []string{"CFG301"}}, nil},
		"a plan": {
			selection{plans: []string{"client-only:80"}},
			[]string{"client-only:80 | override:80 client-only:81"},
		},
		"two plans": {
			selection{plans: []string{"client-only:81", "client-only:80"}},
			[]string{"client-only:80 client-only:81 | override:80"},
		},
		"a kind of plans": {
			selection{plans: []string{"make-client-only"}},
			[]string{"client-only:80 client-only:81 | override:80"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			repairs, err := tt.repairsFor(aReading())
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range repairs {
				var chosen, rest []string
				for _, p := range r.plans {
					chosen = append(chosen, p.ID)
				}
				for _, p := range r.byName {
					chosen = append(chosen, "("+p.ID+")")
				}
				for _, p := range r.alternatives {
					rest = append(rest, p.ID)
				}
				got = append(got, strings.TrimRight(strings.Join(chosen, " ")+" | "+strings.Join(rest, " "), " "))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("chosen | alternatives (-want +got):\n%s", diff)
			}
		})
	}
}

func TestASlipOfTheHandIsNotNothingToFix(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]selection{
		`there is no service "wbe"; did you mean prod/web? Else there is prod/api and test/api`: {
			services: []string{"web", "wbe"},
		},
		`there is no plan "override:81"; there is override:80, client-only:80, client-only:81`: {
			plans: []string{"override:81"}, services: []string{"api"},
		},
		`there is no plan "override:80", nor any other; leave --plan out to see that nothing is to be fixed`: {
			plans: []string{"override:80"}, services: []string{"test/api"},
		},
		`--service "[" is not a pattern; use a name, or * and ? in one`: {
			services: []string{"["},
		},
		`there is no rule "HOP999"; did you mean HOP101, HOP102 or HOP103? hopscope rules lists all`: {
			codes: []string{"HOP999"},
		},
		`there is no plan "x"; there is redeploy, override:80, client-only:80, client-only:81, open:81 ` +
			`and 1 more, which hopscope fix shows`: {
			plans: []string{"x"},
		},
		`there is no service "prod"; there is prod/api, prod/web and test/api`: {
			services: []string{"prod"},
		},
		`INF505 is retired: AWS no longer lists Service Connect on Managed Instances as unsupported: its paths are judged ` +
			`as in awsvpc elsewhere; hopscope rules lists those that are left`: {
			codes: []string{"inf505"},
		},
		`there is no rule ""; did you mean HOP101, HOP102 or HOP103? hopscope rules lists all`: {
			codes: []string{""},
		},
		`there is no plan ""; there is redeploy, override:80, client-only:80, client-only:81, open:81 ` +
			`and 1 more, which hopscope fix shows`: {
			plans: []string{""},
		},
		`there is no service ""; there is prod/api, prod/web and test/api`: {
			services: []string{""},
		},
	} {
		err := s.check()
		if err == nil {
			_, err = s.repairsFor(aReading())
		}
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// What lets callers in is done first, where it needs no deployment: the plans that replace
// tasks wait for the next run, unless all are named, or the text is one of a template.
func TestWhatIsRefusedIsLetInBeforeTasksAreReplaced(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		selection   selection
		severity    rule.Severity
		plans, next string
	}{
		"by default":    {selection{}, rule.Error, "open:80", "override:80"},
		"named":         {selection{plans: []string{"open:80", "override:80"}}, rule.Error, "override:80 open:80", ""},
		"in a template": {selection{together: true}, rule.Error, "override:80 open:80", ""},
		"no error":      {selection{}, rule.Warning, "override:80 open:80", ""},
	} {
		read := aReading()
		read.report.Findings[1] = report.Finding{
			Code: "NET201", Key: "p2", Cluster: "prod", Service: "api", Severity: tt.severity,
		}
		read.plans[3] = fix.Plan{
			ID: "open:80", Kind: fix.OpenPort, Title: "open", Service: ref("prod/api"), Codes: []string{"NET201"},
			Findings: []string{"p2"}, Steps: []fix.Step{{Kind: fix.AuthorizeIngress}},
		}
		tt.selection.services = []string{"prod/api"}
		repairs, err := tt.selection.repairsFor(read)
		if err != nil {
			t.Fatal(err)
		}
		if got := idsOf(repairs[0].plans) + ", then " + idsOf(repairs[0].next); got != tt.plans+", then "+tt.next {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// What may be left as it is is neither carried out nor counted, until it is named.
func TestWhatMayBeLeftAsItIsIsALine(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		named        []string
		plans, lines string
	}{
		"by default": {nil, "", "open:81"},
		"named":      {[]string{"open:81"}, "open:81", ""},
	} {
		read := aReading()
		for i := range read.plans {
			if p := &read.plans[i]; p.ID == "open:81" {
				p.Unless = "web is to be called"
			}
		}
		f := selection{services: []string{"web"}, codes: []string{"NET201"}, plans: tt.named}
		repairs, err := f.repairsFor(read)
		if err != nil || len(repairs) != 1 {
			t.Fatalf("%s: %+v, %v", name, repairs, err)
		}
		if got, lines := idsOf(repairs[0].plans), idsOf(repairs[0].unless); got != tt.plans || lines != tt.lines {
			t.Errorf("%s: plans %q, lines %q", name, got, lines)
		}
	}
}

func idsOf(plans []fix.Plan) string {
	ids := make([]string, len(plans))
	for i := range plans {
		ids[i] = plans[i].ID
	}
	return strings.Join(ids, " ")
}
