// Package ceremony is the plan of a house of small packages: how people hold a
// key ceremony. It holds no code. Each package has one sentence, and imports
// only from lower floors; make house draws them.
//
// The words that are used throughout:
//
//   - plan: one ceremony, derived from trust.yaml and what is signed, reviewed
//     and hashed before it is run.
//   - step: one numbered part of a plan: generate, review, sign, write or seal,
//     verify, destroy.
//   - kit: the next root, sealed for an emergency: signed by fewer than it needs.
//   - scene: one moment of one repository, read once: what is declared, what is
//     signed, and what follows from both.
//   - foresight: what there will be once a plan has run, for policies and vehicles.
//   - candidate: a file that was built from a scene and linted.
//   - reviewed: a candidate that the policy lets pass and that was shown; it may
//     be signed.
//   - custody: whose token holds a private key, and what was done with it.
//   - desk: who sits in which part of a ceremony, and what people tell beside their
//     answers.
//   - room: the workspace, the people at the terminal and the clock of one
//     process.
//   - paper: what people hold in words, where nobody with the disk can change it.
package ceremony
