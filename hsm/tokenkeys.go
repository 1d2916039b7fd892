// Key pairs as the helper finds them: by public key value or by id, always
// exactly one public and one private object, never the first that fits.

package hsm

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"slices"

	"github.com/miekg/pkcs11"
)

// tokenKey is a key pair on the open token.
type tokenKey struct {
	private   pkcs11.ObjectHandle
	kind      KeyType
	mechanism mechanism

	alwaysAuthenticate bool // the token wants the PIN for each signature
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

// Attribute templates for searching.
func ofClass(class uint) *pkcs11.Attribute { return pkcs11.NewAttribute(pkcs11.CKA_CLASS, class) }
func withID(id []byte) *pkcs11.Attribute   { return pkcs11.NewAttribute(pkcs11.CKA_ID, id) }

// find finds the pair of a public key, given as SubjectPublicKeyInfo.
func (t *openToken) find(_ none, spki []byte) (wireKey, error) {
	if err := t.needLogin(); err != nil {
		return wireKey{}, err
	}
	pub, err := x509.ParsePKIXPublicKey(spki)
	if err != nil {
		return wireKey{}, faultf(ErrUsage, "public key: %v", err)
	}
	publics, err := t.findPublic(pub)
	if err != nil {
		return wireKey{}, err
	}
	object, err := single(publics, "public key")
	if err != nil {
		return wireKey{}, err
	}
	a, err := t.attributes(object, pkcs11.CKA_ID)
	if err != nil {
		return wireKey{}, err
	}
	privates, err := t.objects(ofClass(pkcs11.CKO_PRIVATE_KEY), withID(a[pkcs11.CKA_ID]))
	if err != nil {
		return wireKey{}, err
	}
	private, err := single(privates, "private key of that id")
	if err != nil {
		return wireKey{}, err
	}
	return t.pair(object, private)
}

// findPublic finds the public key objects that hold pub.
func (t *openToken) findPublic(pub crypto.PublicKey) ([]pkcs11.ObjectHandle, error) {
	public := ofClass(pkcs11.CKO_PUBLIC_KEY)
	var point []byte
	switch pub := pub.(type) {
	case *rsa.PublicKey:
		return t.objects(public, pkcs11.NewAttribute(pkcs11.CKA_MODULUS, pub.N.Bytes()))
	case ed25519.PublicKey:
		point = pub
	case *ecdsa.PublicKey:
		var err error
		if point, err = pub.Bytes(); err != nil {
			return nil, faultf(ErrUsage, "public key: %v", err)
		}
	default:
		return nil, errUnknownKeyType
	}
	der, err := asn1.Marshal(point)
	if err != nil {
		return nil, faultf(ErrUsage, "public key: %v", err)
	}
	found, err := t.objects(public, pkcs11.NewAttribute(pkcs11.CKA_EC_POINT, der))
	if len(found) > 0 || err != nil {
		return found, err
	}
	return t.objects(public, pkcs11.NewAttribute(pkcs11.CKA_EC_POINT, point)) // some modules keep it raw
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
var pairAttributes = []uint{pkcs11.CKA_ID, pkcs11.CKA_LABEL, pkcs11.CKA_KEY_TYPE, pkcs11.CKA_ALWAYS_AUTHENTICATE}

// pair describes the pair of two objects and keeps it for signing.
func (t *openToken) pair(public, private pkcs11.ObjectHandle) (wireKey, error) {
	a, err := t.attributes(private, slices.Concat(pairAttributes, evidenceAttributes)...)
	if err != nil {
		return wireKey{}, err
	}
	// The private key's type decides what C_SignInit is asked: modules crash on a
	// mechanism that does not fit.
	pub, err := t.publicKey(public, a.number(pkcs11.CKA_KEY_TYPE))
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
	t.keys = append(t.keys, &tokenKey{
		private: private, kind: kind, mechanism: m,
		alwaysAuthenticate: a.flag(pkcs11.CKA_ALWAYS_AUTHENTICATE, false),
	})
	return wireKey{
		Key: len(t.keys) - 1, SPKI: spki, ID: a[pkcs11.CKA_ID], Label: unpadded(string(a[pkcs11.CKA_LABEL])),
		Mechanism: m, Evidence: newEvidence(a, t.info, m),
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
		publics, err := t.objects(ofClass(pkcs11.CKO_PUBLIC_KEY), withID(a[pkcs11.CKA_ID]))
		if err != nil {
			return nil, err
		}
		if len(publics) != 1 {
			continue
		}
		key, err := t.pair(publics[0], private)
		if isKind(err, ErrUnsupported) {
			continue
		}
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// wireLeftovers is what the token holds under one id.
type wireLeftovers struct {
	Public  int      `json:"public"`
	Private int      `json:"private"`
	Key     *wireKey `json:"key,omitempty"`
}

// leftovers looks for what an interrupted generation may have left.
func (t *openToken) leftovers(id []byte, _ []byte) (wireLeftovers, error) {
	publics, privates, err := t.halves(id)
	if err != nil {
		return wireLeftovers{}, err
	}
	found := wireLeftovers{Public: len(publics), Private: len(privates)}
	if len(publics) == 1 && len(privates) == 1 {
		key, err := t.pair(publics[0], privates[0])
		if err != nil {
			return wireLeftovers{}, err
		}
		found.Key = &key
	}
	return found, nil
}

// halves finds the public and the private objects with an id.
func (t *openToken) halves(id []byte) (publics, privates []pkcs11.ObjectHandle, err error) {
	if len(id) == 0 {
		return nil, nil, faultf(ErrUsage, "the id is empty")
	}
	if err := t.needLogin(); err != nil {
		return nil, nil, err
	}
	if publics, err = t.objects(ofClass(pkcs11.CKO_PUBLIC_KEY), withID(id)); err != nil {
		return nil, nil, err
	}
	privates, err = t.objects(ofClass(pkcs11.CKO_PRIVATE_KEY), withID(id))
	return publics, privates, err
}

// destroy removes both halves, or the one half there is, and makes sure that
// they are gone.
func (t *openToken) destroy(id []byte, _ []byte) (int, error) {
	publics, privates, err := t.halves(id)
	if err != nil {
		return 0, err
	}
	objects := slices.Concat(privates, publics)
	if len(objects) == 0 {
		return 0, faultf(ErrKeyNotFound, "no object with id %x", id)
	}
	for i, object := range objects {
		if err := t.raw.DestroyObject(t.session, object); err != nil {
			return i, withText(failed("C_DestroyObject", err), fmt.Sprintf("after %d of %d objects were destroyed", i, len(objects)))
		}
	}
	if publics, privates, err = t.halves(id); err != nil {
		return len(objects), err
	}
	if left := len(publics) + len(privates); left > 0 {
		return len(objects), faultf(ErrFailed, "%d objects with id %x are still on the token", left, id)
	}
	return len(objects), nil
}
