// Package policies holds what is allowed: the Uptane Standard and the Uptane
// Deployment Best Practices as checks that stop a bad ceremony before a key is
// touched.
//
// A [Policy] is made from a preset, possibly tightened or, in somebody's name
// and for a reason, loosened by a [Document]. It checks a [Subject]: what is
// signed now, what would be signed next, and what is known of the keys and the
// people. The same checks run in `plan`, in `run` immediately before signing,
// and on finished bundles and other tools' metadata, where fewer facts are
// known; a check that lacks its facts says so and never passes silently.
//
// Every check has a stable id and cites the clauses that it stands for
// (clauses.go). A SHALL that is broken is an error, a SHOULD a warning, a MAY a
// note, except where the check says why it is stricter.
//
// The package is pure: it opens no file, reads no clock and knows no terminal.
package policies
