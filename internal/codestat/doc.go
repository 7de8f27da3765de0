// Command codestat measures checkouts of this module with go/ast alone, so that two states of the code are compared by
// one script:
//
//	go run ./internal/codestat Before=/tmp/before After=.
//
// It prints Markdown: a table of figures with one column for each checkout, and the packages of the last one with what
// imports them. docs/structure.md keeps the result and says what each figure counts.
package main
