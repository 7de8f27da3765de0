// Package convert turns AWS's answers into rows of the model: one function for a
// resource, pure, and named after what it makes.
//
// No environment variable, command, secret or log option of a container is copied
// out of AWS's answers.
package convert
