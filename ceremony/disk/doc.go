// Package disk is the one way to touch files: nothing leads out of its folder, nothing is
// overwritten, and what is written is whole and durable or not there.
package disk
