package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/term"

	"hopscope/internal/text"
	"hopscope/model"
)

// console is what the user sees and answers: stdout holds the result alone, stderr
// what there is to say besides.
type console struct {
	program *Program
	// answers is stdin, once something was asked: it may hold the next answer.
	answers *bufio.Reader
}

// complain prints one line to stderr, where the result is not. On a terminal it is broken
// between words.
func (c *console) complain(sentence string) {
	c.say([]string{"hopscope: " + strings.TrimSpace(sentence)})
}

// note prints a remark to stderr.
func (c *console) note(format string, args ...any) { c.complain(fmt.Sprintf(format, args...)) }

// env is the value of an environment variable, "" when it is not set.
func (c *console) env(name string) string {
	for _, entry := range slices.Backward(c.program.Env) { // as os.Getenv: the last one counts
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}

// coloured takes styles out of what is written where they do not belong: colours
// reach a terminal only, and not with NO_COLOR. It is for whole pages: a write
// that ends within a character would lose it.
func (c *console) coloured(w io.Writer) io.Writer { return colorprofile.NewWriter(w, c.program.Env) }

// defaultWidth is the width of human text where there is no terminal: a reader of a pipe
// or a file has at least this.
const defaultWidth = 80

// width is the number of columns of the terminal on stdout, or behind a pipe, where
// COLUMNS says so.
func (c *console) width() int {
	if width := columns(c.program.Stdout); width > 0 {
		return width
	}
	if width, err := strconv.Atoi(c.env("COLUMNS")); err == nil && width > 0 {
		return width
	}
	return defaultWidth
}

// columns is the number of columns of the terminal that w is, 0 if it is none.
func columns(w io.Writer) int {
	if f, ok := w.(term.File); ok {
		if width, _, err := term.GetSize(f.Fd()); err == nil {
			return width
		}
	}
	return 0
}

// page starts a page for stdout.
func (c *console) page() *page { return newPage(c.coloured(c.program.Stdout), c.width()) }

// canConfirm refuses what cannot be confirmed: there is no terminal, and no --yes.
func (c *console) canConfirm(yes bool) error {
	if yes || c.program.Answers {
		return nil
	}
	return &model.CannotCheckError{
		Reason: "there is no terminal to ask on, so nothing was changed",
		Next:   "pass --yes to confirm",
	}
}

// say writes lines to stderr.
func (c *console) say(lines []string) {
	width := columns(c.program.Stderr)
	for _, line := range lines {
		_, _ = fmt.Fprintln(c.program.Stderr, strings.Join(folded(text.Clean(line), width), "\n"))
	}
}

// folded is a line as it fits a terminal, broken between words, with its indent; 0 is no
// terminal.
func folded(line string, width int) []string {
	rest := strings.TrimLeft(line, " ")
	indent := strings.Repeat(" ", len(line)-len(rest))
	if width < minWidth {
		return []string{line}
	}
	lines := text.Hang(rest, width-len(indent), width-len(indent)-2)
	for i := range lines {
		if lines[i] = indent + lines[i]; i > 0 {
			lines[i] = "  " + lines[i]
		}
	}
	return lines
}

// confirm asks on stderr for a word to be typed on stdin. The error says that it
// was not.
func (c *console) confirm(ctx context.Context, about []string, word string) error {
	c.say(about)
	question := text.Clean(fmt.Sprintf("Type %s to go on, anything else to leave:", word))
	_, _ = io.WriteString(c.program.Stderr, strings.Join(folded(question, columns(c.program.Stderr)-1), "\n")+" ")
	answers := make(chan string, 1)
	if c.answers == nil {
		c.answers = bufio.NewReader(c.program.Stdin)
	}
	go func(in *bufio.Reader) {
		line, _ := in.ReadString('\n') // what was read until the end counts
		answers <- strings.TrimSpace(line)
	}(c.answers)
	select {
	case <-ctx.Done(): // the program ends; an answer has no use
		_, _ = fmt.Fprintln(c.program.Stderr)
		return fmt.Errorf("not confirmed: %w", ctx.Err())
	case answer := <-answers:
		if answer != word {
			return &model.CannotCheckError{Reason: "not confirmed", Next: "nothing was changed"}
		}
		return nil
	}
}
