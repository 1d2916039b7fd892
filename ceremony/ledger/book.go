package ledger

import (
	"cmp"
	"slices"

	"github.com/uptane/keyrite/hsm"
)

// book is what both witnesses say of one place.
type book struct {
	records []hsm.LedgerRecord // intact ones of the place, the highest sequence number first
	others  []hsm.LedgerRecord // intact ones of the key in other places
	damaged []hsm.LedgerObject // what may have been a record of the place
	genesis bool               // the key has one on the token
	known   []Signature        // records and signatures alike
	seq     uint64             // highest sequence number in the workspace
	last    Signature          // the signature with it
}

// read sorts the facts by place.
func read(f Facts, p Place) *book {
	b, empty := &book{}, p.empty()
	genesis := hsm.LedgerRecord{Key: p.Key}.Label()
	label := hsm.LedgerRecord{Key: empty.Key, Repository: empty.Repository, Role: empty.Role, Seq: 1}.Label()
	for _, o := range f.Objects {
		switch r := o.Record; {
		case o.Label == genesis: // damaged or not: it cannot have come from nowhere
			b.genesis = true
		case o.Err != nil && (o.Label == label || r.Same(empty)):
			b.damaged = append(b.damaged, o)
		case o.Err != nil || r.Key != p.Key:
		case r.Same(empty):
			b.records = append(b.records, r)
		default:
			b.others = append(b.others, r)
		}
	}
	slices.SortFunc(b.records, func(x, y hsm.LedgerRecord) int { return cmp.Compare(y.Seq, x.Seq) })
	b.remember(f.Signatures)
	return b
}

// remember joins what the two witnesses know.
func (b *book) remember(signatures []Signature) {
	b.known = slices.Clone(signatures)
	for _, s := range signatures {
		if s.Seq > b.seq {
			b.seq, b.last = s.Seq, s
		}
	}
	for _, r := range b.records {
		b.known = append(b.known, Signature{Version: r.Version, Signed: r.Signed, Time: r.Time, Where: "record on the token", Seq: r.Seq, Record: r.Hash()})
	}
}

// top is the record with the highest sequence number, nil when there is none.
func (b *book) top() *hsm.LedgerRecord {
	if len(b.records) == 0 {
		return nil
	}
	return &b.records[0]
}

// highest is the known signature of the highest version, the latest of several:
// the zero Signature when nothing is known.
func highest(known []Signature) Signature {
	var top Signature
	for _, s := range known {
		if c := cmp.Or(cmp.Compare(s.Version, top.Version), cmp.Compare(s.Seq, top.Seq), s.Time.Compare(top.Time)); c > 0 {
			top = s
		}
	}
	return top
}
