// Package theft says what stolen and lost keys mean for a repository as it is signed now:
// what a thief can do and until when, who is left, and the least rotation that ends it,
// which it writes into trust.yaml for those who want it.
package theft
