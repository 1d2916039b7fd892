package ledger

import (
	"fmt"
	"time"

	"github.com/uptane/keyrite/hsm"
)

// Rule names a rule, in findings and refusals.
type Rule string

// Every rule.
const (
	NoLedger        Rule = "LEDGER-NONE"             // the token cannot keep one
	SignAgain       Rule = "LEDGER-AGAIN"            // the same bytes were signed before
	OtherBytes      Rule = "LEDGER-OTHER-BYTES"      // the version was signed with other bytes
	LowerVersion    Rule = "LEDGER-LOWER-VERSION"    // a higher version was signed
	SkippedVersion  Rule = "LEDGER-SKIPPED-VERSION"  // versions between the last one and this
	Fork            Rule = "LEDGER-FORK"             // two histories
	Behind          Rule = "LEDGER-BEHIND"           // the token knows less than the transcript
	Ahead           Rule = "LEDGER-AHEAD"            // the token knows more than the transcript
	Lost            Rule = "LEDGER-LOST"             // there was a record, and there is none
	Seeded          Rule = "LEDGER-SEEDED"           // an older key gets its first record
	Damaged         Rule = "LEDGER-DAMAGED"          // a record cannot be read
	OtherRepository Rule = "LEDGER-OTHER-REPOSITORY" // the key signs for another repository
	Retired         Rule = "LEDGER-RETIRED"          // this copy of the key signs no more
)

// Finding is what people are told, and what the transcript keeps.
type Finding struct {
	Rule Rule
	Text string
}

// Verdict says that the key may sign, and what has to be done around it.
type Verdict struct {
	Again      bool      // these bytes were signed before
	Overridden bool      // a rule refused, and a person's override counted
	Findings   []Finding // to be shown and kept

	// Record covers the signature: its Seq and Hash go into the transcript. It is zero
	// where the token keeps no ledger.
	Record hsm.LedgerRecord

	// Make are the records to make before the key signs, in this order. An error means
	// no signature.
	Make []hsm.LedgerRecord

	// Destroy are the records to destroy when the transcript, with the signature, is
	// durable.
	Destroy []hsm.LedgerRecord
}

// Refusal is why a key does not sign.
type Refusal struct {
	Rule        Rule
	Text        string // what differs
	Hint        string // what a person can do
	Overridable bool   // whether an Override counts
	Signed      int64  // the version that was signed already, where one was
	Adoptable   bool   // whether Restate settles it
}

// Error says what differs.
func (r *Refusal) Error() string { return r.Text }

func refuse(rule Rule, hint, format string, args ...any) *Refusal {
	return &Refusal{Rule: rule, Text: fmt.Sprintf(format, args...), Hint: hint, Adoptable: hint == hintAdopt}
}

// What a person can do.
const (
	hintOverride = "compare the two files"
	hintAdopt    = "make sure that no other copy of the key signs, then have its ledger begin again"
	hintFetch    = "fetch the transcript of the ceremony that signed it, here or at the other site"
)

// short is a hash as people compare it at a glance.
func short(hash [32]byte) string { return fmt.Sprintf("%x…", hash[:6]) }

// on says when, for people.
func on(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return " on " + t.UTC().Format(time.DateOnly)
}
