// Package custody is private keys on tokens: open, make, attest, adopt, destroy.
//
//   - To adopt a key is to make its lost record again; to adopt a ledger, to begin that of
//     a key again after token or disk were restored.
package custody
