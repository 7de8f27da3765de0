package aws

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/aws/smithy-go/middleware"

	"hopscope/model"
)

// ErrNoContent is an answer without what was asked for.
var ErrNoContent = errors.New("the answer is empty")

// errEmptyList is an answer whose list cannot be empty, and is.
var errEmptyList = fmt.Errorf("%w, which it never is", ErrNoContent)

var (
	// tokens are the members of answers that name the next page.
	tokens = []string{"NextToken", "NextMarker"}
	// besides are the members that may stand in an answer beside what was asked for.
	besides = append([]string{"Failures", "Tags", "Messages", "OwningAccounts", "ResultMetadata"}, tokens...)
)

// checkContent looks at the answer as the SDK read it. It takes a body without the
// operation's own members for an answer that has nothing in it; AWS sends the members
// of a list that is empty too.
func checkContent(
	ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
) (middleware.InitializeOutput, middleware.Metadata, error) {
	out, metadata, err := next.HandleInitialize(ctx, in)
	if err != nil {
		return out, metadata, err
	}
	action, answer := sentAction(ctx), reflect.Indirect(reflect.ValueOf(out.Result))
	content := contentOf(answer)
	switch {
	case len(content) == 0:
		err = ErrNoContent
	case operations[action].NeverEmpty && !slices.ContainsFunc(content, hasItems):
		err = errEmptyList
	default:
		err = pagesOf(ctx).turn(answer, content)
	}
	return out, metadata, err
}

// contentOf are an answer's own members that are there.
func contentOf(answer reflect.Value) []reflect.Value {
	var content []reflect.Value
	for i := range answer.NumField() {
		field := answer.Type().Field(i)
		if !field.IsExported() || slices.Contains(besides, field.Name) {
			continue
		}
		switch v := answer.Field(i); v.Kind() {
		case reflect.Slice, reflect.Map, reflect.Pointer, reflect.Interface:
			if !v.IsNil() {
				content = append(content, v)
			}
		default:
		}
	}
	return content
}

func hasItems(v reflect.Value) bool { return v.Kind() != reflect.Slice || v.Len() > 0 }

// nextToken names the page behind an answer, "" for none.
func nextToken(answer reflect.Value) string {
	for _, name := range tokens {
		if token := reflect.Indirect(answer.FieldByName(name)); token.Kind() == reflect.String && token.Len() > 0 {
			return token.String()
		}
	}
	return ""
}

// maxPages bounds a listing: at a hundred rows a page, more than AWS lets be in a
// cluster or a region.
const maxPages = 500

// pages is what a listing has got so far.
type pages struct {
	turned int
	seen   map[string]bool // tokens
	last   []any           // content of the page before
}

// endlessError is a listing that does not end.
type endlessError struct{ why string }

func (e *endlessError) Error() string { return "its pages do not end: " + e.why }

type pagesKey struct{}

// Listing is a context for the pages of one listing: a page that has been there
// before is an error, and so is one page too many.
func Listing(ctx context.Context) context.Context {
	return context.WithValue(ctx, pagesKey{}, &pages{seen: make(map[string]bool)})
}

// pagesOf are those of the listing that ctx belongs to, nil for none.
func pagesOf(ctx context.Context) *pages {
	p, _ := ctx.Value(pagesKey{}).(*pages)
	return p
}

// turn adds a page.
func (p *pages) turn(answer reflect.Value, content []reflect.Value) error {
	if p == nil {
		return nil
	}
	p.turned++
	token := nextToken(answer)
	if token == "" {
		return nil
	}
	page := make([]any, len(content))
	for i, v := range content {
		page[i] = v.Interface()
	}
	again := slices.ContainsFunc(content, hasItems) && reflect.DeepEqual(page, p.last)
	switch {
	case p.seen[token]:
		return &endlessError{"a page is followed by one that has been there"}
	case again:
		return &endlessError{"the same page came twice in a row"}
	case p.turned >= maxPages:
		return &endlessError{fmt.Sprintf("there are more than %d", maxPages)}
	}
	p.seen[token], p.last = true, page
	return nil
}

// endless is the failure of a listing that does not end.
func endless(action model.Action, e *endlessError) Failure {
	return Failure{
		State: model.Failed, Code: "endless", Transient: true, Endless: true,
		Sentence: fmt.Sprintf("%s was given up: %s; what was listed so far is kept: read again, "+
			"and see what answers in AWS's place", action, e),
	}
}
