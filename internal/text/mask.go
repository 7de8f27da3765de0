package text

import (
	"regexp"
	"strings"
)

// Masked stands where a secret was.
const Masked = "<masked>"

// maskedUser stands for the credentials of a URL, as net/url writes it.
const maskedUser = "xxxxx"

var credentialsInURL = regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://)([^/\s@:]*)(:[^/\s]*)?@`)

// queryOfURL ends where a text, a word of a shell or a JSON string would. What is masked
// already has no more to be masked.
var queryOfURL = regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://[^\s?"'<>]*\?)[^\s"'<>]+`)

// MaskURLs masks the credentials of the URLs in a text: the password, or a user's name
// that stands alone, as tokens do; and what a query says, which may be a signature or a
// token.
func MaskURLs(s string) string {
	if !strings.Contains(s, "://") {
		return s
	}
	s = queryOfURL.ReplaceAllString(s, "${1}"+Masked)
	if !strings.Contains(s, "@") {
		return s
	}
	return credentialsInURL.ReplaceAllStringFunc(s, func(url string) string {
		parts := credentialsInURL.FindStringSubmatch(url)
		if parts[3] == "" {
			return parts[1] + maskedUser + "@"
		}
		return parts[1] + parts[2] + ":" + maskedUser + "@"
	})
}

// IsMaskedURL tells whether a URL has lost its credentials to [MaskURLs], or a part of it
// to [Masked].
func IsMaskedURL(s string) bool {
	return strings.Contains(s, maskedUser+"@") || strings.Contains(s, Masked)
}
