package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	if err := run(os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "codestat:", err)
		os.Exit(1)
	}
}

// run measures the checkouts that the arguments name, as TITLE=DIRECTORY or as a directory alone.
func run(out io.Writer, arguments []string) error {
	if len(arguments) == 0 {
		return errors.New("name at least one checkout, as in go run ./internal/codestat Before=DIR After=DIR")
	}
	var columns []*checkout
	for _, argument := range arguments {
		title, dir, named := strings.Cut(argument, "=")
		if !named {
			title, dir = filepath.Base(argument), argument
		}
		c, err := read(dir)
		if err != nil {
			return fmt.Errorf("read %s: %w", dir, err)
		}
		c.title = title
		columns = append(columns, c)
	}
	printFigures(out, columns)
	printPackages(out, columns[len(columns)-1])
	return nil
}
