package aws

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"

	"hopscope/model"
)

// cannotConfigure explains why the configuration could not be resolved.
func (a *Account) cannotConfigure(err error) error {
	var noProfile config.SharedConfigProfileNotExistError
	var noLoad config.SharedConfigLoadError
	switch {
	case errors.As(err, &noProfile):
		return &model.CannotCheckError{
			Reason: fmt.Sprintf("no profile %q in the AWS configuration", printable(noProfile.Profile)),
			Next:   "`aws configure list-profiles` shows the names",
			Err:    err,
		}
	case errors.As(err, &noLoad):
		return &model.CannotCheckError{
			Reason: "cannot read the AWS configuration file " + printable(noLoad.Filename),
			Next:   "correct it, or point AWS_CONFIG_FILE elsewhere",
			Err:    err,
		}
	}
	return a.cannotSign(context.Background(), err)
}

// cannotSign explains why there are no credentials.
func (a *Account) cannotSign(ctx context.Context, err error) error {
	reason, next := "no AWS credentials were found",
		"pass --profile, set AWS_PROFILE, or log in with `aws configure sso`"
	var mfa config.AssumeRoleTokenProviderNotSetError
	var process *processcreds.ProviderError
	if a.profile != "" {
		reason = fmt.Sprintf("profile %q gives no AWS credentials", printable(a.profile))
		next = "run `" + a.login() + "`, or check the profile with `aws sts get-caller-identity`"
	}
	switch {
	case isSSOFailure(err):
		reason, next = "the SSO session has expired", "run `"+a.login()+"`"
	case errors.As(err, &mfa):
		reason = "the profile asks for an MFA code, and hopscope cannot ask for one"
		next = "put temporary credentials into the environment first: " +
			"`eval \"$(aws configure export-credentials --profile " + printable(a.profile) + " --format env)\"`"
	case errors.As(err, &process):
		reason = "the profile's credential_process failed: " + causeOf(err)
		next = "run it by hand to see why"
	case ctx.Err() != nil && errors.Is(ctx.Err(), context.DeadlineExceeded):
		reason = fmt.Sprintf("no AWS credentials within %s", credentialsTimeout)
	}
	return &model.CannotCheckError{Reason: reason, Next: next, Err: err}
}

// cannotList explains why the clusters of the region could not be listed. There
// is nothing to show then.
func (a *Account) cannotList(err error) error {
	f := a.classify(model.ListClusters, err)
	reason, next, _ := strings.Cut(f.sentence, "; ")
	switch f.state {
	case model.Denied:
		next = "or name the clusters with --cluster"
		reason = strings.Replace(f.sentence, "; ", ": ", 1)
	case model.Unsupported:
		reason = fmt.Sprintf("%s does not answer %s as AWS does (%s)",
			cmp.Or(shown(a.endpoint), "the endpoint"), model.ListClusters, f.code)
		next = "check --endpoint-url and AWS_ENDPOINT_URL"
	default:
	}
	return &model.CannotCheckError{Reason: reason, Next: next, Err: err}
}

// checkAnything refuses a snapshot that has nothing to show although there is
// something: services that were listed and none loaded, or no listing at all.
func (c *collection) checkAnything(s *model.Snapshot) error {
	if name := c.unknownCluster(s); name != "" {
		return &model.CannotCheckError{
			Reason: fmt.Sprintf("no cluster matches %q in %s", name, s.Scope.Region),
			Next:   "check the name, and --region",
		}
	}
	if s.Counts.Services.Loaded > 0 {
		return nil
	}
	action := model.DescribeServices
	if s.Counts.Services.Listed == 0 {
		action = model.ListServices
	}
	for i := range s.Gaps {
		g := &s.Gaps[i]
		if g.Action != action {
			continue
		}
		if action == model.ListServices && g.Resource != "" && someClusterListed(s) {
			return nil
		}
		reason, next, _ := strings.Cut(g.Message, "; ")
		return &model.CannotCheckError{
			Reason: fmt.Sprintf("no service of %s could be loaded: %s", scopeName(s.Scope), reason),
			Next:   next,
		}
	}
	return nil
}

// unknownCluster is a cluster that was given by name, could not be looked up in
// the list of clusters, and turned out not to exist.
func (c *collection) unknownCluster(s *model.Snapshot) string {
	for i := range s.Gaps {
		g := &s.Gaps[i]
		if g.Action == model.ListServices && g.State == model.Absent && slices.Contains(c.Account.clusters, g.Resource) {
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
		return "cluster " + printable(scope.Clusters[0])
	}
	return scope.Region
}
