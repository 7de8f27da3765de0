package cli_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/modeltest"
	"hopscope/ui/cli"
)

// A plan that was saved is carried out as it is, or not at all: a file that was tampered
// with, and an account that has changed, are refused with what is otherwise.
func TestASavedPlanIsCarriedOutAsItWasReviewed(t *testing.T) {
	t.Parallel()
	moved := func(s *model.Snapshot) {
		for i := range s.Services {
			if s.Services[i].Name == "sample-ecs-app" {
				s.Services[i].Deployments[0].ServiceConnect.Services[0].DiscoveryName = "other"
			}
		}
	}
	for name, tt := range map[string]struct {
		file    func(string) string
		account func(*model.Snapshot)
		status  cli.Status
		says    string
	}{
		"as saved": {status: cli.Clean, says: "step 1 is done"},
		"carried out already": {
			account: func(s *model.Snapshot) { *s = *modeltest.Article(10080, 80, 10080) },
			status:  cli.Clean, says: "all of it is so already, nothing to do",
		},
		"carried out in part": {
			account: func(s *model.Snapshot) { *s = *modeltest.Article(10080, 80) },
			status:  cli.CannotCheck, says: "there is no plan",
		},
		"another port": {
			file:   func(s string) string { return strings.ReplaceAll(s, `"port": 10080`, `"port": 22`) },
			status: cli.CannotCheck, says: "the saved plan is not the one that is made now: step ",
		},
		"a softer risk": {
			file:   func(s string) string { return strings.Replace(s, "Tasks are replaced", "Nothing happens", 1) },
			status: cli.CannotCheck, says: "what the plan says besides its steps",
		},
		"another account": {
			account: func(s *model.Snapshot) { s.Scope.Account = "999999999999" },
			status:  cli.CannotCheck, says: "it was made for account 123456789012 in ap-northeast-1",
		},
		"another block": {
			account: moved, status: cli.CannotCheck, says: "the Service Connect block of prod/sample-ecs-app changed",
		},
		"an unknown member": {
			file:   func(s string) string { return strings.Replace(s, `"plans"`, `"shell": "rm", "plans"`, 1) },
			status: cli.CannotCheck, says: `unknown field "shell"`,
		},
		"a member twice": {
			file: func(s string) string {
				return strings.Replace(s, `"title":`, `"Title": "Nothing happens", "title":`, 1)
			},
			status: cli.CannotCheck, says: `it names the member "title" twice`,
		},
		"a plan twice": {
			file: func(s string) string {
				begin, end := strings.Index(s, `"plans": [`)+len(`"plans": [`), strings.LastIndex(s, "]")
				return s[:end] + "," + s[begin:end] + s[end:]
			},
			status: cli.CannotCheck, says: "it holds the plan set-ingress-port-override/prod/sample-ecs-app:80 twice",
		},
		"half of it": {
			file:   func(s string) string { return s[:len(s)/2] },
			status: cli.CannotCheck, says: "cannot be used: it is damaged: unexpected EOF",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "plan.json")
			p := program()
			p.JournalDir, p.Env = filepath.Join(t.TempDir(), "journal"), []string{"HOPSCOPE_ALLOW_APPLY=1"}
			s := modeltest.Article(0, 80)
			p.Account = func(context.Context, cli.AccountOptions) (cli.Opened, error) { return opened(s, ""), nil }
			if got := runWith(t.Context(), p, "fix", "-o", file); got.status != cli.Clean || got.stdout != "" {
				t.Fatalf("saving: %+v", got)
			}
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if tt.file != nil {
				changed := tt.file(string(data))
				if changed == string(data) {
					t.Fatal("the file is the same: this test could not fail")
				}
				if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if tt.account != nil {
				s = modeltest.Article(0, 80)
				tt.account(s)
			}
			got := runWith(t.Context(), p, "fix", file, "--apply", "--yes")
			if got.status != tt.status || !strings.Contains(got.stderr, tt.says) {
				t.Errorf("got %+v", got)
			}
			entries, _ := filepath.Glob(filepath.Join(p.JournalDir, "*.json"))
			if (len(entries) > 0) != (name == "as saved") {
				t.Errorf("the journal has %v", entries)
			}
		})
	}
}

// On stdout a plan is all that there is, for jq or a file.
func TestAPlanIsSavedToStdout(t *testing.T) {
	t.Chdir(t.TempDir())
	p := program()
	s := modeltest.Article(0, 80)
	p.Account = func(context.Context, cli.AccountOptions) (cli.Opened, error) { return opened(s, ""), nil }
	got := runWith(t.Context(), p, "fix", "-o", "-")
	saved, err := fix.ReadSaved([]byte(got.stdout))
	if got.status != cli.Clean || err != nil || len(saved.Plans) == 0 {
		t.Errorf("got %+v, %v", got, err)
	}
	if all, _ := filepath.Glob("*"); len(all) > 0 {
		t.Errorf("it made %v", all)
	}
}

// A saved plan says itself which region it is for.
func TestASavedPlanNamesItsRegion(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "plan.json")
	p := program()
	asked := ""
	p.Account = func(_ context.Context, o cli.AccountOptions) (cli.Opened, error) {
		asked = o.Region
		return opened(modeltest.Article(0, 80), ""), nil
	}
	runWith(t.Context(), p, "fix", "-o", file)
	if got := runWith(t.Context(), p, "fix", file); got.status == cli.CannotCheck || asked != "ap-northeast-1" {
		t.Errorf("region %q, %+v", asked, got)
	}
	asked = ""
	got := runWith(t.Context(), p, "fix", file, "--region", "eu-west-1")
	const says = "for account 123456789012 in ap-northeast-1, and --region is eu-west-1; nothing was sent"
	if got.status != cli.CannotCheck || asked != "" || !strings.Contains(got.stderr, says) {
		t.Errorf("region %q, %+v", asked, got)
	}
}
