// Package export writes a [report.Report] for programs (JSON, the contract of
// hopscope.report/v1) and for people (Markdown, for a ticket).
//
// Reports carry text from an account that may not be ours to trust: names, tags,
// AWS's messages. Every format escapes what would be markup or a control
// character in it. All writers accept an empty report.
package export
