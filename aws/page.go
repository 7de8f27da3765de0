package aws

import "context"

// Pager is a paginator of the SDK: every listing has a type of its own, with the
// options O and the output Out.
type Pager[O, Out any] interface {
	HasMorePages() bool
	NextPage(ctx context.Context, options ...func(*O)) (Out, error)
}

// EachPage hands out the pages of a listing as they arrive, and ends with the
// first that cannot be had.
func EachPage[O, Out any](ctx context.Context, pages Pager[O, Out], add func(Out)) error {
	ctx = Listing(ctx)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		add(page)
	}
	return nil
}
