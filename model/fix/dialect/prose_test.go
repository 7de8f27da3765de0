package dialect_test

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"hopscope/internal/shell"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/dialect"
	. "hopscope/model/modeltest"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

func TestProseFitsIntoAHundredColumns(t *testing.T) {
	long := strings.Repeat("a-very-long-name-", 12)
	for _, name := range []string{"web", long, "日本語の名前", strings.Repeat("two words ", 30)} {
		s, p := everything(name)
		p.Checks[0].Command = "aws ecs describe-services --cluster prod --services web --query " +
			"'services[0].deployments[?status==`PRIMARY`]' --region ap-northeast-1"
		for line := range strings.Lines(texts(t, s, p)[dialect.Prose]) {
			line = strings.TrimSuffix(line, "\n")
			command := strings.HasPrefix(strings.TrimSpace(line), "$ ") || strings.HasSuffix(line, `\`) ||
				strings.HasPrefix(line, "         ")
			if n := utf8.RuneCountInString(line); n > 100 && !command {
				t.Errorf("%d columns: %s", n, line)
			}
			if strings.TrimRight(line, " ") != line {
				t.Errorf("blanks at the end of %q", line)
			}
		}
	}
}

// A command of several lines is the same command.
func TestACommandInProseCanBeCopied(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("sh is not installed")
	}
	words := []string{"printf", `%s\n`}
	for _, w := range []string{
		"--query", `services[0].events[?contains(message, 'unable')] | "x"`, "it's", "a  b",
		`back\slash`, "#not-a-comment", "$HOME",
	} {
		for range 4 {
			words = append(words, w)
		}
	}
	s, p := everything("web")
	p.Checks[0].Command = shell.Line(words...) + " # a comment"
	all, err := dialect.Sections(p, rule.Analyze(s))
	if err != nil {
		t.Fatal(err)
	}
	var item dialect.Item
	for _, section := range all {
		if section.Title == "Check first" {
			item = section.Items[0]
		}
	}
	if item.Command != p.Checks[0].Command {
		t.Errorf("the command is %q, want %q", item.Command, p.Checks[0].Command)
	}
	text := texts(t, s, p)[dialect.Prose]
	_, rest, _ := strings.Cut(text, "$ printf")
	command, _, _ := strings.Cut(rest, "\n\n")
	if !strings.Contains(command, "\\\n") {
		t.Fatalf("the command is one line: %s", command)
	}
	out, err := exec.CommandContext(t.Context(), sh, "-c", "printf"+command).CombinedOutput()
	if want := strings.Join(words[2:], "\n") + "\n"; err != nil || string(out) != want {
		t.Errorf("%v: the shell reads\n%s\nwant\n%s\nof\n%s", err, out, want, command)
	}
}

func TestTheSectionsOfAPlanAreInTheOrderInWhichTheyAreRead(t *testing.T) {
	s := Article(0, 80)
	p := firstPlan(t, s)
	all, err := dialect.Sections(p, rule.Analyze(s))
	if err != nil {
		t.Fatal(err)
	}
	var titles []string
	for _, section := range all {
		titles = append(titles, section.Title)
	}
	const want = "What and why|Check first|Steps|Later, when the rollout is over and the plan " +
		"verified|Risks|Changes|Changes left for later|It worked when|Undo"
	if got := strings.Join(titles, "|"); got != want {
		t.Errorf("the sections are %s, want %s", got, want)
	}
}

// An option without its value on the same line is read as a command of its own.
func TestAnOptionStandsWithItsValue(t *testing.T) {
	for _, s := range []*model.Snapshot{Article(0, 80), readShop(t)} {
		plans := plansOf(t, s)
		for i := range plans {
			text, err := dialect.Text(&plans[i], rule.Analyze(s), dialect.Prose)
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(text) {
				words := strings.Fields(strings.TrimSuffix(strings.TrimSpace(line), `\`))
				if len(words) == 0 {
					continue
				}
				last := words[len(words)-1]
				if strings.HasPrefix(last, "--") && !strings.HasSuffix(last, ".") &&
					!slices.Contains([]string{"--interactive", "--force-new-deployment", "--force"}, last) || last == ">" {
					t.Errorf("%s: %q ends without the value", plans[i].ID, line)
				}
			}
		}
	}
}

// What is advised may be to do nothing: then it repairs nothing either.
func TestAdviceDoesNotClaimToRepair(t *testing.T) {
	s := readShop(t)
	plans := plansOf(t, s)
	advice, repairs := 0, 0
	for i := range plans {
		text, err := dialect.Text(&plans[i], rule.Analyze(s), dialect.Prose)
		if err != nil {
			t.Fatal(err)
		}
		claims := strings.Contains(text, "\n  Repairs ")
		if plans[i].Kind == fix.Advice {
			advice++
			if claims || !strings.Contains(text, "\n  About ") {
				t.Errorf("%s claims to repair: %s", plans[i].ID, text)
			}
		} else {
			repairs++
			if !claims {
				t.Errorf("%s does not say what it repairs", plans[i].ID)
			}
		}
	}
	if advice == 0 || repairs == 0 {
		t.Errorf("%d plans are advice, %d are not", advice, repairs)
	}
}

func TestTheEndOfEachPathIsNamedByTheService(t *testing.T) {
	s := Article(0, 80)
	p := firstPlan(t, s)
	text := strings.Join(strings.Fields(texts(t, s, p)[dialect.Prose]), " ")
	for _, want := range []string{
		"Load balancer main-alb → sample-ecs-app:80: direct",
		"client-service → sample-ecs-app:80: through the agent",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q: %s", want, text)
		}
	}
	p.Wanted = nil
	if text := texts(t, s, p)[dialect.Prose]; !strings.Contains(text, "It worked when\n  No path is left to tell by") {
		t.Errorf("without a path to check it says %s", text)
	}
}

// A line names the callers that can be read, and counts the others.
func TestManyCallersOfOneOutcomeAreCounted(t *testing.T) {
	s, p := everything("web")
	p.Wanted = nil
	for i := range 30 {
		p.Wanted = append(p.Wanted, fix.Expectation{
			Source: reach.SourceServiceConnect, From: fmt.Sprintf("prod/c%02d", i), ContainerPort: 80,
			Via: reach.ViaAgent, Access: reach.Allowed, Verdict: reach.Needed,
		})
	}
	text := strings.Join(strings.Fields(texts(t, s, p)[dialect.Prose]), " ")
	if !strings.Contains(text, "prod/c10 and 19 more → web:80: through the agent, admitted.") ||
		strings.Contains(text, "prod/c11") {
		t.Errorf("it says %s", text)
	}
}
