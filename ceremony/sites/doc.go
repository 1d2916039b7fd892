// Package sites reads what other sites did of a ceremony, from their folders, and
// believes none of it: a key counts once people have compared its words, a signature
// once it is verified over the bytes that were reviewed here.
//
//   - A part is what one site did: the public records of keys that it made, its
//     signatures, and the transcript that says so.
//   - Which steps are whose, the plan says: what a part holds beyond its steps is
//     refused by name.
package sites
