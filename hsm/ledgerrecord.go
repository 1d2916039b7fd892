// A record of the ledger that a token keeps of its signatures: one fixed form of
// 256 bytes, big-endian, each of which is read strictly.
//
//	0    "KRL1"
//	4    layout, 1
//	5    flags
//	6    length, 256
//	8    sequence number
//	16   Unix time
//	24   SHA-256 of the key's SubjectPublicKeyInfo
//	56   id of the repository
//	88   SHA-256 of the role's name
//	120  version of the metadata
//	128  SHA-256 of the signed bytes
//	160  SHA-256 of the record before this one
//	192  SHA-256 of the plan
//	224  SHA-256 of bytes 0 to 223

package hsm

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"
)

// LedgerRecordBytes is the length of an encoded record.
const LedgerRecordBytes = 256

const (
	ledgerMagic  = "KRL1"
	ledgerLayout = 1
	ledgerSummed = LedgerRecordBytes - sha256.Size // bytes under the checksum
)

// LedgerFlags say why a record is there, where it is not for a plain signature.
type LedgerFlags uint8

// Every flag.
const (
	LedgerSeeded   LedgerFlags = 1 << iota // begun from what the workspace knew
	LedgerAdopted                          // begun again after a loss
	LedgerOverride                         // a person overrode a refusal
	LedgerRetired                          // this copy of the key signs no more
	ledgerAllFlags = 1<<iota - 1
)

// LedgerRecord is the last signature of one key in one role of one repository, as
// its token remembers it. The record with sequence number 0 is the genesis of a
// key: it says that the key has a ledger, and of no signature.
type LedgerRecord struct {
	Flags      LedgerFlags
	Seq        uint64    // 1 for the first record, then one more for each
	Time       time.Time // UTC, whole seconds
	Key        [32]byte  // SHA-256 of the SubjectPublicKeyInfo, DER
	Repository [32]byte  // id of the repository, from trust.yaml
	Role       [32]byte  // SHA-256 of the role's name
	Version    int64     // of the metadata; 0 when nothing is known to have been signed
	Signed     [32]byte  // SHA-256 of the signed bytes
	Previous   [32]byte  // SHA-256 of the record before, all zeros when there is none
	Plan       [32]byte  // SHA-256 of the plan
}

// Genesis reports whether the record is the genesis of a key.
func (r LedgerRecord) Genesis() bool { return r.Seq == 0 }

// Same reports whether both records are of one key, repository and role.
func (r LedgerRecord) Same(o LedgerRecord) bool {
	return r.Key == o.Key && r.Repository == o.Repository && r.Role == o.Role
}

// Label returns CKA_LABEL: a record is found by it, and believed by its value.
func (r LedgerRecord) Label() string {
	if r.Genesis() {
		return fmt.Sprintf("%s%x", genesisPrefix, r.Key[:8])
	}
	place := sha256.Sum256(append(r.Repository[:], r.Role[:]...))
	return fmt.Sprintf("%s%x %x", ledgerPrefix, r.Key[:8], place[:8])
}

// The beginnings of labels.
const (
	ledgerPrefix  = "keyrite-ledger/1 "
	genesisPrefix = "keyrite-genesis/1 "
)

// Encode returns the 256 bytes of the record.
func (r LedgerRecord) Encode() []byte {
	b := make([]byte, 0, LedgerRecordBytes)
	b = append(b, ledgerMagic...)
	b = append(b, ledgerLayout, byte(r.Flags))
	b = binary.BigEndian.AppendUint16(b, LedgerRecordBytes)
	b = binary.BigEndian.AppendUint64(b, r.Seq)
	b = binary.BigEndian.AppendUint64(b, uint64(r.Time.Unix()))
	b = append(append(append(b, r.Key[:]...), r.Repository[:]...), r.Role[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(r.Version))
	b = append(append(append(b, r.Signed[:]...), r.Previous[:]...), r.Plan[:]...)
	sum := sha256.Sum256(b)
	return append(b, sum[:]...)
}

// Hash returns the SHA-256 of the whole record, which its successor and the
// transcript name it by.
func (r LedgerRecord) Hash() [32]byte { return sha256.Sum256(r.Encode()) }

// ParseLedgerRecord reads a record. It takes nothing that Encode does not write,
// and no record that could not have come to be.
func ParseLedgerRecord(b []byte) (LedgerRecord, error) {
	if len(b) != LedgerRecordBytes {
		return LedgerRecord{}, fmt.Errorf("ledger record; got %d bytes, want %d", len(b), LedgerRecordBytes)
	}
	if got, want := sha256.Sum256(b[:ledgerSummed]), b[ledgerSummed:]; !bytes.Equal(got[:], want) {
		return LedgerRecord{}, fmt.Errorf("ledger record: checksum; got %x, want %x", got[:4], want[:4])
	}
	head := append([]byte(ledgerMagic), ledgerLayout, b[5], LedgerRecordBytes>>8, LedgerRecordBytes&0xff)
	if !bytes.Equal(b[:8], head) {
		return LedgerRecord{}, fmt.Errorf("ledger record: head; got %x, want %x", b[:8], head)
	}
	number := func(at int) uint64 { return binary.BigEndian.Uint64(b[at:]) }
	r := LedgerRecord{
		Flags: LedgerFlags(b[5]), Seq: number(8), Time: time.Unix(int64(number(16)), 0).UTC(),
		Key: [32]byte(b[24:]), Repository: [32]byte(b[56:]), Role: [32]byte(b[88:]),
		Version: int64(number(120)), Signed: [32]byte(b[128:]), Previous: [32]byte(b[160:]), Plan: [32]byte(b[192:]),
	}
	return r, r.check()
}

// lastTime is the last second of the year 9999.
const lastTime = 253402300799

// check refuses a record that could not have come to be.
func (r LedgerRecord) check() error {
	var zero [32]byte
	unix := r.Time.Unix()
	switch {
	case unix < 0 || unix > lastTime:
		return fmt.Errorf("ledger record: time; got %d, want 0 to %d", unix, lastTime)
	case r.Key == zero:
		return errors.New("ledger record: it names no key")
	case r.Genesis():
		return r.checkGenesis()
	case r.Flags&^ledgerAllFlags != 0:
		return fmt.Errorf("ledger record: flags; got %#x, want none but %#x", uint8(r.Flags), ledgerAllFlags)
	case r.Seq > math.MaxInt64:
		return fmt.Errorf("ledger record: sequence number; got %d, want at most %d", r.Seq, int64(math.MaxInt64))
	case r.Repository == zero || r.Role == zero:
		return errors.New("ledger record: it names no repository or no role")
	case r.Version < 0 || (r.Version == 0) != (r.Signed == zero):
		return fmt.Errorf("ledger record: version %d with signed bytes %x", r.Version, r.Signed[:4])
	case r.Version == 0 && r.Flags == 0:
		return errors.New("ledger record: version; got 0, want that of a signature")
	case r.Seq == 1 && r.Previous != zero:
		return errors.New("ledger record: the first one names one before it")
	}
	return nil
}

// checkGenesis refuses a genesis that says more than that a key has a ledger.
func (r LedgerRecord) checkGenesis() error {
	if r != (LedgerRecord{Time: r.Time, Key: r.Key, Plan: r.Plan}) {
		return errors.New("ledger record: sequence number; got 0, want at least 1 for a signature")
	}
	return nil
}
