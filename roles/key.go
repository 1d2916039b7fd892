package roles

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"slices"

	"filippo.io/edwards25519"
)

// KeyID names a key inside metadata. It proves nothing: thresholds count
// fingerprints (TAP 12, Uptane Standard 2.1.0 §5.4.4.3).
type KeyID string

// String is a key id as messages show it: an attacker may have chosen it.
func (id KeyID) String() string { return Printable(Cut(string(id), maxQuote)) }

// Fingerprint is the SHA-256 of a public key's SubjectPublicKeyInfo in DER:
// equal for equal key material, whatever key ids or spellings it goes under.
type Fingerprint [sha256.Size]byte

// Scheme is how a key signs, in the words of TUF 1.0.34 §4.2.2.
type Scheme string

const (
	Ed25519         Scheme = "ed25519"
	ECDSAP256SHA256 Scheme = "ecdsa-sha2-nistp256"
	ECDSAP384SHA384 Scheme = "ecdsa-sha2-nistp384"
	RSAPSSSHA256    Scheme = "rsassa-pss-sha256"
	RSAPSSSHA512    Scheme = "rsassa-pss-sha512"

	// RSAPKCS1v15SHA256 is what old repositories signed by. It is read and never
	// chosen for a key: few clients know it.
	RSAPKCS1v15SHA256 Scheme = "rsa-pkcs1v15-sha256"
)

// schemes are those that keyrite can check signatures by.
var schemes = []Scheme{Ed25519, ECDSAP256SHA256, ECDSAP384SHA384, RSAPSSSHA256, RSAPSSSHA512, RSAPKCS1v15SHA256}

// unsupported is a type of keys, or a scheme of signatures, that keyrite does not
// know. A file that lacks no more than signatures of that kind may be honest.
type unsupported string

func (u unsupported) Error() string {
	return fmt.Sprintf("%s is not supported by keyrite; it supports ed25519, ecdsa (P-256, P-384) and rsa", string(u))
}

// Key is a public key as a metadata file lists it.
type Key struct {
	ID          KeyID
	Scheme      Scheme
	Public      crypto.PublicKey // ed25519.PublicKey, *ecdsa.PublicKey or *rsa.PublicKey
	Fingerprint Fingerprint

	// Problem says why a listed key cannot be used, nil for a usable one.
	// Clients pass over such keys; Public is nil then, and Fingerprint zero where
	// the key cannot be read at all.
	Problem error

	// record is the key object: as it stood in the file it was read from, or
	// as the format writes it.
	record []byte
}

// Record is the key object as it stands in its file.
func (k Key) Record() []byte { return k.record }

// FingerprintOf is the fingerprint of a public key, which it refuses when it is weak.
func FingerprintOf(public crypto.PublicKey) (Fingerprint, error) {
	k, err := usable(public, "")
	return k.Fingerprint, err
}

// NewKey makes the record of a public key in a format and computes its key id.
// It refuses keys that the format's clients do not take.
func NewKey(f Format, public crypto.PublicKey) (Key, error) {
	k, err := usable(public, "")
	if err != nil {
		return Key{}, err
	}
	return f.newKey(k)
}

// usable checks a public key and chooses its scheme, if none is given.
func usable(public crypto.PublicKey, scheme Scheme) (Key, error) {
	want, err := schemeOf(public)
	if err != nil {
		return Key{}, err
	}
	if scheme == "" {
		scheme = want
	}
	switch {
	case scheme == want, want == RSAPSSSHA256 && (scheme == RSAPSSSHA512 || scheme == RSAPKCS1v15SHA256):
	case !slices.Contains(schemes, scheme):
		return Key{}, unsupported("scheme " + Quote(string(scheme)))
	default:
		return Key{}, fmt.Errorf("scheme %s does not fit the key; want %q", Quote(string(scheme)), want)
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return Key{}, err
	}
	return Key{Scheme: scheme, Public: public, Fingerprint: sha256.Sum256(der)}, nil
}

// schemeOf refuses weak or malformed public keys and names the scheme of sound
// ones.
func schemeOf(public crypto.PublicKey) (Scheme, error) {
	switch k := public.(type) {
	case ed25519.PublicKey:
		return Ed25519, checkEd25519(k)
	case *ecdsa.PublicKey:
		switch k.Curve {
		case elliptic.P256():
			return ECDSAP256SHA256, nil
		case elliptic.P384():
			return ECDSAP384SHA384, nil
		}
		return "", unsupported("ECDSA curve " + k.Curve.Params().Name)
	case *rsa.PublicKey:
		return RSAPSSSHA256, checkRSA(k)
	}
	return "", fmt.Errorf("got a %T, want an Ed25519, ECDSA or RSA public key", public)
}

// checkRSA bounds the size: TUF 1.0.34 §4.2.2 wants 2048 bits or more, and a
// huge modulus would make every check of a signature slow.
func checkRSA(k *rsa.PublicKey) error {
	if bits := k.N.BitLen(); bits < 2048 || bits > 8192 {
		return fmt.Errorf("RSA key of %d bits; want 2048 to 8192", bits)
	}
	if k.E < 3 || k.E%2 == 0 {
		return fmt.Errorf("RSA public exponent is %d; want an odd number of at least 3", k.E)
	}
	return nil
}

// checkEd25519 refuses keys off the curve and of small order: for those, some
// libraries take one fixed signature for every message.
func checkEd25519(k ed25519.PublicKey) error {
	if len(k) != ed25519.PublicKeySize {
		return fmt.Errorf("Ed25519 key of %d bytes; want %d", len(k), ed25519.PublicKeySize)
	}
	p, err := new(edwards25519.Point).SetBytes(k)
	if err != nil {
		return fmt.Errorf("Ed25519 key is not a point of the curve")
	}
	if !bytes.Equal(p.Bytes(), k) {
		return fmt.Errorf("Ed25519 key is not in its canonical encoding")
	}
	if new(edwards25519.Point).MultByCofactor(p).Equal(edwards25519.NewIdentityPoint()) == 1 {
		return fmt.Errorf("Ed25519 key is of small order: it would accept forged signatures")
	}
	return nil
}

// ParsePEM reads a public key in PEM (SubjectPublicKeyInfo) and refuses
// anything before, between or behind it.
func ParsePEM(text []byte) (crypto.PublicKey, error) {
	block, rest := pem.Decode(text)
	if block == nil || !bytes.HasPrefix(bytes.TrimSpace(text), []byte("-----BEGIN ")) {
		return nil, fmt.Errorf("not a PEM public key")
	}
	if len(bytes.TrimSpace(rest)) > 0 {
		return nil, fmt.Errorf("bytes after the PEM public key")
	}
	switch block.Type {
	case "PUBLIC KEY":
		return x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		return x509.ParsePKCS1PublicKey(block.Bytes)
	}
	return nil, fmt.Errorf("PEM block is %s, want %q", Quote(block.Type), "PUBLIC KEY")
}

// MarshalPEM writes a public key as PEM SubjectPublicKeyInfo with one newline
// at the end.
func MarshalPEM(public crypto.PublicKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), nil
}

// parseHexKey reads an Ed25519 key of 64 hexadecimal digits.
func parseHexKey(text string) (crypto.PublicKey, error) {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("Ed25519 key is not %d hexadecimal digits", 2*ed25519.PublicKeySize)
	}
	return ed25519.PublicKey(b), nil
}

// parseHexPoint reads an uncompressed curve point in hexadecimal, as old
// Sigstore roots have it.
func parseHexPoint(curve elliptic.Curve, text string) (crypto.PublicKey, error) {
	b, err := hex.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("ECDSA key is neither PEM nor a hexadecimal point")
	}
	k, err := ecdsa.ParseUncompressedPublicKey(curve, b)
	if err != nil {
		return nil, fmt.Errorf("ECDSA key is not an uncompressed point of the curve")
	}
	return k, nil
}
