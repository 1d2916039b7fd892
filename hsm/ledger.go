// The ledger that a token keeps of its signatures: the second witness, beside the
// transcripts of the workspace, that a key never signs two files of one version.
// What it means is not for this package; how a record is made safely is:
//
//	records, err := token.Ledger(ctx)                 // after a fresh login
//	err = token.CreateLedgerRecord(ctx, next)         // made and read back, else no signature
//	signature, err := key.Sign(ctx, message)          // then its transcript is made durable
//	err = token.DestroyLedgerRecords(ctx, superseded) // in a helper of its own
//
// A record is never changed in place: C_SetAttributeValue is refused by one
// module, writes the previous value in another, and is not atomic in two.

package hsm

import (
	"bytes"
	"context"
	"slices"
)

// LedgerObject is an object of the ledger, intact or not.
type LedgerObject struct {
	Label  string // CKA_LABEL
	Value  []byte // CKA_VALUE
	Record LedgerRecord
	Err    error // why Value under this label is no record, nil when it is one
}

// Ledger reads every object of the ledger, of all keys, in no particular order. It
// refuses with ErrUnsupported where TokenInfo.Ledger says that the token holds none.
func (t *Token) Ledger(ctx context.Context) ([]LedgerObject, error) {
	if support := t.info.Ledger(); !support.Holds {
		return nil, t.process.errorf(ErrUnsupported, "a ledger; %s", support.Reason)
	}
	found, err := call[[]wireLedgerObject](ctx, t.process, t.process.module.timeout(), "ledger", none{}, nil)
	if err != nil {
		return nil, err
	}
	objects := make([]LedgerObject, len(found))
	for i, w := range found {
		objects[i] = newLedgerObject(printable(w.Label), w.Value)
	}
	return objects, nil
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

// CreateLedgerRecord makes a record, or a key's genesis, and reads it back. After
// an error it may be on the token, and nothing may be signed; one that is not
// found as it was made, or beside another of the same or a later sequence number, is
// destroyed, and the error is ErrLedger.
func (t *Token) CreateLedgerRecord(ctx context.Context, r LedgerRecord) error {
	if _, err := afresh[none](ctx, t, t.process.module.timeout(), "record", none{}, r.Encode()); err != nil {
		return err
	}
	objects, err := t.Ledger(ctx)
	if err != nil {
		return err
	}
	reason := wrongReadBack(objects, r)
	if reason == "" || r.Genesis() {
		return t.ledgerError(reason)
	}
	if err := t.destroyRecord(ctx, r); err != nil {
		return t.ledgerError(reason + "; destroying it failed: " + err.Error())
	}
	return t.ledgerError(reason + "; it was destroyed")
}

// ledgerError is nil for no reason.
func (t *Token) ledgerError(reason string) error {
	if reason == "" {
		return nil
	}
	return t.process.errorf(ErrLedger, "the new record %s", reason)
}

// wrongReadBack says what is wrong with the ledger after r was made, "" when
// nothing is.
func wrongReadBack(objects []LedgerObject, r LedgerRecord) string {
	same := 0
	for _, o := range objects {
		switch {
		case bytes.Equal(o.Value, r.Encode()):
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
	return err
}
