// Package search finds what a user types among items: words in names, fields such as
// state:bad, and their negation. Parts of names come before scattered letters.
package search
