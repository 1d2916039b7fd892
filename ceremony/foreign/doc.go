// Package foreign is signatures by keys that no token here holds: the exact bytes go
// out, and a signature comes in once it is verified.
package foreign
