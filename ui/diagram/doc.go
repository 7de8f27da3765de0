// Package diagram draws request paths: boxes for what handles a request, wires
// for the hops between them.
//
//	                        80  ┌ task ───────────────────────┐
//	╭─────╮     ╭─────────╮     │                             │
//	│ VPC │────▶│ ALB :80 │─────┼▶╭ agent :80 ╮──▶╭ app :80 ╮ │
//
// ╰─────╯ ╰─────────╯ │ ╰─── ▲ ─────╯
// ╰─────────╯ │
// └─────────────────────────────┘
//
// A diagram is laid out once, for a path and a width, and drawn in every frame.
// Where it is too wide it leaves out the entry, and then falls back to one line.
//
// Glossary:
//
//   - Source: what sends the request, the leftmost boxes.
//   - Task: the square box on the right, with the agent and the app in it.
//   - Wire: the cells of the line for one hop. A refused hop is a broken line with
//     a cross in it, one that cannot be judged a dotted line with a question mark.
package diagram
