// Package custody is private keys on tokens: open, make, attest, adopt, destroy.
package custody
