// Package review is the only maker of something that may be signed.
//
//   - A candidate is a file that was built from a scene and linted: its exact
//     bytes were signed with a throwaway key, read back, and say what was meant.
//   - Reviewed is a candidate that the policy lets pass and that was shown. It
//     holds the exact public keys that may sign it and count.
//   - Agreed is the consent to one signature, of one reviewed file by one key.
//     Only Agreed can sign.
package review
