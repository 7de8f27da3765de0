// Package ui is the full-screen explorer: one Bubble Tea model, [App], and one
// file a screen. It knows neither the AWS SDK nor where snapshots come from.
//
// Glossary:
//
//   - Source: where snapshots come from; the screen asks it once, and again on
//     refresh. Loading is the side of the screen that asks; its pace says how often
//     a snapshot that is not the last one is analysed.
//   - Inventory: an analysis, arranged by service for the screen. It is made in a
//     command and never changes; drawing only looks things up in it.
//   - Remedy: the first plan that repairs a finding.
//   - Screen: what has the keys: the main screen, or one on top of it (filter,
//     findings, explanation, help, export). Screens form a stack; esc goes down.
//   - Sheet: the plans for a service, one at a time, in all dialects. Plans are not
//     swapped while they are being read: newer ones are offered.
//   - Activity: a plan that is being applied, tidied up after or taken back, or was.
//     It goes on when its screen is left; one goes on at a time.
//   - Question: a screen that asks before anything is sent. Only y is yes.
//   - What-if: changes of a service that are tried on the snapshot.
//   - Pane: a part of the main screen: services on the left, the paths of the
//     selected one on the right, the explanation below.
//   - Action: something a key does. The footer, the help and the keys themselves
//     come from the same list of actions.
//
// Where to look: app.go routes messages to the parts; each knows its own state
// (loading, inventory, mainScreen, activities, and the screens on the stack). The
// files whose names end in text.go write paragraphs and know nothing else.
//
// Update changes state and draws nothing; View draws and changes nothing but the
// memory of the frame. Reading and analysing happen in commands, whose results carry
// the number of the reading or question that they belong to: late ones are dropped.
package ui
