// Package derive makes the plan of a ceremony from what is declared and what is signed.
//
//   - A plan follows from a scene, a request, and what past ceremonies signed: the
//     same three make the same bytes, so that whoever runs a plan can derive it
//     again.
//   - The past is the workspace's ledger: the last lines of transcripts say which
//     versions were signed. None is signed again, and nothing that was put in
//     place is begun anew.
package derive
