// Package e2e holds the tests of the whole program: as processes, on an emulated
// terminal, and its documents. The test binary is hopscope under other names.
package e2e
