package policies

import (
	"fmt"
	"slices"
	"strings"
)

// Severity says what a finding means for a ceremony.
type Severity string

const (
	Error   Severity = "error"   // refuses the ceremony, unless waived
	Warning Severity = "warning" // best practice is not followed
	Note    Severity = "note"    // worth knowing
)

// Custody says where the keys of a role are kept.
type Custody string

const (
	Any     Custody = "any"
	Online  Custody = "online"  // with a service that signs by itself
	Offline Custody = "offline" // on tokens, out of the repository's reach
)

// Permission allows or forbids.
type Permission string

const (
	Allowed   Permission = "allowed"
	Forbidden Permission = "forbidden"
)

// Need says whether something has to be there.
type Need string

const (
	Optional Need = "optional"
	Wanted   Need = "wanted"
)

// Verdict is what a policy thinks of a type of key.
type Verdict string

const (
	Taken       Verdict = "taken"
	Discouraged Verdict = "discouraged" // a warning
	Refused     Verdict = "refused"     // an error
)

// The words of each kind, the laxest first.
var (
	severities  = []string{string(Note), string(Warning), string(Error)}
	custodies   = []string{string(Any), string(Online), string(Offline)}
	permissions = []string{string(Allowed), string(Forbidden)}
	needs       = []string{string(Optional), string(Wanted)}
	verdicts    = []string{string(Taken), string(Discouraged), string(Refused)}
)

// UnmarshalText refuses every other word.
func (s *Severity) UnmarshalText(text []byte) error { return oneOf(s, severities, text) }

// UnmarshalText refuses every other word.
func (c *Custody) UnmarshalText(text []byte) error { return oneOf(c, custodies, text) }

// UnmarshalText refuses every other word.
func (p *Permission) UnmarshalText(text []byte) error { return oneOf(p, permissions, text) }

// UnmarshalText refuses every other word.
func (n *Need) UnmarshalText(text []byte) error { return oneOf(n, needs, text) }

// UnmarshalText refuses every other word.
func (v *Verdict) UnmarshalText(text []byte) error { return oneOf(v, verdicts, text) }

func oneOf[W ~string](into *W, words []string, text []byte) error {
	if !slices.Contains(words, string(text)) {
		return fmt.Errorf("want one of %s", strings.Join(words, ", "))
	}
	*into = W(text)
	return nil
}
