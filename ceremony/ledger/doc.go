// Package ledger decides whether a key may sign, by what it has signed before:
// double-sign protection.
//
// It is pure: what the token holds and what the workspace knows is handed in, and
// the verdict says what is to be done, in which order. [Judge] is for a signature,
// [Restate] for a ledger that is begun again without one.
//
//   - place: one key in one role of one repository; a ledger is kept for each
//   - record: what the token remembers of the last signature in a place
//   - genesis: an object that can never be destroyed, which says that a key has records
//   - sequence number: counts the records of a place; the transcript repeats it
//   - token's ledger, workspace's ledger: the records; the signatures in all transcripts
//   - seeded, adopted, retired: records without a new signature, see [Restate]
//   - override: a person signs in spite of a refusal, and says why
package ledger
