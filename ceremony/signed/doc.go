// Package signed is what is signed now, as it lies in the workspace: read, and held
// against every threshold that it must meet.
//
//   - state: the chain of roots, and the newest file of each other role.
//   - void: a file whose keys a newer root has replaced. It stays until it is signed anew.
//   - lost: a delegated role whose file is of no use to any client, or missing. passed: one
//     whose newer file is of no use, so that the published one stays. Neither stops others.
//   - due: what a server has to sign over what is signed here.
//   - odd: a file that can be looked at, and that nothing may be signed on top of.
package signed
