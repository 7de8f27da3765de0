// Package uitest is a terminal for tests: a screen in memory, keys by their names,
// and a program under test in a bubble of testing/synctest. A test reads as what a
// user does and sees:
//
//	terminal.Press("f", "a").See("Apply this?").Wait(time.Second).Press("y").WaitFor("applied and verified")
//
// Time is fake there, so no test sleeps and none is flaky.
package uitest
