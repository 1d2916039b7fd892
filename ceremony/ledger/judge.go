package ledger

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/hsm"
)

// judge is a request before its verdict.
type judge struct {
	Facts
	Request
	*book
	verdict Verdict
	flags   hsm.LedgerFlags // of the record to make
}

// Judge decides whether the key may sign. An error is a [*Refusal], or says that the
// request is none.
func Judge(f Facts, r Request) (Verdict, error) {
	if r.Role == "" || r.Version < 1 || r.Time.IsZero() {
		return Verdict{}, fmt.Errorf("ledger: request; got role %q, version %d, time %v", r.Role, r.Version, r.Time)
	}
	f.Support = supportOf(f.Support, r.Role)
	r.Time = r.Time.UTC().Truncate(time.Second)
	j := &judge{Facts: f, Request: r, book: read(f, r.Place)}
	for _, rule := range []func(*judge) error{
		(*judge).retired, (*judge).fork, (*judge).damage, (*judge).behind, (*judge).lost, (*judge).repository,
		(*judge).again, (*judge).ahead, (*judge).versions,
	} {
		if err := rule(j); err != nil {
			return Verdict{}, err
		}
	}
	j.conclude()
	return j.verdict, nil
}

// supportOf is a token's support in a role: timestamps of every hour would wear out
// the flash of a card.
func supportOf(s hsm.LedgerSupport, role string) hsm.LedgerSupport {
	if s.Wears && role == "timestamp" {
		return hsm.LedgerSupport{Reason: "records of timestamp would wear out the flash of this card"}
	}
	return s
}

func (j *judge) find(rule Rule, format string, args ...any) {
	j.verdict.Findings = append(j.verdict.Findings, Finding{rule, fmt.Sprintf(format, args...)})
}

// overridable is a refusal, unless a person overrides it and says why.
func (j *judge) overridable(signed int64, r *Refusal) error {
	r.Overridable, r.Signed = true, signed
	o := j.Override
	if o == nil {
		return r
	}
	if strings.TrimSpace(o.Person) == "" || strings.TrimSpace(o.Reason) == "" {
		r.Text += "; an override names a person and a reason"
		return r
	}
	j.verdict.Overridden = true
	j.flags |= hsm.LedgerOverride
	j.find(r.Rule, "%s; overridden by %s: %s", r.Text, o.Person, o.Reason)
	return nil
}

// conclude says what is made before the signature, and destroyed after it.
func (j *judge) conclude() {
	if !j.Support.Holds {
		j.find(NoLedger, "no ledger on this token, the workspace's transcripts alone count: %s", j.Support.Reason)
		return
	}
	v := &j.verdict
	if i := slices.IndexFunc(j.records, func(r hsm.LedgerRecord) bool { return r.Version == j.Version && r.Signed == j.Signed }); i >= 0 {
		v.Record = j.records[i]
	} else {
		v.Record = j.next()
		v.Make = append(v.Make, v.Record)
	}
	if j.Support.Genesis && !j.genesis {
		v.Make = append(v.Make, hsm.LedgerRecord{Time: j.Time, Key: j.Key, Plan: j.Plan})
	}
	for _, r := range j.records {
		if r.Seq < v.Record.Seq {
			v.Destroy = append(v.Destroy, r)
		}
	}
}

// next is the record of this signature.
func (j *judge) next() hsm.LedgerRecord {
	r := j.Place.empty()
	r.Seq, r.Flags, r.Time, r.Plan, r.Version, r.Signed = 1, j.flags, j.Time, j.Plan, j.Version, j.Signed
	if top := j.top(); top != nil {
		r.Seq, r.Previous = top.Seq+1, top.Hash()
	}
	return r
}
