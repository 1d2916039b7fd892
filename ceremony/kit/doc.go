// Package kit is the sealed emergency kit: the next root, signed by fewer than it needs,
// in one file.
//
//   - sealed: the signatures of a kit reach no threshold, so that no vehicle takes its
//     root, and nobody who steals the file can publish anything.
//   - complete: add the missing signatures in a ceremony, over the very same bytes.
//   - words: those of the file's hash. They are on the paper that lies with it.
//   - misfit: why a kit cannot be completed, or soon cannot: it is stale then. One that
//     cannot be judged may be good, and is kept.
package kit
