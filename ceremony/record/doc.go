// Package record tells what happened, from transcripts alone: line by line, as a
// check that nothing was changed since, and as a paper to sign, frame and file.
//
//   - chain: a transcript whose lines hold together, with every file whose hash it
//     states.
//   - record: the paper of what one site did of a ceremony. Part A follows from the
//     transcript, the same bytes each time; part B is filled in by hand.
//   - joined: one record of what all sites did.
//   - witness: who signs the head of a transcript with a key that the plan names.
//   - carried: files as a bundle has them.
package record
