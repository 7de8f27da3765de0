package text_test

import (
	"testing"

	"hopscope/internal/text"
)

func TestCredentialsInURLsAreMasked(t *testing.T) {
	for in, want := range map[string]string{
		"https://user:pass@host:8443/path":               "https://user:xxxxx@host:8443/path",
		"https://token@host":                             "https://xxxxx@host",
		"http://user:p@ss:w@host":                        "http://user:xxxxx@host",
		`invalid proxy address "http://u:p@h": and more`: `invalid proxy address "http://u:xxxxx@h": and more`,
		"https://a:b@h and https://c:d@i":                "https://a:xxxxx@h and https://c:xxxxx@i",
		"https://host/path@x, mail@example.com":          "https://host/path@x, mail@example.com",
		"http://host/?token=x&y=z#f":                     "http://host/?<masked>",
		"http://u:p@host?token=x and http://h/?":         "http://u:xxxxx@host?<masked> and http://h/?",
		`--endpoint-url 'http://h/p?sig=x' --region r`:   `--endpoint-url 'http://h/p?<masked>' --region r`,
		"http://host/?<masked>":                          "http://host/?<masked>",
		"is it http://host/p? yes":                       "is it http://host/p? yes",
		"simulator:shop":                                 "simulator:shop",
	} {
		if got := text.MaskURLs(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}
