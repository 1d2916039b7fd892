// The ledger's data objects in the helper. PKCS#11 v3.0 §4.5.

package hsm

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"github.com/miekg/pkcs11"
)

// ledgerApplication is CKA_APPLICATION of every object of the ledger.
const ledgerApplication = "keyrite"

// maxLedgerObjects bounds what is read of a token.
const maxLedgerObjects = 4096

// wireLedgerObject is an object of the ledger as it lies on the token.
type wireLedgerObject struct {
	Label string `json:"label"`
	Value []byte `json:"value"`
}

// ledgerObject describes what is made, and looked for by its label.
func ledgerObject(attributes ...*pkcs11.Attribute) []*pkcs11.Attribute {
	return slices.Concat([]*pkcs11.Attribute{
		ofClass(pkcs11.CKO_DATA), pkcs11.NewAttribute(pkcs11.CKA_APPLICATION, ledgerApplication),
	}, attributes)
}

// lookArgs says whether keyrite knows what this helper has read before.
type lookArgs struct {
	Known bool `json:"known"`
}

// wireLedger is what a look at the ledger finds.
type wireLedger struct {
	All     bool               `json:"all"` // or what was there is there still, and Objects are those that were not
	Objects []wireLedgerObject `json:"objects"`
}

// readLedger looks for the objects of the ledger, of all keys, and reads those that
// keyrite does not know; where one that it knows has gone, all of them.
func (t *openToken) readLedger(args lookArgs, _ []byte) (wireLedger, error) {
	if err := t.needLogin(); err != nil {
		return wireLedger{}, err
	}
	// By what other objects do not have: their class would be looked at on each of them.
	objects, err := t.objects(pkcs11.NewAttribute(pkcs11.CKA_APPLICATION, ledgerApplication))
	if err != nil {
		return wireLedger{}, err
	}
	if len(objects) > maxLedgerObjects {
		return wireLedger{}, faultf(ErrLedger, "got %d data objects, want at most %d", len(objects), maxLedgerObjects)
	}
	gone := func(object pkcs11.ObjectHandle) bool { _, there := slices.BinarySearch(objects, object); return !there }
	all := !args.Known || t.ledger == nil || slices.ContainsFunc(slices.Collect(maps.Keys(t.ledger)), gone)
	if all {
		t.ledger = map[pkcs11.ObjectHandle]string{}
	}
	unread, err := t.readUnread(objects)
	if err != nil {
		t.ledger = nil
	}
	return wireLedger{all, unread}, err
}

// readUnread reads the objects that it has not read before.
func (t *openToken) readUnread(objects []pkcs11.ObjectHandle) ([]wireLedgerObject, error) {
	unread := []wireLedgerObject{}
	for _, object := range objects {
		if _, read := t.ledger[object]; read {
			continue
		}
		a, err := t.attributes(object, pkcs11.CKA_CLASS, pkcs11.CKA_LABEL, pkcs11.CKA_VALUE)
		if err != nil {
			return nil, err
		}
		label := printable(string(a[pkcs11.CKA_LABEL]))
		t.ledger[object] = label
		if a.number(pkcs11.CKA_CLASS) != pkcs11.CKO_DATA {
			continue
		}
		if strings.HasPrefix(label, ledgerPrefix) || strings.HasPrefix(label, genesisPrefix) {
			unread = append(unread, wireLedgerObject{label, a[pkcs11.CKA_VALUE]})
		}
	}
	return unread, nil
}

// createRecord makes the object of a record.
func (t *openToken) createRecord(_ none, value []byte) (none, error) {
	record, err := ParseLedgerRecord(value)
	if err != nil {
		return none{}, faultf(ErrUsage, "%v", err)
	}
	if support := t.info.Ledger(); !support.Holds {
		return none{}, faultf(ErrUnsupported, "a ledger; %s", support.Reason)
	}
	a := pkcs11.NewAttribute
	template := ledgerObject(a(pkcs11.CKA_TOKEN, true), a(pkcs11.CKA_PRIVATE, true),
		a(pkcs11.CKA_LABEL, record.Label()), a(pkcs11.CKA_VALUE, value))
	if record.Genesis() {
		if err := t.checkGenesis(record); err != nil {
			return none{}, err
		}
		template = append(template, a(pkcs11.CKA_DESTROYABLE, false), a(pkcs11.CKA_MODIFIABLE, false), a(pkcs11.CKA_COPYABLE, false))
	}
	_, err = t.raw.CreateObject(t.session, template)
	return none{}, failed("C_CreateObject", err)
}

// checkGenesis refuses a second genesis, and one on a token where it could be
// destroyed all the same: a mistake stays for ever.
func (t *openToken) checkGenesis(r LedgerRecord) error {
	if !t.info.Ledger().Genesis {
		return faultf(ErrUnsupported, "objects that can never be destroyed")
	}
	for _, label := range t.ledger {
		if label == r.Label() {
			return faultf(ErrExists, "an object %q is on the token", label)
		}
	}
	if t.ledger != nil {
		return nil
	}
	found, err := t.objects(ledgerObject(pkcs11.NewAttribute(pkcs11.CKA_LABEL, r.Label()))...)
	if err == nil && len(found) > 0 {
		err = faultf(ErrExists, "%d objects %q are on the token", len(found), r.Label())
	}
	return err
}

// destroyRecord destroys the objects that hold exactly this record, and makes
// sure that they are gone. It returns how many there were.
func (t *openToken) destroyRecord(_ none, value []byte) (int, error) {
	if err := t.raw.onlyDestroys(); err != nil {
		return 0, err
	}
	t.ledger = nil
	record, err := ParseLedgerRecord(value)
	if err != nil {
		return 0, faultf(ErrUsage, "%v", err)
	}
	for destroyed := 0; ; destroyed++ {
		object, found, err := t.findRecord(record)
		if err != nil || !found {
			return destroyed, err
		}
		if destroyed == maxLedgerObjects {
			return destroyed, faultf(ErrFailed, "a destroyed record is still on the token")
		}
		if err := t.raw.DestroyObject(t.session, object); err != nil {
			return destroyed, failed("C_DestroyObject", err)
		}
	}
}

// findRecord finds one object that holds exactly this record.
func (t *openToken) findRecord(r LedgerRecord) (object pkcs11.ObjectHandle, found bool, err error) {
	objects, err := t.objects(ledgerObject(pkcs11.NewAttribute(pkcs11.CKA_LABEL, r.Label()))...)
	for _, object := range objects {
		// The handle itself is asked what it is, last of all before it is destroyed: in
		// one module a handle has been that of a private key.
		a, err := t.attributes(object, pkcs11.CKA_VALUE)
		if found := bytes.Equal(a[pkcs11.CKA_VALUE], r.Encode()); found || err != nil {
			return object, found, err
		}
	}
	return 0, false, err
}
