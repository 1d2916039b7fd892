// Package evidence is what a bundle carries beside metadata, so that whoever gets it can
// tell how it came about: transcripts, what they state, and witnesses' signatures.
package evidence
