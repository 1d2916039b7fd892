// Package witness is the signatures of those who watch: over the head of a
// transcript, by keys of their own.
package witness
