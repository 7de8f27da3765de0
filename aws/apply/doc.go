// Package apply carries plans out on an AWS account, and takes them back. Nothing
// else in hopscope changes an account.
package apply
