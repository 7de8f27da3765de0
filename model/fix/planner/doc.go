// Package planner is the author of remedies: it makes plans of findings, of what the
// user tries on a service, and of several plans for one service.
//
// Everything here is a pure function of a snapshot and its report. A plan is tried on
// the snapshot before anything is sent ([fix.Outcome]): the paths are derived again,
// and what the plan would break is found in the same way as what is broken now. A plan
// that would break something, or for which a fact is missing, is refused with the
// reason.
//
// Glossary:
//
//   - Opening: the rules that let a source through that would be refused.
//   - Leftover: a rule that nothing needs any more once a plan was carried out.
//   - Account: what the plans of one analysis share; situation: what those of one
//     service are made from, as it is or as it would be.
//   - Advice: a plan for a person.
package planner
