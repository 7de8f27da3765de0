// Package list is a virtual list: rows of which only those in sight are ever
// looked at, so that five thousand cost as much as fifty.
package list
