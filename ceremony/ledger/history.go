package ledger

import (
	"slices"

	"github.com/uptane/keyrite/hsm"
)

// The rules of this file are about the two witnesses: whether they tell one
// history. None can be overridden: `ledger adopt` begins a ledger again.

// retired refuses a copy of a key that was given up.
func (j *judge) retired() error {
	if top := j.top(); top != nil && top.Flags&hsm.LedgerRetired != 0 {
		return refuse(Retired, hintAdopt, "this token's copy of the key was retired%s", on(top.Time))
	}
	return nil
}

// fork refuses two histories: two records of one sequence number, a chain that is
// broken between the two highest, or another record in the transcript.
func (j *judge) fork() error {
	top := j.top()
	if top == nil {
		return nil
	}
	chained, before := false, false
	for _, r := range j.records[1:] {
		switch {
		case r.Seq == top.Seq && r != *top:
			return refuse(Fork, hintAdopt, "the token has two records %d: version %d%s, SHA-256 %s; and version %d%s, SHA-256 %s",
				top.Seq, top.Version, on(top.Time), short(top.Signed), r.Version, on(r.Time), short(r.Signed))
		case r.Seq == top.Seq-1:
			before = true
			chained = chained || r.Hash() == top.Previous
		}
	}
	if before && !chained {
		return refuse(Fork, hintAdopt, "record %d of the token does not follow record %d: it names %s as the one before it", top.Seq, top.Seq-1, short(top.Previous))
	}
	if i := slices.IndexFunc(j.Signatures, func(s Signature) bool { return s.Seq == top.Seq && s.Record != top.Hash() }); i >= 0 {
		s := j.Signatures[i]
		return refuse(Fork, hintAdopt, "record %d is another in %s; got version %d%s, SHA-256 %s on the token, want version %d%s, SHA-256 %s",
			top.Seq, s.Where, top.Version, on(top.Time), short(top.Signed), s.Version, on(s.Time), short(s.Signed))
	}
	return nil
}

// damage refuses a record that cannot be read, unless an intact one covers what the
// transcripts say.
func (j *judge) damage() error {
	if len(j.damaged) == 0 {
		return nil
	}
	o := j.damaged[0]
	if top := j.top(); top != nil && top.Seq >= j.seq {
		j.find(Damaged, "%d damaged records on the token beside record %d, which is intact: %v", len(j.damaged), top.Seq, o.Err)
		return nil
	}
	return refuse(Damaged, hintAdopt, "%d damaged records on the token, and no intact one of number %d or later: %v", len(j.damaged), max(j.seq, 1), o.Err)
}

// behind refuses a token that was rolled back or restored.
func (j *judge) behind() error {
	if top := j.top(); top != nil && top.Seq < j.seq {
		return refuse(Behind, hintAdopt, "the token was rolled back or restored: %s has record %d (version %d%s); got record %d (version %d%s) as the last on the token",
			j.last.Where, j.seq, j.last.Version, on(j.last.Time), top.Seq, top.Version, on(top.Time))
	}
	return nil
}

// lost refuses a token without a record, if anything says that there was one. An
// older key gets its first record; a new one has nothing to remember.
func (j *judge) lost() error {
	if j.top() != nil {
		return nil
	}
	if j.seq > 0 {
		return refuse(Lost, hintAdopt, "the token's ledger is lost: %s has record %d (version %d%s); got none on the token%s",
			j.last.Where, j.seq, j.last.Version, on(j.last.Time), j.because())
	}
	witness := j.Evidence
	if j.genesis {
		witness = "an object on the token that cannot be destroyed"
	}
	if witness != "" && len(j.others) == 0 {
		return refuse(Lost, hintAdopt, "the token's ledger is lost: %s says that the key has one; got no record on the token%s", witness, j.because())
	}
	if j.Support.Holds && (len(j.Signatures) > 0 || j.Older && len(j.others) == 0) {
		j.flags |= hsm.LedgerSeeded
		j.find(Seeded, "the token remembers nothing of this key, which is older than its ledger: it begins with version %d, after version %d in the transcripts", j.Version, highest(j.Signatures).Version)
	}
	return nil
}

// because says why a token has no ledger.
func (j *judge) because() string {
	if j.Support.Reason == "" {
		return ""
	}
	return ", which keeps no ledger: " + j.Support.Reason
}

// repository refuses a key that signs for another repository, unless it is shared.
func (j *judge) repository() error {
	if j.Shared || len(j.known) > 0 {
		return nil
	}
	const hint = "use a key of this repository, or declare in trust.yaml that both share it"
	for _, r := range j.others {
		if r.Repository != j.Repository {
			return refuse(OtherRepository, hint, "the key never signed for this repository, and signed for another%s; got repository %s, want %s",
				on(r.Time), short(j.Repository), short(r.Repository))
		}
	}
	if len(j.Elsewhere) > 0 {
		return refuse(OtherRepository, hint, "the key never signed for this repository, and signed for %s", j.Elsewhere[0])
	}
	return nil
}
