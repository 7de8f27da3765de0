// Package cli is the command line of hopscope: the commands, and their views for
// people without a screen and for programs.
//
// A [Program] gets everything that touches the outside as functions, so that the
// package knows neither the AWS SDK nor the simulator, and tests run it whole.
// stdout carries the result alone; everything else goes to stderr.
package cli
