// Finding keys on tokens that search badly. Modules exist that search by class and
// nothing else, or answer a search by the public value with nothing or an error; an
// empty answer is believed of a search that has found something before.
// PKCS#11 v3.0 §5.7.

package hsm

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"slices"

	"github.com/miekg/pkcs11"
)

// maxObjects bounds what one search finds. Some modules never come to an end.
const maxObjects = 1 << 16

// search is an attribute to search by, and the class of what it is to find. The class
// is not searched for: one answer has both halves of a pair.
type search struct{ class, kind uint }

// found are objects by their class.
type found struct{ publics, privates, others []pkcs11.ObjectHandle }

func (f found) keys() int { return len(f.publics) + len(f.privates) }

// holdsJust says whether these are a pair and no other key.
func (f found) holdsJust(of objectPair) bool {
	return slices.Equal(f.publics, []pkcs11.ObjectHandle{of.public}) && slices.Equal(f.privates, []pkcs11.ObjectHandle{of.private})
}

// Attribute templates for searching.
func ofClass(class uint) *pkcs11.Attribute { return pkcs11.NewAttribute(pkcs11.CKA_CLASS, class) }
func withID(id []byte) *pkcs11.Attribute   { return pkcs11.NewAttribute(pkcs11.CKA_ID, id) }

// find finds the pair of a public key, given as SubjectPublicKeyInfo. What this
// lifetime has found by a search is not searched for again, until it destroys
// something: if the token is still there, the handles are good for as long, and every
// signature is verified.
func (t *openToken) find(_ none, spki []byte) (wireKey, error) {
	if err := t.needLogin(); err != nil {
		return wireKey{}, err
	}
	if key, known := t.pairs[string(spki)]; known {
		return key, t.refresh()
	}
	pub, err := x509.ParsePKIXPublicKey(spki)
	if err != nil {
		return wireKey{}, faultf(ErrUsage, "public key: %v", err)
	}
	pair, _, err := t.seek(pub)
	if err != nil {
		return wireKey{}, err
	}
	key, err := t.pair(pair)
	if err == nil {
		t.pairs[string(key.SPKI)] = key
	}
	return key, err
}

// seek finds the one pair of a public key, and what else has its id: the public half
// by its value, the private one by the id of the public.
func (t *openToken) seek(pub crypto.PublicKey) (pair objectPair, under found, err error) {
	publics, err := t.findPublic(pub)
	if err != nil {
		return pair, under, err
	}
	if pair.public, err = single(publics, "public key"); err != nil {
		return pair, under, err
	}
	if under, err = t.beside(pair.public); err != nil {
		return pair, under, err
	}
	pair.private, err = single(under.privates, "private key of that id")
	return pair, under, err
}

// seekMade is seek for a pair that this lifetime has just made, of which it knows the
// value by its own handle. Where a search by value has found a key already, only the id
// is searched for: each search costs a module as much as its token has objects.
func (t *openToken) seekMade(pub crypto.PublicKey, made objectPair) (pair objectPair, under found, err error) {
	kind, _, err := searchValues(pub)
	if err != nil {
		return pair, under, err
	}
	if t.searches[search{pkcs11.CKO_PUBLIC_KEY, kind}] {
		under, err = t.beside(made.public)
		if err != nil || under.holdsJust(made) {
			return made, under, err
		}
	}
	return t.seek(pub)
}

// beside finds what has the id of an object, itself among them.
func (t *openToken) beside(object pkcs11.ObjectHandle) (found, error) {
	a, err := t.attributes(object, pkcs11.CKA_ID)
	if err != nil {
		return found{}, err
	}
	return t.with(pkcs11.CKA_ID, a[pkcs11.CKA_ID])
}

// findPublic finds the public key objects that hold pub: by its value, and where
// that finds none by looking at every public key.
func (t *openToken) findPublic(pub crypto.PublicKey) ([]pkcs11.ObjectHandle, error) {
	kind, values, err := searchValues(pub)
	if err != nil {
		return nil, err
	}
	for _, value := range values {
		found, err := t.quick(kind, value)
		if len(found.publics) > 0 || err != nil {
			return found.publics, err
		}
	}
	return t.all(search{pkcs11.CKO_PUBLIC_KEY, kind}, func(object pkcs11.ObjectHandle) (bool, error) {
		a, err := t.attributes(object, pkcs11.CKA_KEY_TYPE)
		if err != nil {
			return false, err
		}
		there, err := t.publicKey(object, a.number(pkcs11.CKA_KEY_TYPE))
		if isForeign(err) {
			return false, nil
		}
		same, ok := there.(interface{ Equal(crypto.PublicKey) bool })
		return ok && same.Equal(pub), err
	})
}

// isForeign reports whether err says that a key is not one that keyrite can read,
// rather than that the token failed.
func isForeign(err error) bool {
	var f *fault
	return errors.As(err, &f) && f.call == "" && (f.kind == ErrUnsupported || f.kind == ErrFailed)
}

// searchValues returns the attribute that holds pub, and its spellings.
func searchValues(pub crypto.PublicKey) (kind uint, values [][]byte, err error) {
	var point []byte
	switch pub := pub.(type) {
	case *rsa.PublicKey:
		return pkcs11.CKA_MODULUS, [][]byte{pub.N.Bytes()}, nil
	case ed25519.PublicKey:
		point = pub
	case *ecdsa.PublicKey:
		if point, err = pub.Bytes(); err != nil {
			return 0, nil, faultf(ErrUsage, "public key: %v", err)
		}
	default:
		return 0, nil, errUnknownKeyType
	}
	der, err := asn1.Marshal(point)
	if err != nil {
		return 0, nil, faultf(ErrUsage, "public key: %v", err)
	}
	return pkcs11.CKA_EC_POINT, [][]byte{der, point}, nil // some modules keep it raw
}

// with finds the objects that have a value: by one search, and where that finds no
// key of a class by looking at every key of it.
func (t *openToken) with(kind uint, value []byte) (found, error) {
	f, err := t.quick(kind, value)
	if err != nil {
		return f, err
	}
	same := func(object pkcs11.ObjectHandle) (bool, error) {
		a, err := t.attributes(object, kind)
		return bytes.Equal(a[kind], value), err
	}
	if len(f.publics) == 0 {
		if f.publics, err = t.all(search{pkcs11.CKO_PUBLIC_KEY, kind}, same); err != nil {
			return f, err
		}
	}
	if len(f.privates) == 0 {
		f.privates, err = t.all(search{pkcs11.CKO_PRIVATE_KEY, kind}, same)
	}
	return f, err
}

// quick searches by a value. A module that cannot do so finds nothing.
func (t *openToken) quick(kind uint, value []byte) (f found, err error) {
	objects, err := t.objects(pkcs11.NewAttribute(kind, value))
	if refusesSearch(err) {
		return f, nil
	}
	for _, object := range objects {
		a, err := t.attributes(object, pkcs11.CKA_CLASS)
		if err != nil {
			return f, err
		}
		class := a.number(pkcs11.CKA_CLASS)
		t.searches[search{class, kind}] = true
		switch class {
		case pkcs11.CKO_PUBLIC_KEY:
			f.publics = append(f.publics, object)
		case pkcs11.CKO_PRIVATE_KEY:
			f.privates = append(f.privates, object)
		default:
			f.others = append(f.others, object)
		}
	}
	return f, err
}

// refusesSearch reports whether the token cannot search by an attribute.
func refusesSearch(err error) bool {
	var f *fault
	return errors.As(err, &f) && f.call == "C_FindObjectsInit" && slices.Contains([]pkcs11.Error{
		pkcs11.CKR_ATTRIBUTE_TYPE_INVALID, pkcs11.CKR_ATTRIBUTE_VALUE_INVALID, pkcs11.CKR_TEMPLATE_INCONSISTENT,
	}, f.ckr)
}

// all looks at every object of a class, unless the search that found nothing is one
// that works here: it has found something before, or finds an object that is there.
func (t *openToken) all(s search, wanted func(pkcs11.ObjectHandle) (bool, error)) ([]pkcs11.ObjectHandle, error) {
	if t.searches[s] {
		return nil, nil
	}
	objects, err := t.objects(ofClass(s.class))
	if err != nil {
		return nil, err
	}
	if works, err := t.works(s, objects); works || err != nil {
		return nil, err
	}
	var found []pkcs11.ObjectHandle
	for _, object := range objects {
		ok, err := wanted(object)
		if err != nil {
			return nil, err
		}
		if ok {
			found = append(found, object)
		}
	}
	return found, nil
}

// works tries a search on the first object that has something to search by: looking
// at all of them costs as much as the token has keys.
func (t *openToken) works(s search, objects []pkcs11.ObjectHandle) (bool, error) {
	for _, object := range objects {
		a, err := t.attributes(object, s.kind)
		if err != nil {
			return false, err
		}
		if value := a[s.kind]; len(value) > 0 {
			found, err := t.quick(s.kind, value)
			return slices.Contains(slices.Concat(found.publics, found.privates), object), err
		}
	}
	return false, nil
}

// objects finds every object that has the attributes.
func (t *openToken) objects(template ...*pkcs11.Attribute) ([]pkcs11.ObjectHandle, error) {
	if err := t.raw.FindObjectsInit(t.session, template); err != nil {
		return nil, failed("C_FindObjectsInit", err)
	}
	found, err := t.drain()
	if err != nil {
		_ = t.raw.FindObjectsFinal(t.session) // the first error is the one to report
		return nil, err
	}
	if err := t.raw.FindObjectsFinal(t.session); err != nil {
		return nil, failed("C_FindObjectsFinal", err)
	}
	slices.Sort(found)
	if len(found) == 0 {
		// SoftHSM finds nothing, without an error, on a token that is gone.
		return nil, t.refresh()
	}
	return found, nil
}

// drain reads what a search finds, up to a bound.
func (t *openToken) drain() (found []pkcs11.ObjectHandle, err error) {
	for {
		some, _, err := t.raw.FindObjects(t.session, 64)
		if err != nil {
			return nil, failed("C_FindObjects", err)
		}
		if len(some) == 0 {
			return found, nil
		}
		if found = append(found, some...); len(found) > maxObjects {
			return nil, faultf(ErrFailed, "a search has found more than %d objects and was stopped", maxObjects)
		}
	}
}
