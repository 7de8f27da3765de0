// Package fix makes plans of findings: the calls that would repair them, in the
// order that is safe, with what to check first, what it risks, how to see that it
// worked and how it is undone.
//
// Everything here is a pure function of a snapshot and its report. A plan can be
// tried on the snapshot before anything is sent ([Outcome]): the paths are derived
// again, and what the plan would break is found in the same way as what is broken
// now. A plan that would break something, or for which a fact is missing, is refused
// with the reason.
//
// Glossary:
//
//   - Plan: a repair of one service, from one or several findings.
//   - Step: one call, or one thing that a person does.
//   - Edit: a change of one member of a Service Connect block.
//   - Outcome: the snapshot as it would be after the steps.
//   - Opening: the rules that let somebody through who would be refused.
//   - Leftover: a rule that nothing needs any more once a plan was carried out.
//   - Survey: what the plans of one snapshot share; context: what those of one
//     service are made from, as it is or as it would be.
//   - Advice: a plan for a person.
package fix
