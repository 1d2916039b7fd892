// Package theft says what stolen and lost keys mean for a repository as it is signed now:
// what a thief can do and until when, who is left, and the least rotation that ends it,
// which it writes into trust.yaml for those who want it.
//
//   - stolen: somebody else may have the key. lost: nobody can sign with it.
//   - power: what a thief can do with the keys that he has, and until when.
//   - rotation: the roles in which keys are replaced, and those that go with them.
package theft
