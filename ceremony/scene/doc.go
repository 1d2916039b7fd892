// Package scene is one moment of one repository, read once: what is declared, what
// is signed, and what follows from both.
//
//   - The keyring knows public keys by name, with stand-ins for those that have yet
//     to be generated.
//   - A draft is a file before it is signed: the content that trust.yaml asks for,
//     and the exact bytes.
//   - A quorum is a threshold that the signatures of one file must meet.
//   - Others are who sign delegated files of which no key is at a site: suppliers.
//   - A voucher is how it is known that a key which enters a role is the one that is meant.
//   - A room here is what a plan knows of the place that it is made in: which keys
//     are at hand.
package scene
