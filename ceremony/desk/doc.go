// Package desk is the desk of a ceremony: who sits in which part, and what people tell
// besides their answers, such as the bag that a token came out of.
package desk
