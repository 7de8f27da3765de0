// Package ui is the full-screen explorer: one Bubble Tea model, [App], and one
// file a screen. It knows neither the AWS SDK nor where snapshots come from.
package ui
