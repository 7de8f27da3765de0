// Package sample has hand-made snapshots, paths and reports for the tests of the
// screen: the three acts of the article that hopscope grew from, one path of every
// kind, and accounts of any size.
package sample
