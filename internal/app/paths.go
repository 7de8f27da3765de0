package app

import (
	"os"
	"path/filepath"
	"runtime"
)

// journalDir is where the journal is kept; "" where the system names no such place.
func journalDir() string {
	if dir := os.Getenv("HOPSCOPE_JOURNAL"); dir != "" {
		return dir
	}
	// A relative path is to be ignored, says the specification.
	state := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(state) {
		var err error
		if runtime.GOOS == "windows" {
			state, err = os.UserConfigDir()
		} else if state, err = os.UserHomeDir(); err == nil {
			state = filepath.Join(state, ".local", "state")
		}
		if err != nil {
			return ""
		}
	}
	return filepath.Join(state, "hopscope", "journal")
}

// cacheDir is where task definitions are kept between runs; "" where the system
// names no such place.
func cacheDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "hopscope", "task-definitions")
}
