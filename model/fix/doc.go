// Package fix is what a repair consists of: a plan of steps in the order that is
// safe, with what to check first, what it risks, what shows that it worked and how it
// is undone; and what becomes of a snapshot when steps are carried out.
//
// Everything here is data and pure functions. Package planner makes plans of findings,
// package dialect writes them as scripts and templates; package aws carries them out,
// package journal keeps what was carried out.
//
// Glossary:
//
//   - Plan: a repair of one service, from one or several findings.
//   - Step: one call, or one thing that a person does.
//   - Edit: a change of one member of a Service Connect block.
//   - Outcome: the snapshot as it would be after the steps.
//   - Expectation: what a path must be after the steps; what verifies a plan.
//   - Refusal: why hopscope does not carry a plan out itself.
package fix
