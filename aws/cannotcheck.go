package aws

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"

	"hopscope/model"
)

// cannotConfigure explains why the configuration could not be resolved.
func (a *Account) cannotConfigure(ctx context.Context, err error) error {
	var noProfile config.SharedConfigProfileNotExistError
	var noLoad config.SharedConfigLoadError
	switch {
	case errors.As(err, &noProfile):
		return &model.CannotCheckError{
			Reason: fmt.Sprintf("no profile %q in the AWS configuration", Printable(noProfile.Profile)),
			Next:   "`aws configure list-profiles` shows the names",
			Err:    err,
		}
	case errors.As(err, &noLoad):
		return &model.CannotCheckError{
			Reason: "cannot read the AWS configuration file " + Printable(noLoad.Filename),
			Next:   "correct it, or point AWS_CONFIG_FILE elsewhere",
			Err:    err,
		}
	}
	var mfa config.AssumeRoleTokenProviderNotSetError
	var process *processcreds.ProviderError
	var file *fs.PathError
	cause, path := Cause(err), ""
	switch {
	case errors.As(err, &file):
		cause, path = Printable(file.Error()), file.Path
	case strings.Contains(err.Error(), "AWS_"):
		cause = Printable(err.Error()) // it names the variable
	}
	switch {
	case path != "" && path == os.Getenv("AWS_CA_BUNDLE"), strings.Contains(err.Error(), "custom CA bundle"):
		return &model.CannotCheckError{
			Reason: "the certificates of AWS_CA_BUNDLE, or of ca_bundle in the profile, cannot be read: " + cause,
			Next:   "point it at a file of PEM certificates, or unset it",
			Err:    err,
		}
	case isSSOFailure(err), errors.As(err, &mfa), errors.As(err, &process), ctx.Err() != nil:
		return a.cannotSign(ctx, err)
	}
	return &model.CannotCheckError{
		Reason: "the AWS configuration cannot be used: " + cause,
		Next:   "correct the variable or the file that it comes from",
		Err:    err,
	}
}

// cannotSign explains why there are no credentials.
func (a *Account) cannotSign(ctx context.Context, err error) error {
	reason, next := "no AWS credentials were found",
		"pass --profile, set AWS_PROFILE, or log in with `aws configure sso`"
	var mfa config.AssumeRoleTokenProviderNotSetError
	var process *processcreds.ProviderError
	if a.profile != "" {
		reason = fmt.Sprintf("profile %q gives no AWS credentials", Printable(a.profile))
		next = "run `" + a.login() + "`, or check the profile with `aws sts get-caller-identity`"
	}
	switch {
	case isSSOFailure(err):
		reason, next = "the SSO session has expired", "run `"+a.login()+"`"
	case errors.As(err, &mfa):
		reason = "the profile asks for an MFA code, and hopscope cannot ask for one"
		next = "put temporary credentials into the environment first: " +
			"`eval \"$(aws configure export-credentials --profile " + Printable(a.profile) + " --format env)\"`"
	case errors.As(err, &process):
		reason = "the profile's credential_process failed: " + Cause(err)
		next = "run it by hand to see why"
	case a.profile == "" && halfKey() != "": // nothing else gave a cause
		reason, next = halfKey()+" is not set beside the other one of its pair", "set both, or neither"
	case ctx.Err() != nil && errors.Is(ctx.Err(), context.DeadlineExceeded):
		reason = fmt.Sprintf("no AWS credentials within %s", credentialsTimeout)
	}
	return &model.CannotCheckError{Reason: reason, Next: next, Err: err}
}
