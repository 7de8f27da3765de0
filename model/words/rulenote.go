package words

import "strings"

// The descriptions of the rules that plans add to the groups of a service: later runs
// know by them for whom the rule was added.
const noteHead, callersNote, agentNote = "hopscope", "callers of ", "Service Connect agent of "

// CallersNote describes a rule that admits callers of a service.
func CallersNote(service string) string { return noteHead + ": " + callersNote + service }

// AgentNote describes a rule that keeps callers admitted to the agent of a service.
func AgentNote(service string) string { return noteHead + ": " + agentNote + service }

// AdmitsCallers tells whether a rule has such a description. Where the rule was added by a
// plan, the journal entry's ID is in front of the colon.
func AdmitsCallers(description, service string) bool {
	rest, ours := strings.CutPrefix(description, noteHead)
	_, about, both := strings.Cut(rest, ": ")
	if !ours || !both {
		return false
	}
	for _, note := range [...]string{callersNote, agentNote} {
		if name, is := strings.CutPrefix(about, note); is && name == service {
			return true
		}
	}
	return false
}
