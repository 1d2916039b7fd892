// Package custody is private keys on tokens: open, make, attest, back up, restore.
package custody
