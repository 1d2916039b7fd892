// The ledger that a token keeps of its signatures: the second witness, beside the
// transcripts of the workspace, that a key never signs two files of one version.
// What it means is not for this package; how a record is made safely is:
//
//	records, err := token.Ledger(ctx)                 // after a fresh login
//	err = token.CreateLedgerRecords(ctx, next)        // made and read back, else no signature
//	signature, err := key.Sign(ctx, message)          // then its transcript is made durable
//	err = token.DestroyLedgerRecords(ctx, superseded) // in a helper of its own
//
// A record is never changed in place: C_SetAttributeValue is refused by one
// module, writes the previous value in another, and is not atomic in two.

package hsm

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
)

// LedgerObject is an object of the ledger, intact or not.
type LedgerObject struct {
	Label  string // CKA_LABEL
	Value  []byte // CKA_VALUE
	Record LedgerRecord
	Err    error // why Value under this label is no record, nil when it is one
}

// Ledger returns every object of the ledger, of all keys, in no particular order: as
// this token's helper saw it last, which looks once, and whenever it has made or
// destroyed a record. What another program makes after that look, past keyrite's lock,
// is seen when the next record is read back, if the module shows it: SoftHSM does not
// once it has made an object itself, tpm2-pkcs11 never. It refuses with ErrUnsupported where TokenInfo.Ledger says that
// the token holds none.
func (t *Token) Ledger(ctx context.Context) ([]LedgerObject, error) {
	if support := t.info.Ledger(); !support.Holds {
		return nil, t.process.errorf(ErrUnsupported, "a ledger; %s", support.Reason)
	}
	if t.ledger == nil {
		if err := t.look(ctx); err != nil {
			return nil, err
		}
	}
	return slices.Clone(t.ledger), nil
}

// look has the helper look at the ledger.
func (t *Token) look(ctx context.Context) error {
	found, err := call[wireLedger](ctx, t.process, t.process.module.timeout(), "ledger", lookArgs{Known: t.ledger != nil}, nil)
	if err != nil {
		return err
	}
	if found.All {
		t.ledger = []LedgerObject{}
	}
	for _, w := range found.Objects {
		t.ledger = append(t.ledger, newLedgerObject(printable(w.Label), w.Value))
	}
	return nil
}

// newLedgerObject judges what was found under a label.
func newLedgerObject(label string, value []byte) LedgerObject {
	o := LedgerObject{Label: label, Value: value}
	o.Record, o.Err = ParseLedgerRecord(value)
	if o.Err == nil && o.Record.Label() != label {
		o.Err = newError("", "", ErrLedger, "a record under another's label; got %q, want %q", label, o.Record.Label())
	}
	return o
}

// CreateLedgerRecords makes records of one key, among them its genesis, and reads the
// ledger back. After an error they may be on the token, and nothing may be signed. One
// that is not found as it was made, or beside another of the same or a later sequence
// number, is destroyed, and the error is ErrLedger; so it is when the ledger of the key
// is not what Ledger returned before and these records.
func (t *Token) CreateLedgerRecords(ctx context.Context, made ...LedgerRecord) error {
	before, err := t.Ledger(ctx)
	if err != nil {
		return err
	}
	for _, r := range made {
		if _, err := afresh[none](ctx, t, t.process.module.timeout(), "record", none{}, r.Encode()); err != nil {
			return err
		}
	}
	if err := t.look(ctx); err != nil {
		return err
	}
	for _, r := range made {
		reason := wrongReadBack(t.ledger, r)
		if reason == "" && hasChanged(before, t.ledger, made) {
			reason = "is not all that has changed in the ledger of its key since that was read"
		}
		if reason != "" {
			return t.unmake(ctx, r, reason)
		}
	}
	return nil
}

// unmake destroys a record for a reason. A genesis stays for ever.
func (t *Token) unmake(ctx context.Context, r LedgerRecord, reason string) error {
	if r.Genesis() {
		return t.ledgerError(reason)
	}
	if err := t.destroyRecord(ctx, r); err != nil {
		return t.ledgerError(reason + "; destroying it failed: " + err.Error())
	}
	return t.ledgerError(reason + "; it was destroyed")
}

func (t *Token) ledgerError(reason string) error {
	return t.process.errorf(ErrLedger, "the new record %s", reason)
}

// wrongReadBack says what is wrong with the ledger after r was made, "" when
// nothing is.
func wrongReadBack(objects []LedgerObject, r LedgerRecord) string {
	same, encoded := 0, r.Encode()
	for _, o := range objects {
		switch {
		case bytes.Equal(o.Value, encoded):
			same++
		case o.Err == nil && o.Record.Same(r) && o.Record.Seq >= r.Seq:
			return "is not the only one of its sequence number or after it"
		}
	}
	switch same {
	case 0:
		return "is not found as it was made"
	case 1:
		return ""
	}
	return "is there more than once"
}

// hasChanged reports whether the ledger of the key of the records that were made has
// changed by more than these.
func hasChanged(before, after []LedgerObject, made []LedgerRecord) bool {
	count := map[string]int{}
	add := func(n int, objects ...LedgerObject) {
		for _, o := range objects {
			if o.of(made[0].Key) {
				count[o.Label+"\x00"+string(o.Value)] += n
			}
		}
	}
	for _, r := range made {
		add(1, newLedgerObject(r.Label(), r.Encode()))
	}
	add(1, before...)
	add(-1, after...)
	for _, n := range count {
		if n != 0 {
			return true
		}
	}
	return false
}

// of reports whether the object is one of a key, intact or not.
func (o LedgerObject) of(key [32]byte) bool {
	return o.Record.Key == key || strings.Contains(o.Label+" ", fmt.Sprintf(" %x ", key[:8]))
}

// DestroyLedgerRecords destroys records by their full value, in a helper that has
// made nothing. It refuses with ErrUsage to destroy one without a successor on the
// token. One that is gone already is no error.
func (t *Token) DestroyLedgerRecords(ctx context.Context, superseded []LedgerRecord) error {
	if len(superseded) == 0 {
		return nil
	}
	objects, err := t.Ledger(ctx)
	if err != nil {
		return err
	}
	for _, r := range superseded {
		if !slices.ContainsFunc(objects, func(o LedgerObject) bool {
			return o.Err == nil && o.Record.Same(r) && o.Record.Seq > r.Seq
		}) {
			return t.process.errorf(ErrUsage, "record %d of the ledger has no successor on the token, and is not destroyed", r.Seq)
		}
		if err := t.destroyRecord(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// destroyRecord destroys a record by its full value.
func (t *Token) destroyRecord(ctx context.Context, r LedgerRecord) error {
	_, err := afresh[int](ctx, t, t.process.module.timeout(), "destroyrecord", none{}, r.Encode())
	t.ledger = nil
	return err
}
