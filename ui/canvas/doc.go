// Package canvas is the drawing surface of the explorer: a grid of cells that
// parts draw into, each inside its own rectangle.
//
// Everything is clipped, so that no long line pushes anything aside. Nothing
// reaches the terminal but through a canvas, and a canvas draws no control
// characters: names and messages from AWS cannot move the cursor, switch modes or
// reverse the order of the text.
package canvas
