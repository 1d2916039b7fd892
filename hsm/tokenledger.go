// The ledger's data objects in the helper. PKCS#11 v3.0 §4.5.

package hsm

import (
	"bytes"
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

// dataObject describes what is searched for and made.
func dataObject(attributes ...*pkcs11.Attribute) []*pkcs11.Attribute {
	return slices.Concat([]*pkcs11.Attribute{
		ofClass(pkcs11.CKO_DATA), pkcs11.NewAttribute(pkcs11.CKA_APPLICATION, ledgerApplication),
	}, attributes)
}

// readLedger reads every object of the ledger, of all keys.
func (t *openToken) readLedger(none, []byte) ([]wireLedgerObject, error) {
	if err := t.needLogin(); err != nil {
		return nil, err
	}
	objects, err := t.objects(dataObject()...)
	if err != nil {
		return nil, err
	}
	if len(objects) > maxLedgerObjects {
		return nil, faultf(ErrLedger, "got %d data objects, want at most %d", len(objects), maxLedgerObjects)
	}
	found := []wireLedgerObject{}
	for _, object := range objects {
		a, err := t.attributes(object, pkcs11.CKA_LABEL, pkcs11.CKA_VALUE)
		if err != nil {
			return nil, err
		}
		label := printable(string(a[pkcs11.CKA_LABEL]))
		if strings.HasPrefix(label, ledgerPrefix) || strings.HasPrefix(label, genesisPrefix) {
			found = append(found, wireLedgerObject{label, a[pkcs11.CKA_VALUE]})
		}
	}
	return found, nil
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
	template := dataObject(a(pkcs11.CKA_TOKEN, true), a(pkcs11.CKA_PRIVATE, true),
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
	found, err := t.objects(dataObject(pkcs11.NewAttribute(pkcs11.CKA_LABEL, r.Label()))...)
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
	objects, err := t.objects(dataObject(pkcs11.NewAttribute(pkcs11.CKA_LABEL, r.Label()))...)
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
