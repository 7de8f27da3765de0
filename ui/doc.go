// Package ui is the full-screen explorer: one Bubble Tea model, [App], and one
// file a screen. It knows neither the AWS SDK nor where snapshots come from.
//
// Glossary:
//
//   - Source: where snapshots come from; the screen asks it once, and again on
//     refresh.
//   - Inventory: a snapshot and its report, arranged for the screen. It is made in
//     a command and never changes; drawing only looks things up in it.
//   - Screen: what has the keys: the main screen, or one on top of it (filter,
//     findings, explanation, help, export). Screens form a stack; esc goes down.
//   - Sheet: the plans for a service, one at a time, in all dialects. Plans are not
//     swapped while somebody reads: newer ones are offered.
//   - Application: a plan that is being applied, tidied up after or taken back, or
//     was. It goes on when its screen is left; one goes on at a time.
//   - Question: a screen that asks before anything is sent. Only y is yes.
//   - What-if: changes of a service that are tried on the snapshot.
//   - Pane: a part of the main screen: services on the left, the paths of the
//     selected one on the right, the explanation below.
//   - Action: something a key does. The footer, the help and the keys themselves
//     come from the same list of actions.
//
// Update changes state and draws nothing; View draws and changes nothing but the
// memory of the frame. Reading and judging happen in commands, whose results
// carry the number of the collection they belong to: late ones are dropped.
package ui
