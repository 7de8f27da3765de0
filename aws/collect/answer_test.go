package collect_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"hopscope/aws"
	"hopscope/aws/awstest"
	"hopscope/aws/collect"
	"hopscope/aws/simulator"
	"hopscope/internal/thorough"
	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// spoilt are what comes in place of an answer, made of the answer that would have come.
var spoilt = map[string]func(t *testing.T, r *http.Request, action model.Action, reply *http.Response){
	"html 200": func(_ *testing.T, _ *http.Request, _ model.Action, reply *http.Response) {
		setBody(reply, "text/html", "<!DOCTYPE html><html><body>Log in</body></html>")
	},
	"html 200 as AWS labels it": func(_ *testing.T, _ *http.Request, _ model.Action, reply *http.Response) {
		setBody(reply, "", "<html><body>Log in</body></html>")
	},
	"empty 200": func(_ *testing.T, _ *http.Request, _ model.Action, reply *http.Response) { setBody(reply, "", "") },
	"no content": func(t *testing.T, _ *http.Request, _ model.Action, reply *http.Response) {
		t.Helper()
		setBody(reply, "", withoutContent(awstest.Body(t, reply.Body)))
	},
	"garbage": func(_ *testing.T, _ *http.Request, _ model.Action, reply *http.Response) {
		setBody(reply, "", "\x00\x9c\xff\xfegarbage{<")
	},
	"wrong type": func(t *testing.T, _ *http.Request, _ model.Action, reply *http.Response) {
		t.Helper()
		setBody(reply, "", retyped(t, awstest.Body(t, reply.Body)))
	},
	"redirect": func(_ *testing.T, _ *http.Request, _ model.Action, reply *http.Response) {
		setBody(reply, "text/html", "<html>Moved</html>")
		reply.StatusCode, reply.Status = http.StatusFound, "302 Found"
		reply.Header.Set("Location", "http://login.example.test/")
	},
	"redirect with the method": func(_ *testing.T, _ *http.Request, _ model.Action, reply *http.Response) {
		reply.StatusCode, reply.Status = http.StatusTemporaryRedirect, "307 Temporary Redirect"
		reply.Header.Set("Location", "http://login.example.test/")
	},
	"cut": func(t *testing.T, _ *http.Request, _ model.Action, reply *http.Response) {
		t.Helper()
		whole := awstest.Body(t, reply.Body)
		half := bytes.NewReader(whole[:len(whole)/2])
		reply.Body = io.NopCloser(io.MultiReader(half, failing{io.ErrUnexpectedEOF}))
	},
	"cut without a length": func(t *testing.T, _ *http.Request, _ model.Action, reply *http.Response) {
		t.Helper()
		whole := awstest.Body(t, reply.Body)
		setBody(reply, "", string(whole[:len(whole)/2]))
	},
	"stalled": func(t *testing.T, r *http.Request, _ model.Action, reply *http.Response) {
		t.Helper()
		whole := awstest.Body(t, reply.Body)
		reply.Body = io.NopCloser(io.MultiReader(bytes.NewReader(whole[:len(whole)/2]), silent{r.Context().Done()}))
	},
	"empty list": func(_ *testing.T, _ *http.Request, action model.Action, reply *http.Response) {
		if aws.OperationOf(action).NeverEmpty {
			_, name, _ := strings.Cut(string(action), ":")
			list := "Attributes"
			if action == model.DescribeRules {
				list = "Rules"
			}
			setBody(reply, "", fmt.Sprintf("<%[1]sResponse><%[1]sResult><%[2]s/></%[1]sResult></%[1]sResponse>", name, list))
		}
	},
}

func setBody(reply *http.Response, kind, body string) {
	reply.Body, reply.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	if kind != "" {
		reply.Header.Set("Content-Type", kind)
	}
}

// withoutContent is the outermost shell of an answer.
func withoutContent(body []byte) string {
	if len(body) == 0 || body[0] != '<' {
		if bytes.HasPrefix(body, []byte("{")) {
			return "{}"
		}
		return "\xa0" // CBOR's empty map
	}
	for d := xml.NewDecoder(bytes.NewReader(body)); ; {
		token, err := d.RawToken()
		if err != nil {
			return ""
		}
		if start, ok := token.(xml.StartElement); ok {
			return "<" + start.Name.Local + "><requestId>1</requestId></" + start.Name.Local + ">"
		}
	}
}

// retyped is an answer whose members are numbers: in XML text stands for its content.
func retyped(t *testing.T, body []byte) string {
	t.Helper()
	if shell := withoutContent(body); shell != "{}" {
		if shell == "\xa0" {
			return "\xa1\x67Metrics\x07"
		}
		name := shell[1:strings.IndexByte(shell, '>')]
		return "<" + name + ">7</" + name + ">"
	}
	var members map[string]any
	if err := json.Unmarshal(body, &members); err != nil {
		t.Fatal(err)
	}
	for name := range members {
		members[name] = 7
	}
	out, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// failing is a reader that gives nothing but an error, silent one that gives nothing
// at all until it is done.
type (
	failing struct{ err error }
	silent  struct{ done <-chan struct{} }
)

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func (s silent) Read([]byte) (int, error) {
	<-s.done
	return 0, http.ErrBodyReadAfterClose
}

// actionOf is the action of a request, whatever its protocol.
func actionOf(t *testing.T, r *http.Request) model.Action {
	t.Helper()
	service, _, _ := strings.Cut(r.URL.Host, ".")
	service = strings.Replace(service, "monitoring", "cloudwatch", 1)
	if name := awstest.Operation(r); name != "" {
		return model.Action(service + ":" + name)
	}
	if _, name, ok := strings.Cut(r.URL.Path, "/operation/"); ok {
		return model.Action(service + ":" + name)
	}
	body := awstest.Body(t, r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	form, err := url.ParseQuery(string(body))
	if err != nil {
		t.Error(err)
	}
	return model.Action(service + ":" + form.Get("Action"))
}

// spoiling puts what comes in place of an answer in the place of each answer to one
// action.
func spoiling(
	t *testing.T, world *simulator.World, action model.Action,
	spoil func(*testing.T, *http.Request, model.Action, *http.Response),
) awstest.Transport {
	t.Helper()
	sim := simulator.New(world, simulator.Options{})
	return func(r *http.Request) (*http.Response, error) {
		hit := actionOf(t, r) == action
		reply, err := sim.RoundTrip(r)
		if hit && err == nil {
			spoil(t, r, action, reply)
		}
		return reply, err
	}
}

// answerWorld is a world under its name.
type answerWorld struct {
	name  string
	world *simulator.World
}

// answerWorlds are worlds that together take every action of a reading.
func answerWorlds(t *testing.T) []answerWorld {
	t.Helper()
	mixed := hosts()
	mixed.TargetGroups[2].Targets = []simulator.Target{{Address: "10.0.0.200", Port: 9000}}
	routed := gateways(2)
	routed.Clusters = append(routed.Clusters, simulator.Cluster{Name: "other"})
	return []answerWorld{
		{"article", withPrefixList(t)},
		{"hosts", mixed},
		{"network load balancers", transportFleet(3)},
		{"gateways", routed},
		{"shop", awstest.Load(t, "shop")},
	}
}

// verdicts are those of each request that the paths of an account stand for.
func verdicts(s *model.Snapshot) map[string]reach.Verdict {
	all := make(map[string]reach.Verdict)
	paths := rule.Analyze(s).Paths
	for _, p := range paths {
		callers := []model.Ref{{}}
		if p.Source.Services != nil {
			callers = slices.Collect(p.Source.Services.All())
		}
		for _, place := range p.Places() {
			for _, caller := range callers {
				key := fmt.Sprint(place, caller)
				if was, ok := all[key]; !ok || was.Rank() < p.Verdict.Rank() {
					all[key] = p.Verdict
				}
			}
		}
	}
	return all
}

// What AWS did not answer is a gap and no fact: for every action that is read, no verdict
// is finer than it is for one who may not ask.
func TestWhatAWSDidNotAnswerIsNoFact(t *testing.T) {
	tried := make(map[model.Action]bool)
	for _, w := range answerWorlds(t) {
		name, world := w.name, w.world
		options := collect.Options{Everything: true}
		if name != "article" && name != "shop" {
			options.Clusters = []string{"fleet"}
		}
		whole := read(t, openBehind(t, simulator.New(world, simulator.Options{}), options))
		if !whole.Complete {
			t.Fatalf("%s: gaps %v", name, whole.Gaps)
		}
		before := verdicts(whole)
		for action := range whole.Stats.Calls {
			if tried[action] && !thorough.On() {
				continue
			}
			tried[action] = true
			refused := without(t, world, options, action)
			for kind, spoil := range spoilt {
				if kind == "empty list" && !aws.OperationOf(action).NeverEmpty {
					continue
				}
				t.Run(fmt.Sprintf("%s/%s/%s", name, kind, action), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						s, err := openBehind(t, spoiling(t, world, action, spoil), options).Collect(t.Context(), nil)
						if needed(action) {
							awstest.CheckCannotCheck(t, err)
							return
						}
						if err != nil {
							t.Fatal(err)
						}
						checkIsNoFact(t, s, action, before, refused)
					})
				})
			}
		}
	}
	for action := range aws.Reads() {
		if !tried[action] && action != model.GetMetricData { // which has a test of its own
			t.Errorf("no world sends %s", action)
		}
	}
}

// without are the verdicts for one who may not send an action.
func without(
	t *testing.T, world *simulator.World, o collect.Options, action model.Action,
) map[string]reach.Verdict {
	t.Helper()
	sim := simulator.New(world, simulator.Options{})
	sim.SetFaults(simulator.Faults{Fail: []simulator.Failure{{Action: string(action), With: simulator.AccessDenied}}})
	s, err := openBehind(t, sim, o).Collect(t.Context(), nil)
	if err != nil {
		return nil // there is nothing to judge without it
	}
	return verdicts(s)
}

func checkIsNoFact(
	t *testing.T, s *model.Snapshot, action model.Action, before, refused map[string]reach.Verdict,
) {
	t.Helper()
	if s.Complete || !slices.ContainsFunc(s.Gaps, func(g model.Gap) bool {
		return g.Action == action && g.State == model.Failed && g.Message != ""
	}) {
		t.Errorf("complete %t, gaps %v", s.Complete, s.Gaps)
	}
	for key, now := range verdicts(s) {
		if want, ok := refused[key]; now != reach.Unknown && (!ok || now != want) && now != before[key] {
			t.Errorf("%s is %s; it was %s, and is %s without the action", key, now, before[key], want)
		}
	}
}
