// Package app joins the commands and the screen to AWS, the simulator and the files
// of the user. It is the one package that imports both aws and ui.
package app
