package ledger

import (
	"crypto/sha256"
	"time"

	"github.com/uptane/keyrite/hsm"
)

// Place is where a key signs: what one ledger is kept of.
type Place struct {
	Key        [32]byte // SHA-256 of the SubjectPublicKeyInfo, DER
	Repository [32]byte // id of the repository, from trust.yaml
	Role       string   // name of the role, "root"
}

// empty is a record of the place that says nothing yet.
func (p Place) empty() hsm.LedgerRecord {
	return hsm.LedgerRecord{Key: p.Key, Repository: p.Repository, Role: sha256.Sum256([]byte(p.Role))}
}

// Signature is one that the workspace knows of.
type Signature struct {
	Version int64     // of the metadata
	Signed  [32]byte  // SHA-256 of the signed bytes
	Time    time.Time // of the signature, zero when it is not known
	Where   string    // what says so, for people: a ceremony, a file
	Seq     uint64    // of the token's record, 0 when none was made
	Record  [32]byte  // hash of the token's record
}

// Facts are what the two witnesses say.
type Facts struct {
	Support hsm.LedgerSupport  // of the token that is to sign
	Objects []hsm.LedgerObject // all that are on it; of other keys too

	// Signatures are those of the key in the place, and the records that were made
	// there without one: from all transcripts. At least the highest versions, all of the
	// requested version and the one with the highest Seq have to be among them.
	Signatures []Signature
	Published  Signature // highest version of the role that is known, whoever signed it
	Elsewhere  []string  // other repositories that the key signed for, by the transcripts
	Evidence   string    // what else says that the key has a ledger, such as its record; "" for nothing

	Older  bool // the key was imported or restored, or made before there were ledgers
	Shared bool // trust.yaml has the key sign for several repositories
}

// Request is the signature that is wanted.
type Request struct {
	Place
	Version  int64    // of the metadata
	Signed   [32]byte // SHA-256 of the bytes to sign
	Plan     [32]byte // SHA-256 of the plan
	Time     time.Time
	Override *Override // nil for none
}

// Override is what a person says who wants a signature in spite of a refusal.
type Override struct {
	Person string
	Reason string
}
