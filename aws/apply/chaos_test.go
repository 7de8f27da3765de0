package apply_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"hopscope/aws/apply"
	"hopscope/aws/awstest"
	"hopscope/internal/thorough"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/planner"
	"hopscope/model/journal"
	"hopscope/model/rule"
)

// chaosRuns is how many storms are a sample, manyStorms how many a thorough test takes.
// HOPSCOPE_CHAOS_RUNS takes another number, HOPSCOPE_CHAOS_SEED one storm again, or the
// first of that many.
const (
	chaosRuns  = 150
	manyStorms = 1000
)

// Under lost, lying, stalled, doubled and late answers, kills, and changes of others
// between any two calls, a rollback restores what was there, or names what differs. It
// never says that everything is as it was when it is not.
func TestARollbackTellsTheTruthInAnyStorm(t *testing.T) {
	first, runs := 0, chaosRuns
	if thorough.On() {
		runs = manyStorms
	}
	if seed, err := strconv.Atoi(os.Getenv("HOPSCOPE_CHAOS_SEED")); err == nil {
		first, runs = seed, 1
	}
	if n, err := strconv.Atoi(os.Getenv("HOPSCOPE_CHAOS_RUNS")); err == nil {
		runs = n
	}
	ends := map[string]int{}
	for seed := first; seed < first+runs && !t.Failed(); seed++ {
		synctest.Test(t, func(t *testing.T) { ends[weather(t, seed)]++ })
		if t.Failed() {
			t.Logf("it was storm %d", seed)
		}
	}
	t.Logf("%v", ends)
}

// storm stands between an applier and the account: it damages answers, changes the
// account as others would, and ends the program.
type storm struct {
	*workshop
	random *rand.Rand
	turn   chan struct{} // of requests that are under way at once: a bubble's clock goes on while they wait
	calm   bool
	dead   bool
	// fates are how likely an answer is damaged, others change something, or the program
	// ends, in thousandths.
	damage, others, kill int
	// seen are the answers that reads got, and when.
	seen map[string]seenAnswer
	// past are the states of the account since the last call of ours that was carried
	// out, the present one last.
	past []state
	// early are the states before the first such call.
	early []state
	// blurred tells that a read got an old answer since then: a path may look as it was.
	blurred bool
	// sent counts the calls that were to change something.
	sent int
	log  []string
}

type seenAnswer struct {
	at   time.Time
	body []byte
}

// stormy draws the weather of a seed.
func stormy(t *testing.T, seed int) *storm {
	t.Helper()
	//nolint:gosec // a seed repeats a storm
	random := rand.New(rand.NewPCG(uint64(seed), 12))
	draw := func(most int) int { return min(random.IntN(3), 1) * random.IntN(most) } // a third has none of it
	s := &storm{
		random: random, damage: draw(150), others: draw(60), kill: draw(40), seen: map[string]seenAnswer{},
		turn: make(chan struct{}, 1), workshop: newWorkshop(t, awstest.Load(t, "article"), nil),
	}
	return s
}

// applier is a program that starts.
func (s *storm) program(kept memory) *apply.Applier {
	s.dead = false
	return apply.New(openBehind(s.T, s, awsOptions()), mortalMemory{kept, s}, apply.Options{})
}

// mortalMemory is written until the program ends.
type mortalMemory struct {
	memory
	storm *storm
}

func (m mortalMemory) Create(e *journal.Entry) error { return m.write(e, m.memory.Create) }
func (m mortalMemory) Save(e *journal.Entry) error   { return m.write(e, m.memory.Save) }

func (m mortalMemory) write(e *journal.Entry, write func(*journal.Entry) error) error {
	if m.storm.ends() {
		return errDead
	}
	if err := write(e); err != nil {
		return err
	}
	if m.storm.ends() {
		return errDead
	}
	return nil
}

// hits draws whether something happens.
func (s *storm) hits(thousandths int) bool { return !s.calm && s.random.IntN(1000) < thousandths }

// ends draws whether the program ends here.
func (s *storm) ends() bool {
	s.dead = s.dead || s.hits(s.kill)
	return s.dead
}

func (s *storm) RoundTrip(r *http.Request) (*http.Response, error) {
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	c := callOf(r)
	request, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	if s.hits(s.others) {
		s.foreign()
	}
	writes := !c.dryRun && (strings.HasPrefix(c.action, "Authorize") || strings.HasPrefix(c.action, "Revoke") ||
		c.action == "UpdateService")
	if s.kill > 0 && writes && s.ends() || s.dead {
		return nil, errDead
	}
	kind := ""
	if s.hits(s.damage) || writes && s.hits(2*s.damage) {
		kind = damages[s.random.IntN(len(damages))]
		s.note("%s of %s", kind, c.action)
		s.blurred = s.blurred || !writes && kind == "late"
	}
	if writes {
		s.sent++
	}
	reply, err := s.answer(r, request, c.action, kind)
	if writes {
		s.ours(c.action)
		if s.kill > 0 && s.ends() {
			return nil, errDead
		}
	}
	return reply, err
}

func (s *storm) note(format string, values ...any) {
	s.log = append(s.log, fmt.Sprintf(format, values...))
}

// damages are what may happen to a call and its answer.
var damages = []string{"cut", "lost", "page", "nothing", "late", "doubled", "stall", "half", "error", "lie"}

// forward carries a request out.
func (s *storm) forward(r *http.Request, request []byte) (*http.Response, []byte, error) {
	again := r.Clone(r.Context())
	again.Body = io.NopCloser(bytes.NewReader(request))
	reply, err := s.sim.RoundTrip(again)
	if err != nil {
		return nil, nil, err
	}
	body, err := io.ReadAll(reply.Body)
	return reply, body, err
}

func (s *storm) answer(r *http.Request, request []byte, action, kind string) (*http.Response, error) {
	key := action + string(request)
	switch kind {
	case "cut":
		return nil, syscall.ECONNRESET
	case "page":
		if s.random.IntN(2) == 0 {
			return replied(r, "<html>Log in</html>"), nil
		}
	case "nothing":
		if s.random.IntN(2) == 0 {
			return replied(r, ""), nil
		}
	case "late":
		if old, ok := s.seen[key]; ok && time.Since(old.at) < 20*time.Second && !strings.HasPrefix(action, "Update") {
			return replied(r, string(old.body)), nil
		}
	case "lie":
		if text := lies(action, s.random.IntN(1<<30)); text != "" {
			return replied(r, text), nil
		}
	case "doubled":
		if _, _, err := s.forward(r, request); err != nil {
			return nil, err
		}
	}
	reply, body, err := s.forward(r, request)
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(action, "Describe") {
		s.seen[key] = seenAnswer{time.Now(), body}
	}
	switch kind {
	case "lost":
		return nil, syscall.ECONNRESET
	case "page":
		return replied(r, "<html>Bad gateway</html>"), nil
	case "nothing":
		return replied(r, ""), nil
	case "error":
		out := replied(r, "<html>Bad gateway</html>")
		out.StatusCode = http.StatusBadGateway
		return out, nil
	case "half":
		return with(r, stalled{bytes.NewReader(body[:len(body)/2])}), nil
	case "stall":
		return with(r, stalled{strings.NewReader("")}), nil
	}
	reply.Body = io.NopCloser(bytes.NewReader(body))
	return reply, nil
}

// lies says that a change of a rule was carried out, which it was not.
func lies(action string, n int) string {
	switch {
	case strings.HasPrefix(action, "Authorize"):
		return fmt.Sprintf("<%sResponse><return>true</return><securityGroupRuleSet><item><securityGroupRuleId>sgr-%x"+
			"</securityGroupRuleId></item></securityGroupRuleSet></%sResponse>", action, n, action)
	case strings.HasPrefix(action, "Revoke"):
		return fmt.Sprintf("<%sResponse><return>true</return></%sResponse>", action, action)
	}
	return ""
}

func replied(r *http.Request, text string) *http.Response { return with(r, strings.NewReader(text)) }

func with(r *http.Request, body io.Reader) *http.Response {
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Header: http.Header{}, Request: r, Body: io.NopCloser(body),
	}
}

// ours notes the state after a call of ours.
func (s *storm) ours(action string) {
	s.note("our %s", action)
	if s.early == nil {
		s.early = s.past
	}
	s.past, s.blurred = []state{s.state()}, false
}

// foreign changes the account as another program or user would.
func (s *storm) foreign() {
	server := s.plan.Steps[0].Group
	all := s.rulesOf(server)
	switch n := s.random.IntN(5); {
	case n == 0 && len(all) > 0:
		r := all[s.random.IntN(len(all))]
		s.note("others revoke %s %s", r.Ports(), r.Description)
		s.changeRule("RevokeSecurityGroupIngress", server, &r)
	case n == 1:
		r := model.SecurityGroupRule{Protocol: "tcp", FromPort: 9000 + s.random.IntN(1000), Group: s.plan.Steps[0].Rule.Group}
		r.ToPort = r.FromPort
		if !slices.ContainsFunc(all, func(o model.SecurityGroupRule) bool { return fix.SameRule(&o, &r) }) {
			s.note("others authorize %s", r.Ports())
			s.changeRule("AuthorizeSecurityGroupIngress", server, &r)
		}
	case n == 2:
		s.note("others deploy another block")
		s.deploy(`"serviceConnectConfiguration":` + otherOverride)
	case n == 3:
		s.note("others deploy the same again")
		s.deploy(`"forceNewDeployment":true`)
	default:
		s.note("others deploy the block as it was")
		s.deploy(`"serviceConnectConfiguration":` + sameButSpaces)
	}
	s.past = append(s.past, s.state())
}

func (s *storm) deploy(more string) {
	s.ask("UpdateService", `{"cluster":"sample-cluster","service":"sample-ecs-app",`+more+`}`)
}

func (s *storm) rulesOf(group string) []model.SecurityGroupRule {
	for _, g := range read(s.T, openBehind(s.T, s.sim, awsOptions())).SecurityGroups {
		if g.ID == group {
			return g.Ingress
		}
	}
	return nil
}

// isSame compares states by what they mean: others write a block with other spaces.
func (s *storm) isSame(a, b state) bool {
	return slices.Equal(a.Rules, b.Rules) && meaning(s.T, a).Block == meaning(s.T, b).Block
}

// weather applies and rolls back in a storm, and then in calm, and says how it ended.
func weather(t *testing.T, seed int) string {
	t.Helper()
	s, kept := stormy(t, seed), memory{}
	s.past = []state{s.state()}
	fail := func(format string, values ...any) {
		t.Errorf(format+"\n%s", append(values, strings.Join(s.log, "\n"))...)
	}
	applier := s.program(kept)
	prepared, err := applier.Prepare(t.Context(), s.plan)
	if err != nil {
		return "not prepared"
	}
	e, err := applier.Apply(t.Context(), prepared, nil)
	s.note("applied: %s, %v", e.State, err)
	all, bad, _ := kept.List()
	if len(bad) > 0 {
		fail("the journal cannot be read: %v", bad)
	}
	if len(all) == 0 {
		return "nothing sent"
	}
	id := all[0].ID
	if err == nil && e.State == journal.Applied && len(s.past) == 1 && !s.works() {
		fail("applied and verified, and it is not so")
	}
	if s.random.IntN(2) == 0 {
		_, err := s.program(kept).Tidy(t.Context(), id, nil)
		s.note("tidied: %v", err)
	}
	for try := range 8 {
		s.calm = try > s.random.IntN(5)
		e, err := s.program(kept).Rollback(t.Context(), id, nil)
		s.note("rolled back, calm %t: %v", s.calm, err)
		if end := s.judge(e, err, fail); end != "" || t.Failed() {
			if e.State == journal.RolledBack {
				s.again(kept, id, fail)
			}
			return end
		}
		time.Sleep(2 * time.Minute) // of the bubble's
	}
	fail("no end: %v", err)
	return "no end"
}

// again takes an entry back that is rolled back, after changes of others: the rollback sends
// nothing, and what it says is true of its moment.
func (s *storm) again(kept memory, id string, fail func(string, ...any)) {
	s.Helper()
	for try := range 4 {
		for range s.random.IntN(3) {
			s.foreign()
		}
		time.Sleep(2 * time.Minute) // of the bubble's: no answer is older than what others did
		s.past, s.blurred = []state{s.state()}, false
		s.calm = try > s.random.IntN(3)
		sent := s.sent
		e, err := s.program(kept).Rollback(s.Context(), id, nil)
		s.note("looked again, calm %t: %v", s.calm, err)
		switch {
		case s.sent != sent:
			fail("a look sent something")
		case err == nil:
			s.judge(e, err, fail)
		case e != nil && e.State == journal.Failed: // a call of ours had arrived late
			return
		case s.calm:
			fail("no answer in calm: %v", err)
		}
		if s.Failed() {
			return
		}
	}
}

// judge says how a rollback ended, "" where the user would try again.
func (s *storm) judge(e *journal.Entry, err error, fail func(string, ...any)) string {
	named := errors.Is(err, fix.ErrBlockChanged) || errors.Is(err, planner.ErrStillNeeded) ||
		errors.Is(err, journal.ErrChangedSince)
	switch {
	case err != nil && named && s.calm:
		return "refused, and said why"
	case err != nil || e == nil:
		return ""
	case e.State != journal.RolledBack:
		fail("no error, and the state is %s", e.State)
		return "?"
	case e.Message != "":
		s.named(e, fail)
		return "taken back, and the difference is named"
	}
	if s.early != nil && !slices.ContainsFunc(s.early, func(o state) bool { return s.isSame(o, s.asNoted(e)) }) {
		fail("the entry noted %+v, and before it was %+v", s.asNoted(e), s.early)
	}
	if !slices.ContainsFunc(s.past, func(o state) bool { return s.isSame(o, s.asNoted(e)) }) {
		fail("it says that everything is as it was: before %+v, now %+v", s.asNoted(e), s.state())
	}
	return "as it was"
}

// named checks that a difference of a message is there, and that all that is there is
// named: at one of the moments since the last call of ours.
func (s *storm) named(e *journal.Entry, fail func(string, ...any)) {
	noted, differs := s.asNoted(e), false
	var unnamed []string
	for _, now := range s.past {
		if s.isSame(noted, now) {
			continue
		}
		differs = true
		if unnamed = s.unnamed(e.Message, noted, now); len(unnamed) == 0 {
			return
		}
	}
	switch before := (fix.Plan{Service: e.Plan.Service, Wanted: e.Before.Paths}); {
	case differs && len(s.past) > 1 && strings.Contains(e.Message, "the path of "):
		// Others changed the block between the look at it and the one at the paths.
	case differs:
		fail("%q does not name %s", e.Message, unnamed)
	case e.Overwritten != nil && strings.Contains(e.Message, e.Overwritten.Deployment):
		// A deployment of others is replaced, whatever it had.
	case !s.blurred && len(before.Unmet(rule.Analyze(read(s.T, openBehind(s.T, s.sim, awsOptions()))))) == 0:
		fail("%q, and everything is as it was", e.Message)
	case !strings.Contains(e.Message, "the path of "):
		fail("%q, and rules and block are as they were", e.Message)
	}
}

// unnamed are the differences between two states that a message does not name.
func (s *storm) unnamed(message string, noted, now state) []string {
	var out []string
	if meaning(s.T, noted).Block != meaning(s.T, now).Block && !strings.Contains(message, "Service Connect block") {
		out = append(out, "block "+now.Block)
	}
	for line := range differing(noted.Rules, now.Rules) {
		var r model.SecurityGroupRule
		_, fields, _ := strings.Cut(line, "{") // behind the group and the direction
		if err := json.Unmarshal([]byte("{"+fields), &r); err != nil {
			s.Fatal(err)
		}
		peer := r.CIDR.String()
		if r.Group != nil {
			peer = r.Group.ID
		}
		if !strings.Contains(message, fmt.Sprintf(" for %s and %s ", r.Ports(), peer)) {
			out = append(out, line)
		}
	}
	return out
}

// differing are the lines of one of two lists that the other one lacks.
func differing(a, b []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, lists := range [][2][]string{{a, b}, {b, a}} {
			for _, line := range lists[0] {
				if !slices.Contains(lists[1], line) && !yield(line) {
					return
				}
			}
		}
	}
}

// asNoted is the state that the entry found before its first call.
func (s *storm) asNoted(e *journal.Entry) state {
	now := s.past[len(s.past)-1]
	out := state{Block: cmp.Or(e.Before.Block, now.Block)}
	server := "sample-ecs-app "
	for _, line := range now.Rules {
		if !strings.HasPrefix(line, server) {
			out.Rules = append(out.Rules, line)
		}
	}
	for direction, rules := range map[string][]model.SecurityGroupRule{
		"in": e.Before.Rules[0].Ingress, "out": e.Before.Rules[0].Egress,
	} {
		for _, r := range rules {
			out.Rules = append(out.Rules, ruleLine(s.T, "sample-ecs-app", direction, &r))
		}
	}
	slices.Sort(out.Rules)
	return out
}

// works tells whether the plan's paths are as wanted.
func (s *storm) works() bool {
	snapshot, err := openBehind(s.T, s.sim, awsOptions()).Collect(context.WithoutCancel(s.Context()), nil)
	return err == nil && len(s.plan.Unmet(rule.Analyze(snapshot))) == 0
}
