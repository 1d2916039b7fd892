// Key pairs as the helper describes them: always exactly one public and one private
// object, never the first that fits.

package hsm

import (
	"crypto/x509"
	"slices"

	"github.com/miekg/pkcs11"
)

// objectPair are the two objects of a key pair.
type objectPair struct{ public, private pkcs11.ObjectHandle }

// tokenKey is a key pair on the open token.
type tokenKey struct {
	private   pkcs11.ObjectHandle
	kind      KeyType
	mechanism mechanism

	pinEachTime bool // see Evidence
}

// wireKey is a key pair on its way to keyrite.
type wireKey struct {
	Key       int       `json:"key"`  // its place in openToken.keys
	SPKI      []byte    `json:"spki"` // RFC 5280 SubjectPublicKeyInfo, DER
	ID        []byte    `json:"id"`
	Label     string    `json:"label"`
	Mechanism mechanism `json:"mechanism"`
	Evidence  Evidence  `json:"evidence"`
}

// single returns the one object there must be.
func single(found []pkcs11.ObjectHandle, what string) (pkcs11.ObjectHandle, error) {
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return 0, faultf(ErrKeyNotFound, "no %s on the token", what)
	}
	return 0, faultf(ErrAmbiguous, "%s; got %d objects, want 1", what, len(found))
}

// pairAttributes are what pair wants to know of a private key.
var pairAttributes = []uint{pkcs11.CKA_ID, pkcs11.CKA_LABEL, pkcs11.CKA_KEY_TYPE}

// pair describes the pair of two objects and keeps it for signing.
func (t *openToken) pair(of objectPair) (wireKey, error) {
	a, err := t.attributes(of.private, slices.Concat(pairAttributes, evidenceAttributes)...)
	if err != nil {
		return wireKey{}, err
	}
	// The private key's type decides what C_SignInit is asked: modules crash on a
	// mechanism that does not fit.
	pub, err := t.publicKey(of.public, a.number(pkcs11.CKA_KEY_TYPE))
	if err != nil {
		return wireKey{}, err
	}
	kind, err := TypeOf(pub)
	if err != nil {
		return wireKey{}, faultf(ErrUnsupported, "%v", err)
	}
	m, err := t.choose(kind)
	if err != nil {
		return wireKey{}, err
	}
	spki, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return wireKey{}, faultf(ErrFailed, "%v", err)
	}
	evidence := newEvidence(a, t.info, m)
	t.keys = append(t.keys, &tokenKey{private: of.private, kind: kind, mechanism: m, pinEachTime: evidence.PINEachTime})
	return wireKey{
		Key: len(t.keys) - 1, SPKI: spki, ID: a[pkcs11.CKA_ID], Label: unpadded(string(a[pkcs11.CKA_LABEL])),
		Mechanism: m, Evidence: evidence,
	}, nil
}

// listKeys lists every complete pair of a type that keyrite signs with.
func (t *openToken) listKeys(none, []byte) ([]wireKey, error) {
	if err := t.needLogin(); err != nil {
		return nil, err
	}
	privates, err := t.objects(ofClass(pkcs11.CKO_PRIVATE_KEY))
	if err != nil {
		return nil, err
	}
	keys := []wireKey{}
	for _, private := range privates {
		a, err := t.attributes(private, pkcs11.CKA_ID)
		if err != nil {
			return nil, err
		}
		same, err := t.with(pkcs11.CKA_ID, a[pkcs11.CKA_ID])
		if err != nil {
			return nil, err
		}
		if len(same.publics) != 1 {
			continue
		}
		key, err := t.pair(objectPair{same.publics[0], private})
		if isForeign(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}
