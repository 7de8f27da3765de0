package ui

import (
	"fmt"
	"time"
)

// masked hides the middle of an account id.
func masked(account string) string {
	const shown = 4
	if len(account) <= 2*shown {
		return account
	}
	return account[:shown] + "…" + account[len(account)-shown:]
}

// ago is an age in words, in the steps of [ageStep].
func ago(age time.Duration) string {
	age = age.Truncate(ageStep(age))
	switch {
	case age < time.Second:
		return "now"
	case age < time.Minute:
		return fmt.Sprintf("%d s ago", int(age.Seconds()))
	case age < time.Hour:
		return fmt.Sprintf("%d min ago", int(age.Minutes()))
	case age < 48*time.Hour:
		return fmt.Sprintf("%d h ago", int(age.Hours()))
	}
	return fmt.Sprintf("%d days ago", int(age.Hours()/24))
}
