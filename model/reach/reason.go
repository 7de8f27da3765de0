package reach

import (
	"fmt"
	"strings"

	"hopscope/model"
)

// reason is why a request goes one way: a sentence, and what is to be put into it
// when it is shown. The sentence refers to port, other, name and also by number, in
// this order.
type reason struct {
	format      string
	port, other int
	name, also  string
	// missing is set where the sentence is that a fact is missing.
	missing *model.Missing
}

// says is a reason that holds no names.
func says(sentence string) reason { return reason{format: sentence} }

// Why is the reason, for a reader.
func (in *Interception) Why() string {
	r := &in.reason
	switch {
	case r.missing != nil:
		return r.missing.String()
	case !strings.Contains(r.format, "%"):
		return r.format
	}
	return fmt.Sprintf(r.format, r.port, r.other, r.name, r.also)
}
