// What one token can do for keyrite, in sentences: the answer to "is this the token
// that I should take?".

package hsm

import (
	"slices"
	"strings"
)

// Fact is one line of Report.Facts.
type Fact struct{ Label, Text string }

// Facts are what is known of one token without a login, its abilities last.
func (r Report) Facts() []Fact {
	t := r.Token
	facts := []Fact{
		{"token", r.Name + ": label " + t.Label + ", serial " + t.Serial},
		{"is", t.Model + " of " + t.Manufacturer + ", firmware " + t.Firmware + ", behind module " + t.Module},
		{"PIN", t.pinFact()},
	}
	if t.WriteProtected {
		facts = append(facts, Fact{"state", "write-protected: keys can be used, and neither made nor destroyed"})
	}
	return append(facts, Fact{"can", strings.Join([]string{r.Capabilities.keysFact(), t.measured().evidence.fact(), t.ledgerFact(), r.Capabilities.backupFact()}, " ")})
}

func (t TokenInfo) pinFact() string {
	length := t.PINLength("character")
	switch {
	case !t.LoginRequired:
		return "the token wants none"
	case t.ProtectedPath:
		return "typed on the token; state " + string(t.UserPIN)
	case length == "":
		length = "of a length that the token does not say"
	}
	return length + "; state " + string(t.UserPIN)
}

// keysFact says which key types the token makes, and which it only signs with.
func (c Capabilities) keysFact() string {
	var makes, signs, unclear []string
	for _, k := range c.Keys {
		switch {
		case k.Unclear != "":
			unclear = append(unclear, string(k.Type))
		case k.Generate && k.Sign != "":
			makes = append(makes, string(k.Type))
		case k.Sign != "":
			signs = append(signs, string(k.Type))
		}
	}
	var parts []string
	for _, part := range []struct {
		before string
		types  []string
	}{{"makes keys and signs with ", makes}, {"only signs with ", signs}, {"may make keys and sign with ", unclear}} {
		if part.types != nil {
			parts = append(parts, part.before+and(part.types))
		}
	}
	if parts == nil {
		return "It has no key type that keyrite signs with."
	}
	return "It " + strings.Join(parts, "; it ") + "."
}

func and(list []string) string {
	if len(list) == 1 {
		return list[0]
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}

// evidenceKind is what was measured of a module: what its tokens say of a key.
type evidenceKind int

const (
	unmeasuredEvidence evidenceKind = iota
	fixedEvidence                   // it is true, and nobody can change it
	changeableEvidence              // by whoever has the PIN
	noneEvidence                    // it does not say that it made a key
)

func (e evidenceKind) fact() string {
	return [...]string{
		unmeasuredEvidence: "Whether it gives evidence of its keys shows when the first one is made.",
		fixedEvidence:      "What it says of a key is evidence that nobody can change.",
		changeableEvidence: "What it says of a key can be changed by whoever has the PIN, so it is weak evidence.",
		noneEvidence:       "It gives no evidence of its keys: only roles whose policy wants none take them.",
	}[e]
}

func (t TokenInfo) ledgerFact() string {
	switch l := t.Ledger(); {
	case l.Holds && l.Wears:
		return "It remembers what its keys signed, but for timestamps, since its flash wears."
	case l.Holds:
		return "It remembers what its keys signed."
	default:
		return "It remembers nothing of what its keys signed (" + l.Reason + ")."
	}
}

// backupFact says whether a key can leave the token, wrapped.
func (c Capabilities) backupFact() string {
	for _, m := range wrapMechanisms {
		if slices.Contains(c.Mechanisms, mechanismName(m)) {
			return "Keys that are made for it can leave it for a backup, wrapped."
		}
	}
	return "No key can leave it for a backup."
}
