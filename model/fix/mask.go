package fix

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"hopscope/internal/jsonedit"
	"hopscope/internal/text"
)

// A Service Connect block may hold secrets, in log options above all. What is known to
// hold none is shown, and all else is masked: by program and script alike.

// OpenMembers are the members of a block that are shown, but for the value of a header that
// leads test traffic: what it is may be what lets it in.
func OpenMembers() []string {
	return []string{"accessLogConfiguration", "enabled", "namespace", "services"}
}

// PlainOptions are the log options that hold names, sizes and switches, by the log driver;
// those of "" are of every driver. Tokens, addresses and URLs (which may have credentials in
// them), tags, which are free texts, and paths of keys are none of them.
//
// Source: Amazon ECS API reference, LogConfiguration; Docker, logging drivers (awslogs,
// fluentd, gelf, journald, json-file, splunk, syslog); Amazon ECS developer guide, FireLens.
// The options of awsfirelens are those of a Fluent Bit output, which may be any: but for its
// own buffer none is plain. logentries has none but its token.
func PlainOptions() map[string][]string {
	attributes := []string{"env", "env-regex", "labels", "labels-regex"} // names of variables and labels
	with := func(more ...string) []string { return slices.Concat(attributes, more) }
	return map[string][]string{
		"": {"max-buffer-size", "mode"},
		"awslogs": {
			"awslogs-create-group", "awslogs-datetime-format", "awslogs-group", "awslogs-multiline-pattern", "awslogs-region",
			"awslogs-stream-prefix",
		},
		"awsfirelens": {"log-driver-buffer-limit"},
		"fluentd": with("fluentd-async", "fluentd-async-reconnect-interval", "fluentd-buffer-limit", "fluentd-max-retries",
			"fluentd-retry-wait", "fluentd-sub-second-precision"),
		"gelf": with("gelf-compression-level", "gelf-compression-type", "gelf-tcp-max-reconnect",
			"gelf-tcp-reconnect-delay"),
		"journald":  with(),
		"json-file": with("compress", "max-file", "max-size"),
		"splunk": with("splunk-caname", "splunk-format", "splunk-gzip", "splunk-gzip-level", "splunk-index",
			"splunk-insecureskipverify", "splunk-source", "splunk-sourcetype", "splunk-verify-connection"),
		"syslog": with("syslog-facility", "syslog-format", "syslog-tls-skip-verify"),
	}
}

// MaskBlock is a Service Connect block for readers: JSON, which must not be sent.
func MaskBlock(block string) string {
	if block == "" {
		return ""
	}
	masked, err := jsonedit.Mask([]byte(block), text.Masked, isShown(block))
	if err != nil {
		return text.Masked
	}
	return string(masked)
}

// MaskAsText is MaskBlock for what may be pasted, or read as an entry of a journal: where
// something is masked it is no JSON, so that nothing takes the mask for a value.
func MaskAsText(block string) string {
	return strings.ReplaceAll(MaskBlock(block), `"`+text.Masked+`"`, text.Masked)
}

// IsMasked tells whether a block was masked.
func IsMasked(block string) bool { return strings.Contains(block, `"`+text.Masked+`"`) }

// isShown tells whether the value at a path of a block may be shown.
func isShown(block string) func(path []any) bool {
	var driver string
	if value, err := jsonedit.Get([]byte(block), "logConfiguration", "logDriver"); err == nil {
		_ = json.Unmarshal(value, &driver) // one that is no text has the options of every driver
	}
	plain := PlainOptions()
	return func(path []any) bool {
		if len(path) == 0 {
			return false
		}
		first, isName := path[0].(string)
		last, _ := path[len(path)-1].(string)
		switch {
		case !isName:
			return false
		case slices.Contains(OpenMembers(), first):
			return last != "exact" || !slices.Contains(path, any("testTrafficRules"))
		case first == "logConfiguration" && len(path) == 2:
			return last == "logDriver"
		case first == "logConfiguration" && len(path) == 3 && path[1] == "options":
			return slices.Contains(plain[""], last) || slices.Contains(plain[driver], last)
		}
		return first == "containerConfigurations" && last == "logLevel"
	}
}

// MaskedTexts are the texts of at least a length that MaskBlock hides, as they are and as
// JSON writes them, the longest first.
func MaskedTexts(block string, shortest int) []string {
	found := make(map[string]bool)
	shown := isShown(block)
	// What is not shown is collected by asking for it; damaged blocks have no values.
	_, _ = jsonedit.Mask([]byte(block), text.Masked, func(path []any) bool {
		if shown(path) {
			return true
		}
		value, _ := jsonedit.Get([]byte(block), path...)
		var secret string
		if json.Unmarshal(value, &secret) == nil && len(secret) >= shortest {
			written := strings.TrimSpace(string(value))
			found[secret], found[written[1:len(written)-1]] = true, true
		}
		return true
	})
	return slices.SortedFunc(maps.Keys(found), func(a, b string) int {
		return cmp.Or(len(b)-len(a), strings.Compare(a, b))
	})
}
