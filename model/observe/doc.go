// Package observe judges what was measured: pure functions of a snapshot, of paths and of
// the [model.Metrics] that were read for them. It says which metrics it needs; who reads
// them is the business of others.
package observe
