package policies

import "github.com/uptane/keyrite/roles"

// maxText bounds what a finding quotes, in bytes.
const maxText = 400

// printable makes what a finding quotes harmless and short: it may be metadata of
// an attacker.
func printable(text string) string { return roles.Printable(roles.Cut(text, maxText)) }
