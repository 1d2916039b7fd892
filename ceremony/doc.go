// Package ceremony is the plan of a house of small packages: how people hold a
// key ceremony. It holds no code. Each package has one sentence, and imports
// only from lower floors:
//
//	9  run
//	8  audit
//	7  plan, carry
//	6  signed, custody, preflight
//	5  workspace
//	4  images, bundle, transcript
//	3  disk, strict, prompt
//	2  digest, fault
//	1  words
//
// The words that are used throughout:
//
//   - plan: one ceremony, derived from trust.yaml and what is signed, reviewed
//     and hashed before it is run.
//   - step: one numbered part of a plan: generate, review, sign, write, verify,
//     destroy.
//   - reviewed: bytes that may be signed, since they were built, checked, shown
//     and agreed to.
//   - custody: whose token holds a private key, and what was done with it.
package ceremony
