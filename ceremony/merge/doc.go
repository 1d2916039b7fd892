// Package merge takes in what other sites did of a ceremony, from a stick, and packs
// what this one did: whoever carries it may have changed every byte.
//
//   - What is brought is read whole, held against the plan, against what lies here and,
//     as far as the bytes are known, against the signed bytes, before the first file is
//     written. One thing that is wrong refuses all of it, by name.
//   - A parcel is the files of one site in one file; a frame is a piece of one that fits
//     into a QR code.
package merge
