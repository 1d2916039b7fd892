// Package kits says which emergency kits there are, and how each stands against what is
// declared and signed now.
//
//   - absent: a kit that is kept elsewhere; the ceremony that sealed it is known here, and
//     no root was signed in its place.
//   - due: the day by which it is to be sealed anew.
package kits
