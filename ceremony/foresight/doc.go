// Package foresight says what there will be once a plan has run: for the policies that
// judge it, and for the vehicles that meet it.
//
//   - A subject is a plan at one moment of its ceremony, as policies are asked about it.
//   - A publication is all that a fleet can be served: what was published before, what
//     the plan signs, and what a server and others sign after it.
package foresight
