package journal

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"hopscope/internal/jsonedit"
	"hopscope/internal/shell"
	"hopscope/internal/text"
)

// MaskBlock is a Service Connect block for readers. It shows the members that are known
// to hold no secret; log options do, such as splunk-token, and members that are not
// known may. It is JSON, and must not be sent: see [Pasted].
func MaskBlock(block string) string {
	if block == "" {
		return ""
	}
	masked, err := jsonedit.Mask([]byte(block), text.Masked, visible)
	if err != nil {
		return text.Masked
	}
	return string(masked)
}

// plainOptions are the log options that hold names and sizes, and no credentials: those
// of awslogs, and those of every driver.
//
// Source: Amazon ECS API reference, LogConfiguration.
var plainOptions = []any{
	"awslogs-create-group", "awslogs-region", "awslogs-group", "awslogs-stream-prefix", "awslogs-datetime-format",
	"awslogs-multiline-pattern", "mode", "max-buffer-size",
}

// visible tells whether the value at a path of a block may be shown.
func visible(path []any) bool {
	if len(path) == 0 {
		return false
	}
	last := path[len(path)-1]
	switch path[0] {
	case "enabled", "namespace", "services", "accessLogConfiguration":
		return true
	case "logConfiguration":
		return last == "logDriver" || len(path) == 3 && path[1] == "options" && slices.Contains(plainOptions, last)
	case "containerConfigurations":
		return last == "logLevel"
	}
	return false
}

// Pasted is MaskBlock for what may be pasted, or read as an entry: where something is
// masked it is no JSON, so that nothing takes the mask for a value.
func Pasted(block string) string {
	return strings.ReplaceAll(MaskBlock(block), `"`+text.Masked+`"`, text.Masked)
}

// isMasked tells whether a block was masked: a journal refuses an entry with it, so that
// no mask is ever sent.
func isMasked(block string) bool { return strings.Contains(block, `"`+text.Masked+`"`) }

// Redacted is a copy of the entry for readers: without what its blocks hide, wherever it
// stands, and without the credentials of its endpoint. It is no entry: a journal
// refuses it where something was masked.
func (e *Entry) Redacted() *Entry {
	out := e.Clone()
	out.Before.Block, out.AfterBlock = Pasted(e.Before.Block), Pasted(e.AfterBlock)
	if o := e.Before.Overtaken; o != nil {
		out.Before.Overtaken = &Overtaken{Deployment: o.Deployment, Block: Pasted(o.Block)}
	}
	out.Endpoint, out.Origin = text.MaskURLs(e.Endpoint), text.MaskURLs(e.Origin)
	out.hide(e.secrets())
	for i := range out.Calls {
		command := text.MaskURLs(out.Calls[i].Command)
		// Entries of earlier versions have commands with the whole block.
		for _, block := range e.blocks() {
			whole, shown := text.EscapeJSON([]byte(block)), text.EscapeJSON([]byte(Pasted(block)))
			command = strings.ReplaceAll(command, shell.Quote(string(whole)), shell.Quote(string(shown)))
		}
		out.Calls[i].Command = command
	}
	return out
}

// blocks are the Service Connect blocks that the entry keeps.
func (e *Entry) blocks() []string {
	all := []string{e.Before.Block, e.AfterBlock}
	if e.Before.Overtaken != nil {
		all = append(all, e.Before.Overtaken.Block)
	}
	return slices.DeleteFunc(all, func(block string) bool { return block == "" })
}

// Hide masks what the blocks hide in the texts of the entry that came from AWS: error
// messages and events may quote what was sent.
func (e *Entry) Hide() { e.hide(e.secrets()) }

// HideIn masks in a text what the blocks hide.
func (e *Entry) HideIn(s string) string { return hideIn(s, e.secrets()) }

func (e *Entry) hide(secrets []string) {
	if len(secrets) == 0 {
		return
	}
	e.Message = hideIn(e.Message, secrets)
	for i := range e.Steps {
		e.Steps[i].Error = hideIn(e.Steps[i].Error, secrets)
	}
	for i := range e.Calls {
		e.Calls[i].Error = hideIn(e.Calls[i].Error, secrets)
	}
	if r := e.Rollout; r != nil {
		r.Reason = hideIn(r.Reason, secrets)
		r.Events = slices.Clone(r.Events)
		for i := range r.Events {
			r.Events[i].Message = hideIn(r.Events[i].Message, secrets)
		}
	}
}

func hideIn(s string, secrets []string) string {
	for _, secret := range secrets {
		s = strings.ReplaceAll(s, secret, text.Masked)
	}
	return s
}

// shortestSecret is where a value is told from a word: "true" is a log option, too, and
// in many sentences.
const shortestSecret = 6

// secrets are the texts that the blocks hide, also as JSON writes them, the longest
// first. What the entry's own names say is none: commands and sentences need them.
func (e *Entry) secrets() []string {
	var all []string
	for _, block := range e.blocks() {
		// What is not visible is collected by asking for it.
		_, _ = jsonedit.Mask([]byte(block), text.Masked, func(path []any) bool { // damaged blocks have no values
			if !visible(path) {
				value, _ := jsonedit.Get([]byte(block), path...)
				var secret string
				if json.Unmarshal(value, &secret) == nil && len(secret) >= shortestSecret && !e.names(secret) {
					written := strings.TrimSpace(string(value))
					all = append(all, secret, written[1:len(written)-1])
				}
			}
			return true
		})
	}
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	return slices.Compact(all)
}

// names tells whether a text stands in what the entry is called by.
func (e *Entry) names(s string) bool {
	return slices.ContainsFunc([]string{e.ID, e.ServiceARN, e.ClusterARN},
		func(name string) bool { return strings.Contains(name, s) })
}
