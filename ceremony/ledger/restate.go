package ledger

import (
	"fmt"
	"time"

	"github.com/uptane/keyrite/hsm"
)

// Restate makes the record that says, without a signature, what is known to have been
// signed: the highest version of both witnesses, never a lower one over a higher.
//
//   - hsm.LedgerSeeded: on the token that a key was restored to
//   - hsm.LedgerAdopted: after a ledger was lost, rolled back, forked or damaged
//   - hsm.LedgerRetired: on the token that the key was carried away from
//
// Which of them it is, and that a person has said why, is for the transcript; so is
// the record, as a Signature with its Seq and Record.
func Restate(f Facts, p Place, flag hsm.LedgerFlags, plan [32]byte, now time.Time) (hsm.LedgerRecord, error) {
	if flag != hsm.LedgerSeeded && flag != hsm.LedgerAdopted && flag != hsm.LedgerRetired {
		return hsm.LedgerRecord{}, fmt.Errorf("ledger: flag of a record without a signature; got %#x, want seeded, adopted or retired", uint8(flag))
	}
	if s := supportOf(f.Support, p.Role); !s.Holds {
		return hsm.LedgerRecord{}, fmt.Errorf("ledger: the token keeps none: %s", s.Reason)
	}
	b := read(f, p)
	r, last := p.empty(), highest(b.known)
	r.Flags, r.Time, r.Plan = flag, now.UTC().Truncate(time.Second), plan
	r.Version, r.Signed = last.Version, last.Signed
	r.Seq, r.Previous = b.seq+1, b.last.Record
	if top := b.top(); top != nil && top.Seq >= b.seq {
		r.Seq, r.Previous = top.Seq+1, top.Hash()
	}
	return r, nil
}
