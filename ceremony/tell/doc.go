// Package tell puts what a transcript states into words, the same for the record, for
// those who watch, and wherever else people read it.
//
//   - event: one line of a transcript, on one line of text.
//   - asked: who had to answer a question, by name where the roll has one, and by post.
//   - evidence: what a token says about a private key.
package tell
