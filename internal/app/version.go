package app

import (
	"runtime/debug"
)

// version is what the go command recorded: the tag that was installed or built,
// a pseudo-version for another commit, or "devel" for a build that knows
// neither, such as go run.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}
