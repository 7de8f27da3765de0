// Package journal is the record of what hopscope changed in an account: one file a
// change, on disk before the first write, with everything that is needed to take
// the change back.
//
// A file is written anew, in one step, before and after each call: whenever the
// program ends, the journal says which calls may have reached AWS, and what was
// there before.
//
// Glossary:
//
//   - Entry: one application of one plan, and what became of it.
//   - Before: what the plan replaces, as AWS gave it.
//   - Step: a step of the plan, and how far it got.
//   - Call: a mutating call that was sent, as the AWS CLI would send it.
package journal
