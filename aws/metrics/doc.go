// Package metrics reads series from CloudWatch, on demand: each metric that is asked for
// costs money.
package metrics
