package foreign

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"

	"github.com/uptane/keyrite/roles"
)

// refusal says what is wrong with a signature, as exactly as it can be told.
func (d *Desk) refusal(waiting []*open, b *brought) error {
	for _, o := range waiting {
		for _, value := range b.values {
			if err := d.mistake(o, b, value); err != nil {
				return err
			}
		}
	}
	o := waiting[0]
	if err := rightSize(o.key, b.values); err != nil {
		return err
	}
	return fmt.Errorf("it is no signature of %s %d by %s: it is of other bytes, or by another key", o.step.Role, o.step.Version, o.step.Key)
}

// mistake tries what people get wrong.
func (d *Desk) mistake(o *open, b *brought, value []byte) error {
	message := o.reviewed.ToSign()
	if b.signed != nil && !b.covers(message) && roles.VerifySignature(o.key, b.signed, value) == nil {
		return fmt.Errorf("it is by %s, but signs other bytes; got SHA-256 %x, want %x", o.step.Key, sha256.Sum256(b.signed), sha256.Sum256(message))
	}
	if err := d.wrongForm(o, value); err != nil {
		return err
	}
	for _, other := range alterations(message) {
		if roles.VerifySignature(o.key, other.bytes, value) == nil {
			return fmt.Errorf("it is by %s, but signs %s instead of the bytes to sign", o.step.Key, other.what)
		}
	}
	for _, k := range d.others(o.key) {
		if roles.VerifySignature(k, message, value) == nil {
			name, _ := d.Scene.Ring.NameOf(k)
			return fmt.Errorf("it is by another key, %s; want one by %s", name, o.step.Key)
		}
	}
	return nil
}

// alteration are other bytes that are signed by mistake.
type alteration struct {
	what  string
	bytes []byte
}

func alterations(message []byte) []alteration {
	sum := sha256.Sum256(message)
	hexadecimal := []byte(hex.EncodeToString(sum[:]))
	return []alteration{
		{"their SHA-256", sum[:]},
		{"their SHA-256 in hexadecimal", hexadecimal},
		{"their SHA-256 in hexadecimal, with a newline", append(hexadecimal, '\n')},
		{"them with a newline behind", append(message[:len(message):len(message)], '\n')},
	}
}

// wrongForm finds a signature of these bytes by this key in a form that clients do
// not take.
func (d *Desk) wrongForm(o *open, value []byte) error {
	switch public := o.key.Public.(type) {
	case *ecdsa.PublicKey:
		return o.wrongECDSA(public, value)
	case *rsa.PublicKey:
		return o.wrongRSA(public, value)
	}
	return nil
}

// wrongECDSA finds r and s one after the other, as WebCrypto, JWS and some KMS write
// them (IEEE P1363), where metadata wants ASN.1 DER (RFC 3279 §2.2.3).
func (o *open) wrongECDSA(public *ecdsa.PublicKey, value []byte) error {
	size := (public.Curve.Params().BitSize + 7) / 8
	if len(value) != 2*size {
		return nil
	}
	r, s := new(big.Int).SetBytes(value[:size]), new(big.Int).SetBytes(value[size:])
	der, err := asn1.Marshal(struct{ R, S *big.Int }{r, s})
	if err != nil || roles.VerifySignature(o.key, o.reviewed.ToSign(), der) != nil {
		return nil
	}
	return fmt.Errorf("it is by %s, but written as r‖s of %d bytes, want ASN.1 DER: in base64, %s", o.step.Key, len(value), base64Of(der))
}

// wrongRSA opens the padding: PKCS #1 v1.5, another salt, or other bytes.
func (o *open) wrongRSA(public *rsa.PublicKey, value []byte) error {
	if roles.VerifySignature(o.key, o.reviewed.ToSign(), value) == nil {
		return checkSalt(o.key, value)
	}
	em := encoded(public, value)
	if len(em) > 2 && em[0] == 0 && em[1] == 1 {
		return fmt.Errorf("it is by %s, but padded as PKCS #1 v1.5, want PSS with a salt of %d bytes", o.step.Key, hashOf(o.key).Size())
	}
	if salt, ok := saltOf(em, public, hashOf(o.key)); ok {
		return fmt.Errorf("it is by %s with a salt of %d bytes, but signs other bytes", o.step.Key, salt)
	}
	return nil
}

// rightSize finds that nothing that was brought can be a signature of the key.
func rightSize(key roles.Key, values [][]byte) error {
	want := 0
	switch public := key.Public.(type) {
	case ed25519.PublicKey:
		want = ed25519.SignatureSize
	case *rsa.PublicKey:
		want = public.Size()
	default:
		return nil
	}
	for _, value := range values {
		if len(value) == want {
			return nil
		}
	}
	if len(values) == 0 {
		return errors.New("there is no signature in it")
	}
	return fmt.Errorf("it is %d bytes, want %d for a signature of %s", len(values[len(values)-1]), want, key.Scheme)
}
