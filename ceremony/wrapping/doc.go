// Package wrapping lets a private key leave its token wrapped, and come back onto
// another: the wrapping key that several custodians bring, in components or in shares,
// the backup, and what is restored of it.
package wrapping
