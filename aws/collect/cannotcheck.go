package collect

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"hopscope/aws"
	"hopscope/model"
)

// CannotList explains why the clusters of the region could not be listed. There
// is nothing to show then.
func CannotList(a *aws.Account, err error) error {
	f := a.Classify(model.ListClusters, err)
	reason, next, _ := strings.Cut(f.Sentence, "; ")
	if f.Endless { // and nothing is kept
		next = "see what answers in AWS's place, and read again"
	}
	switch f.State {
	case model.Denied:
		next = "or name the clusters with --cluster"
		reason = strings.Replace(f.Sentence, "; ", ": ", 1)
	case model.Unsupported:
		reason = fmt.Sprintf("%s does not answer %s as AWS does (%s)",
			cmp.Or(aws.RedactedURL(a.Endpoint()), "the endpoint"), model.ListClusters, f.Code)
		next = "check --endpoint-url and AWS_ENDPOINT_URL"
	default:
	}
	return &model.CannotCheckError{Reason: reason, Next: next, Err: err}
}

// checkAnything refuses a snapshot that has nothing to show although there is
// something: services that were listed and none loaded, or no listing at all.
func (s *Source) checkAnything(last *model.Snapshot) error {
	if name := s.unknownCluster(last); name != "" {
		return &model.CannotCheckError{
			Reason: fmt.Sprintf("no cluster matches %q in %s", name, last.Scope.Region),
			Next:   "check the name, and --region",
		}
	}
	if last.Counts.Services.Loaded > 0 {
		return nil
	}
	action := model.DescribeServices
	if len(last.Services) == 0 {
		action = model.ListServices
	}
	for i := range last.Gaps {
		g := &last.Gaps[i]
		if g.Action != action {
			continue
		}
		if g.Error != Filtered && action == model.ListServices && g.Resource != "" && someClusterListed(last) {
			continue
		}
		reason, next, _ := strings.Cut(g.Message, "; ")
		return &model.CannotCheckError{
			Reason: fmt.Sprintf("no service of %s could be loaded: %s", scopeName(last.Scope), reason),
			Next:   next,
		}
	}
	return nil
}

// unknownCluster is a cluster that was given by name, could not be looked up in
// the list of clusters, and turned out not to exist.
func (s *Source) unknownCluster(last *model.Snapshot) string {
	for i := range last.Gaps {
		g := &last.Gaps[i]
		if g.Action == model.ListServices && g.State == model.Absent && slices.Contains(s.options.Clusters, g.Resource) {
			return g.Resource
		}
	}
	return ""
}

// someClusterListed tells whether the listing of a cluster worked.
func someClusterListed(s *model.Snapshot) bool {
	failed := 0
	for i := range s.Gaps {
		if g := &s.Gaps[i]; g.Action == model.ListServices && g.Resource != "" {
			failed++
		}
	}
	return failed < len(s.Clusters)
}

// scopeName names what was to be read, for a sentence.
func scopeName(scope model.Scope) string {
	if len(scope.Clusters) == 1 {
		return "cluster " + aws.Printable(scope.Clusters[0])
	}
	return scope.Region
}
