// Wrapping keys in the helper.

package hsm

import (
	"cmp"
	"crypto"
	"crypto/aes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/subtle"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/miekg/pkcs11"
)

// wrappingKeyBytes is the length of an AES-256 key.
const wrappingKeyBytes = 32

// ckmAESKeyWrapKWP is RFC 5649 as PKCS#11 v3.0 numbers it; older modules have it
// as CKM_AES_KEY_WRAP_PAD.
const ckmAESKeyWrapKWP = 0x210B

// wrapMechanisms are what a private key is wrapped with, best first.
var wrapMechanisms = []uint{ckmAESKeyWrapKWP, pkcs11.CKM_AES_KEY_WRAP_PAD}

// wrapArgs names a key and what to wrap it with.
type wrapArgs struct {
	Key         int    `json:"key"`
	WrappingKey string `json:"wrappingKey"`
}

// unwrapArgs describes a pair to restore; the body is the wrapped key.
type unwrapArgs struct {
	New         generateArgs `json:"new"`
	SPKI        []byte       `json:"spki"`
	WrappingKey string       `json:"wrappingKey"`
	CheckValue  string       `json:"checkValue"`
	Mechanism   string       `json:"mechanism"`
}

// wrappedBy says how a key was wrapped.
type wrappedBy struct {
	Mechanism  string `json:"mechanism"`
	CheckValue string `json:"checkValue"`
}

// importWrappingKey is ImportWrappingKey in the helper; the body is the
// components, one after another. The key is a public object, though sensitive:
// the security officer neither sees nor makes private ones.
func (t *openToken) importWrappingKey(label string, body []byte) (string, error) {
	if err := checkLabel(label, 64); err != nil {
		return "", err
	}
	if len(body) < 2*wrappingKeyBytes || len(body)%wrappingKeyBytes != 0 {
		return "", faultf(ErrUsage, "wrapping key; got %d components, want at least 2", len(body)/wrappingKeyBytes)
	}
	found, err := t.objects(pkcs11.NewAttribute(pkcs11.CKA_LABEL, label))
	if err != nil {
		return "", err
	}
	if len(found) > 0 {
		return "", faultf(ErrExists, "%d objects with label %q are on the token", len(found), label)
	}
	value := make([]byte, wrappingKeyBytes)
	defer Wipe(value)
	if err := joinComponents(value, body); err != nil {
		return "", err
	}
	check := CheckValue(value)
	id, err := hex.DecodeString(check) // for those tokens that do not tell CKA_CHECK_VALUE
	if err != nil {
		return "", faultf(ErrUsage, "%v", err)
	}
	a := pkcs11.NewAttribute
	_, err = t.raw.CreateObject(t.session, []*pkcs11.Attribute{
		ofClass(pkcs11.CKO_SECRET_KEY), a(pkcs11.CKA_KEY_TYPE, pkcs11.CKK_AES), a(pkcs11.CKA_VALUE, value),
		a(pkcs11.CKA_LABEL, label), a(pkcs11.CKA_ID, id), a(pkcs11.CKA_TOKEN, true), a(pkcs11.CKA_PRIVATE, false), a(pkcs11.CKA_TRUSTED, true),
		a(pkcs11.CKA_SENSITIVE, true), a(pkcs11.CKA_EXTRACTABLE, false), a(pkcs11.CKA_WRAP, true), a(pkcs11.CKA_UNWRAP, true),
		a(pkcs11.CKA_ENCRYPT, false), a(pkcs11.CKA_DECRYPT, false),
	})
	return check, failed("C_CreateObject", err)
}

// joinComponents joins components by exclusive or. Two that are the same would cancel
// each other, and one of zeros brings nothing.
func joinComponents(value, body []byte) error {
	var before [][]byte
	for component := range slices.Chunk(body, wrappingKeyBytes) {
		same := func(other []byte) bool { return subtle.ConstantTimeCompare(component, other) == 1 }
		if slices.ContainsFunc(append(before, make([]byte, wrappingKeyBytes)), same) {
			return faultf(ErrUsage, "component %d of the wrapping key is that of another custodian, or all zeros; want random ones", len(before)+1)
		}
		subtle.XORBytes(value, value, component)
		before = append(before, component)
	}
	return nil
}

// checkValueBytes is the length of a key check value.
const checkValueBytes = 3

// CheckValue is the customary key check value of an AES-256 key or a component of one:
// the first three bytes of an encrypted block of zeros, as CKA_CHECK_VALUE (PKCS#11
// v3.0 §4.10.2), in hex. "" for another length.
func CheckValue(key []byte) string {
	block, err := aes.NewCipher(key)
	if err != nil || len(key) != wrappingKeyBytes {
		return ""
	}
	zeros := make([]byte, aes.BlockSize)
	block.Encrypt(zeros, zeros)
	return hex.EncodeToString(zeros[:checkValueBytes])
}

// checkValueOf is what a token says of a wrapping key; "" when it does not.
func (t *openToken) checkValueOf(key pkcs11.ObjectHandle) (string, error) {
	a, err := t.attributes(key, pkcs11.CKA_CHECK_VALUE, pkcs11.CKA_ID)
	for _, kind := range []uint{pkcs11.CKA_CHECK_VALUE, pkcs11.CKA_ID} {
		if len(a[kind]) == checkValueBytes {
			return hex.EncodeToString(a[kind]), err
		}
	}
	return "", err
}

// wrappingKey finds the one secret key with a label.
func (t *openToken) wrappingKey(label string) (pkcs11.ObjectHandle, error) {
	found, err := t.objects(ofClass(pkcs11.CKO_SECRET_KEY), pkcs11.NewAttribute(pkcs11.CKA_LABEL, label))
	if err != nil {
		return 0, err
	}
	return single(found, fmt.Sprintf("wrapping key %q", label))
}

// unwrappingKey finds the key that a backup was wrapped under: by its check value,
// since a label is only a name, and by the label where the backup has no check value.
func (t *openToken) unwrappingKey(label, check string) (pkcs11.ObjectHandle, error) {
	if check == "" {
		return t.wrappingKey(label)
	}
	found, err := t.objects(ofClass(pkcs11.CKO_SECRET_KEY))
	if err != nil {
		return 0, err
	}
	var fitting []pkcs11.ObjectHandle
	var others []string
	for _, key := range found {
		got, err := t.checkValueOf(key)
		if err != nil {
			return 0, err
		}
		if got == check {
			fitting = append(fitting, key)
			continue
		}
		a, err := t.attributes(key, pkcs11.CKA_LABEL)
		if err != nil {
			return 0, err
		}
		others = append(others, fmt.Sprintf("%q (check value %s)", unpadded(string(a[pkcs11.CKA_LABEL])), cmp.Or(got, "not told")))
	}
	if len(fitting) == 0 {
		return 0, withHint(faultf(ErrKeyNotFound, "the backup was wrapped under %q with check value %s, which the token does not have; it has %s",
			label, check, cmp.Or(strings.Join(others, ", "), "no wrapping key")),
			"give the token that key, of the same components: keyrite token wrapping-key")
	}
	return single(fitting, fmt.Sprintf("wrapping key with check value %s", check))
}

// wrap wraps a private key. That the wrapping key is trusted is checked here and
// by the token, which is what CKA_WRAP_WITH_TRUSTED is for.
func (t *openToken) wrap(args wrapArgs) (how wrappedBy, wrapped []byte, err error) {
	if args.Key < 0 || args.Key >= len(t.keys) {
		return how, nil, faultf(ErrUsage, "helper: no key %d", args.Key)
	}
	key, err := t.wrappingKey(args.WrappingKey)
	if err != nil {
		return how, nil, err
	}
	a, err := t.attributes(key, pkcs11.CKA_TRUSTED)
	if err != nil {
		return how, nil, err
	}
	if !a.flag(pkcs11.CKA_TRUSTED, false) {
		return how, nil, faultf(ErrUsage, "wrapping key %q is not trusted by the security officer", args.WrappingKey)
	}
	if how.CheckValue, err = t.checkValueOf(key); err != nil {
		return how, nil, err
	}
	if err := t.loadMechanisms(); err != nil {
		return how, nil, err
	}
	for _, m := range wrapMechanisms {
		if t.mechanisms[m] {
			how.Mechanism = mechanismName(m)
			wrapped, err = t.raw.WrapKey(t.session, []*pkcs11.Mechanism{pkcs11.NewMechanism(m, nil)}, key, t.keys[args.Key].private)
			return how, wrapped, failed("C_WrapKey", err)
		}
	}
	return how, nil, faultf(ErrUnsupported, "the token does not wrap with AES and padding (RFC 5649)")
}

// unwrap restores a pair: the private key from the backup, the public key from
// its SubjectPublicKeyInfo.
func (t *openToken) unwrap(args unwrapArgs, wrapped []byte) (wireKey, error) {
	if err := t.needLogin(); err != nil {
		return wireKey{}, err
	}
	if err := t.checkNew(args.New); err != nil {
		return wireKey{}, err
	}
	i := slices.IndexFunc(wrapMechanisms, func(m uint) bool { return mechanismName(m) == args.Mechanism })
	if i < 0 {
		return wireKey{}, faultf(ErrUnsupported, "mechanism of the backup; got %q", args.Mechanism)
	}
	key, err := t.unwrappingKey(args.WrappingKey, args.CheckValue)
	if err != nil {
		return wireKey{}, err
	}
	pub, err := x509.ParsePKIXPublicKey(args.SPKI)
	if err != nil {
		return wireKey{}, faultf(ErrUsage, "public key: %v", err)
	}
	there, err := t.findPublic(pub)
	if err == nil && len(there) > 0 {
		err = faultf(ErrExists, "the token has this key; twice, it would sign with neither")
	}
	if err != nil {
		return wireKey{}, err
	}
	made := args.New.Type.recipe()
	if made.public, err = publicValues(pub, made); err != nil {
		return wireKey{}, err
	}
	tries := spelled([]template{portable(args.New, made.keyType)}, made)
	pair, err := t.createPair(tries, key, pkcs11.NewMechanism(wrapMechanisms[i], nil), wrapped)
	if err != nil {
		if _, cleanErr := t.removeHalves(args.New); cleanErr != nil {
			return wireKey{}, cleanErr
		}
		return wireKey{}, err
	}
	return t.readBack(args.New, restored, pair)
}

// createPair makes both halves, the public one in the first spelling that the token
// takes; after an error there may be one.
func (t *openToken) createPair(tries []template, key pkcs11.ObjectHandle, m *pkcs11.Mechanism, wrapped []byte) (made objectPair, err error) {
	if made.private, err = t.raw.UnwrapKey(t.session, []*pkcs11.Mechanism{m}, key, wrapped, tries[0].private); err != nil {
		return made, failed("C_UnwrapKey", err)
	}
	for _, try := range tries {
		if made.public, err = t.raw.CreateObject(t.session, try.public); !refusesTemplate(err) {
			break
		}
	}
	return made, failed("C_CreateObject", err)
}

// publicValues returns the attributes of a public key object that hold the key
// itself, in every spelling.
func publicValues(pub crypto.PublicKey, made recipe) (all [][]*pkcs11.Attribute, err error) {
	var point []byte
	switch pub := pub.(type) {
	case *rsa.PublicKey:
		return [][]*pkcs11.Attribute{{
			pkcs11.NewAttribute(pkcs11.CKA_MODULUS, pub.N.Bytes()),
			pkcs11.NewAttribute(pkcs11.CKA_PUBLIC_EXPONENT, big.NewInt(int64(pub.E)).Bytes()),
		}}, nil
	case ed25519.PublicKey:
		point = pub
	case *ecdsa.PublicKey:
		if point, err = pub.Bytes(); err != nil {
			return nil, faultf(ErrUsage, "public key: %v", err)
		}
	}
	der, err := asn1.Marshal(point)
	if err != nil {
		return nil, faultf(ErrUsage, "public key: %v", err)
	}
	for _, curve := range made.public {
		all = append(all, append(slices.Clone(curve), pkcs11.NewAttribute(pkcs11.CKA_EC_POINT, der)))
	}
	return all, nil
}
