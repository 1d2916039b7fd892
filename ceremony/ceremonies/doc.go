// Package ceremonies knows the folders of ceremonies, and what those that were held
// have signed.
//
//   - The past is the workspace's ledger: the last lines of transcripts say which
//     versions were signed.
//   - A site writes what it does of a ceremony into a folder of its own.
package ceremonies
