// Package run does a plan, step by step, and goes on where another run stopped.
//
// The disk belongs to an attacker between any two steps. What a run believes:
//
//   - The plan, because people type words of it from their paper at places that
//     are drawn when the run starts, and because it is derived again, byte for
//     byte, from the files that it pins. Of the room (site.yaml) likewise.
//   - What it has read once, at its start. The scene in memory is updated when a
//     file is written; the disk is compared with it, and never believed again.
//   - A key, because a token of this room has it, by its value; or because it is
//     listed in what is signed; or because a person compared its fingerprint.
//   - A transcript only as evidence of where to look. What it says was done is
//     believed by its effect, and consent is asked for again.
//
// One ceremony of a repository runs at a time. A key signs when its custodian has
// agreed to that signature, and no token stays logged in after it. Several keys that
// are made on one token for one custodian, step after step, are one act: the PIN is
// asked for once, and the token is logged out after the last. Without people, where
// PINs lie in files, a token stays open for the run.
package run
