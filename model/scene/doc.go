// Package scene is a request path as boxes and wires, without a place or a size: what
// handles a request from left to right, and the hops between.
//
//	entry ──lead──▶ source ──out──▶ … ──out──▶ task ( agent ──inner──▶ app )
//
// The screen draws a scene in cells (ui/diagram), model/export in SVG and Mermaid. They
// choose form and colour; what a thing is called, which port a hop has and how it stands
// is here, so that a new kind of source is added once.
//
// The names in a scene are as AWS gave them. A view makes them safe for the place where it
// draws them.
package scene
