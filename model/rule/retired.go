package rule

import "strings"

// Retired says why a rule is no longer in the catalogue; "" of a code that never was in
// it. No other rule gets the code.
func Retired(code string) (reason string) {
	if strings.EqualFold(code, "INF505") {
		return "AWS no longer lists Service Connect on Managed Instances as unsupported: its paths are judged " +
			"as in awsvpc elsewhere"
	}
	return ""
}
