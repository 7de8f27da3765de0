package aws_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"hopscope/aws"
)

func TestProfilesAreThoseOfBothFiles(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"config": "[default]\nregion = eu-west-1\n[profile prod]\n[sso-session corp]\n [profile \"two words\"] # note\n" +
			"[services local]\n[profile broken\n",
		"credentials": "[default]\n[ci]\n[prod]\naws_access_key_id = [nothing]\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(dir, "config"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(dir, "credentials"))
	if got, want := aws.Profiles(), []string{"ci", "default", "prod", "two words"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(dir, "none"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", dir)
	if got := aws.Profiles(); len(got) > 0 {
		t.Errorf("without files there is %q", got)
	}
}
