// Package record tells what happened, from transcripts alone: line by line, as a
// check that nothing was changed since, and as a paper to sign, frame and file.
package record
