package ledger

import (
	"crypto/sha256"
	"time"

	"github.com/uptane/keyrite/hsm"
)

var (
	keeps  = hsm.LedgerSupport{Holds: true}
	stays  = hsm.LedgerSupport{Holds: true, Genesis: true}
	none   = hsm.LedgerSupport{Reason: "NSS keeps no data objects"}
	place  = Place{Key: hash("key"), Repository: hash("image"), Role: "root"}
	monday = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
)

func hash(text string) [32]byte { return sha256.Sum256([]byte(text)) }

// record is the record of a signature, after another one.
func record(version int64, bytes string, before ...hsm.LedgerRecord) hsm.LedgerRecord {
	r := place.empty()
	r.Seq, r.Time, r.Plan, r.Version, r.Signed = 1, monday, hash("plan"), version, hash(bytes)
	for _, b := range before {
		r.Seq, r.Previous = b.Seq+1, b.Hash()
	}
	return r
}

// on a token is a record as it is read.
func object(r hsm.LedgerRecord) hsm.LedgerObject {
	return hsm.LedgerObject{Label: r.Label(), Value: r.Encode(), Record: r}
}

func objects(records ...hsm.LedgerRecord) []hsm.LedgerObject {
	var found []hsm.LedgerObject
	for _, r := range records {
		found = append(found, object(r))
	}
	return found
}

// torn is a record that cannot be read.
func torn(r hsm.LedgerRecord) hsm.LedgerObject {
	value := r.Encode()
	value[0] ^= 1
	_, err := hsm.ParseLedgerRecord(value)
	return hsm.LedgerObject{Label: r.Label(), Value: value, Err: err}
}

// told is a signature as its transcript has it.
func told(r hsm.LedgerRecord) Signature {
	return Signature{Version: r.Version, Signed: r.Signed, Time: r.Time, Where: "2026-11-23-image-1", Seq: r.Seq, Record: r.Hash()}
}

// alone is a signature of which no token made a record.
func alone(version int64, bytes string) Signature {
	return Signature{Version: version, Signed: hash(bytes), Time: monday, Where: "2026-11-23-image-1"}
}

func want(version int64, bytes string) Request {
	return Request{Place: place, Version: version, Signed: hash(bytes), Plan: hash("next plan"), Time: monday.AddDate(0, 0, 1)}
}

func in(role string, r Request) Request {
	r.Role = role
	return r
}

func overridden(r Request) Request {
	r.Override = &Override{Person: "Ada", Reason: "the first file had a typing error"}
	return r
}

func elsewhere(r hsm.LedgerRecord) hsm.LedgerRecord {
	r.Repository = hash("director")
	return r
}

func genesis() hsm.LedgerRecord {
	return hsm.LedgerRecord{Key: place.Key, Time: monday, Plan: hash("plan")}
}
