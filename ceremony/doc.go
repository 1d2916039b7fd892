// Package ceremony is the plan of a house of small packages: how people hold a
// key ceremony. It holds no code. Each package has one sentence, and imports
// only from lower floors:
//
//	8  run
//	7  audit
//	6  plan, carry
//	5  signed, custody, preflight
//	4  workspace
//	3  images, bundle, transcript
//	2  disk, strict, prompt
//	1  fault, words, cores
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
