package journal

import (
	"cmp"
	"slices"
	"strings"

	"hopscope/internal/shell"
	"hopscope/internal/text"
	"hopscope/model/fix"
)

// Redacted is a copy of the entry for readers: without what its blocks hide, wherever it
// stands, and without the credentials of its endpoint. It is no entry: a journal
// refuses it where something was masked.
func (e *Entry) Redacted() *Entry {
	out := e.Clone()
	out.Before.Block, out.AfterBlock = fix.MaskAsText(e.Before.Block), fix.MaskAsText(e.AfterBlock)
	if o := e.Before.Overtaken; o != nil {
		out.Before.Overtaken = &Overtaken{Deployment: o.Deployment, Block: fix.MaskAsText(o.Block)}
	}
	if o := e.Overwritten; o != nil {
		out.Overwritten = &Overtaken{Deployment: o.Deployment, Block: fix.MaskAsText(o.Block)}
	}
	out.Endpoint, out.Origin = text.MaskURLs(e.Endpoint), text.MaskURLs(e.Origin)
	if !e.Masked { // its sentences may quote AWS
		out.mask(e.Secrets())
	}
	for i := range out.Calls {
		command := text.MaskURLs(out.Calls[i].Command)
		// Entries of earlier versions have commands with the whole block.
		for _, block := range e.blocks() {
			whole, shown := text.EscapeJSON([]byte(block)), text.EscapeJSON([]byte(fix.MaskAsText(block)))
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
	if e.Overwritten != nil {
		all = append(all, e.Overwritten.Block)
	}
	return slices.DeleteFunc(all, func(block string) bool { return block == "" })
}

func (e *Entry) mask(secrets Secrets) {
	e.Message = secrets.MaskIn(e.Message)
	for i := range e.Steps {
		e.Steps[i].Error = secrets.MaskIn(e.Steps[i].Error)
	}
	for i := range e.Calls {
		e.Calls[i].Error = secrets.MaskIn(e.Calls[i].Error)
	}
	if r := e.Rollout; r != nil {
		r.Reason = secrets.MaskIn(r.Reason)
		r.Events = slices.Clone(r.Events)
		for i := range r.Events {
			r.Events[i].Message = secrets.MaskIn(r.Events[i].Message)
		}
	}
}

// shortestSecret is where a value is told from a word: "true" is a log option, too, and
// in many sentences.
const shortestSecret = 6

// Secrets are the texts that the blocks of an entry hide, the longest first.
type Secrets []string

// MaskIn masks the secrets in a text that is not hopscope's: AWS may quote what was sent.
func (s Secrets) MaskIn(foreign string) string {
	for _, secret := range s {
		foreign = strings.ReplaceAll(foreign, secret, text.Masked)
	}
	return foreign
}

// Secrets are the texts that the blocks hide. What the entry's own names say is none:
// events and reasons need them.
func (e *Entry) Secrets() Secrets {
	var all Secrets
	for _, block := range e.blocks() {
		all = append(all, fix.MaskedTexts(block, shortestSecret)...)
	}
	all = slices.DeleteFunc(all, e.names)
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	return slices.Compact(all)
}

// names tells whether a text stands in what the entry is called by.
func (e *Entry) names(s string) bool {
	return slices.ContainsFunc([]string{e.ID, e.ServiceARN, e.ClusterARN},
		func(name string) bool { return strings.Contains(name, s) })
}
