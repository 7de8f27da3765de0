package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hopscope/model"
	"hopscope/model/modeltest"
)

// A command that is printed to be run next reads the source that this one read: pasted
// into a shell it asks the same account, file or world.
func TestACommandToRunNextNamesItsSource(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "my files; $(id)")
	saved, plan := filepath.Join(dir, "it's.json"), filepath.Join(dir, "plan.json")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := model.WriteFile(saved, modeltest.Article(0, 80), model.FileOptions{}); err != nil {
		t.Fatal(err)
	}
	quoted := "'" + strings.ReplaceAll(saved, "'", `'\''`) + "'"
	const service = " --service prod/sample-ecs-app\n"
	account := []string{
		"--region", "eu-west-1",
		"--endpoint-url", "http://u:pw@127.0.0.1:1", "--cluster", "p*",
	}
	const named = "--region eu-west-1 --endpoint-url http://u:xxxxx@127.0.0.1:1 --cluster 'p*'"
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"account":      {append([]string{"check"}, account...), "plan     hopscope fix " + named + service},
		"bare account": {[]string{"check"}, "plan     hopscope fix" + service},
		"world":        {[]string{"check", "--demo", "shop"}, "plan     hopscope fix --demo shop" + service},
		"file":         {[]string{"check", "--snapshot", saved}, "plan     hopscope fix --snapshot " + quoted + service},
		"opened file":  {[]string{"open", saved}, "plan     hopscope fix --snapshot " + quoted + service},
		"demo":         {[]string{"demo", "--world", "shop"}, "plan     hopscope fix --demo shop" + service},
		"no screen":    {account, "plan     hopscope fix " + named + service},
		"saved in a demo": {
			[]string{"fix", "--demo", "shop", "-o", plan}, "hopscope fix --demo shop '" + plan + "' --apply\n",
		},
		"saved": {append([]string{"fix", "-o", plan}, account...), named + " '" + plan + "' --apply --allow-apply\n"},
		"saved from a file": {
			[]string{"fix", "--snapshot", saved, "-o", plan}, "hopscope fix '" + plan + "' --apply --allow-apply\n",
		},
		"apply to a file": {
			[]string{"fix", "--snapshot", saved, "--apply", "--code", "HOP101", "--service", "a b"},
			"apply that: hopscope fix --service 'a b' --code HOP101 --apply --allow-apply\n",
		},
		"region of a world": {
			[]string{"check", "--demo", "shop", "--region", "eu-west-1"},
			"--region is for accounts: a world of the simulator is in the region that its file names",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := program()
			if got := runWith(t.Context(), p, tt.args...); !strings.Contains(got.stdout+got.stderr, tt.want) {
				t.Errorf("no %q in %+v", tt.want, got)
			}
		})
	}
}
