// Package plan is plan.yaml: one ceremony as people review it, and whoever runs it reads it.
//
//   - A request is what people ask a plan for; a plan repeats it.
//   - A plan pins the files that it was derived from, and is a claim: package derive
//     derives it again from them.
//   - A step is one numbered part: generate, review, sign, write, verify, seal, destroy.
//   - A notice is what vehicles notice, or a server does, of a file that is published.
package plan
