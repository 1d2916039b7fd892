package roles

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"
)

// keyPairs are one private key of each kind, made once.
type keyPairs struct {
	ed25519 ed25519.PrivateKey
	p256    *ecdsa.PrivateKey
	p384    *ecdsa.PrivateKey
	rsa     *rsa.PrivateKey
}

func newKeyPairs(t *testing.T) (k keyPairs) {
	t.Helper()
	errs := make([]error, 4)
	_, k.ed25519, errs[0] = ed25519.GenerateKey(rand.Reader)
	k.p256, errs[1] = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	k.p384, errs[2] = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	k.rsa, errs[3] = rsa.GenerateKey(rand.Reader, 2048)
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	return k
}

// signWith signs a message as a scheme says.
func signWith(t *testing.T, private crypto.Signer, scheme Scheme, message []byte) []byte {
	t.Helper()
	digest, options := message, crypto.SignerOpts(crypto.Hash(0))
	switch scheme {
	case ECDSAP256SHA256:
		sum := sha256.Sum256(message)
		digest, options = sum[:], crypto.SHA256
	case ECDSAP384SHA384:
		sum := sha512.Sum384(message)
		digest, options = sum[:], crypto.SHA384
	case RSAPSSSHA256:
		sum := sha256.Sum256(message)
		digest, options = sum[:], &rsa.PSSOptions{SaltLength: 32, Hash: crypto.SHA256}
	case RSAPKCS1v15SHA256:
		sum := sha256.Sum256(message)
		digest, options = sum[:], crypto.SHA256
	case RSAPSSSHA512:
		sum := sha512.Sum512(message)
		digest, options = sum[:], &rsa.PSSOptions{SaltLength: 20, Hash: crypto.SHA512}
	}
	signature, err := private.Sign(rand.Reader, digest, options)
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

// timestampBy is a signed timestamp, so that a test sees keys and signatures in
// the spelling of a file.
func timestampBy(t *testing.T, private crypto.Signer, scheme Scheme, spell func([]byte) string) *File {
	t.Helper()
	const signed = `{"_type":"timestamp","expires":"2030-01-01T00:00:00Z","meta":{"snapshot.json":{"version":1}},"spec_version":"1.0.0","version":1}`
	signature := spell(signWith(t, private, scheme, []byte(signed)))
	file, err := Read(TUF, TypeTimestamp, fmt.Appendf(nil, `{"signatures":[{"keyid":"k","sig":%q}],"signed":%s}`, signature, signed))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// TestWildKeys verifies with the spellings of keys and signatures that real
// histories hold.
func TestWildKeys(t *testing.T) {
	k := newKeyPairs(t)
	asPEM := func(private crypto.Signer) string {
		text, err := MarshalPEM(private.Public())
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	point := func(private *ecdsa.PrivateKey) string {
		raw, err := private.PublicKey.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		return hex.EncodeToString(raw)
	}
	pkcs1 := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(&k.rsa.PublicKey)}))
	raw := fmt.Sprintf("%x", k.ed25519.Public())
	for _, c := range []struct {
		private                 crypto.Signer
		signs                   Scheme
		keytype, scheme, public string
	}{
		{k.ed25519, Ed25519, "ed25519", "ed25519", raw},
		{k.ed25519, Ed25519, "ed25519", "", strings.ToUpper(raw)},
		{k.p256, ECDSAP256SHA256, "ecdsa", "ecdsa-sha2-nistp256", asPEM(k.p256)},
		{k.p256, ECDSAP256SHA256, "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", point(k.p256)},
		{k.p256, ECDSAP256SHA256, "ecdsa", "", strings.TrimSuffix(asPEM(k.p256), "\n")},
		{k.p384, ECDSAP384SHA384, "ecdsa", "ecdsa-sha2-nistp384", asPEM(k.p384)},
		{k.p384, ECDSAP384SHA384, "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384", point(k.p384)},
		{k.rsa, RSAPSSSHA256, "rsa", "rsassa-pss-sha256", strings.ReplaceAll(asPEM(k.rsa), "\n", "\r\n")},
		{k.rsa, RSAPSSSHA256, "rsa", "", pkcs1},
		{k.rsa, RSAPSSSHA512, "rsa", "rsassa-pss-sha512", asPEM(k.rsa)},
		{k.rsa, RSAPKCS1v15SHA256, "rsa", "rsa-pkcs1v15-sha256", asPEM(k.rsa)},
	} {
		key, err := TUF.readKey(keyRecord{keytype: c.keytype, scheme: c.scheme, public: c.public})
		if err != nil || key.Problem != nil {
			t.Errorf("%s/%s %q: %v, %v", c.keytype, c.scheme, c.public, err, key.Problem)
			continue
		}
		key.ID = "k"
		role := Role{Name: "timestamp", KeyIDs: []KeyID{"k"}, Threshold: 1}
		for _, spell := range []func([]byte) string{hex.EncodeToString, base64.StdEncoding.EncodeToString} {
			file := timestampBy(t, c.private, c.signs, spell)
			if err := CheckThreshold(file, role, []Key{key}).Err(); err != nil {
				t.Errorf("%s/%s: %v", c.keytype, c.scheme, err)
			}
		}
		if err := VerifySignature(key, []byte("other"), signWith(t, c.private, c.signs, []byte("message"))); err == nil {
			t.Errorf("%s/%s: a signature of something else is taken", c.keytype, c.scheme)
		}
	}
}

// TestUselessKeys keeps keys that nobody can use, with the reason, and counts
// nothing of theirs.
func TestUselessKeys(t *testing.T) {
	k := newKeyPairs(t)
	p521, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	asPEM := func(public crypto.PublicKey) string {
		text, err := MarshalPEM(public)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	weak := new(big.Int).Lsh(big.NewInt(1), 1023)
	const supported = " by keyrite; it supports ed25519, ecdsa (P-256, P-384) and rsa"
	for _, c := range []struct{ keytype, scheme, public, want string }{
		{"ml-dsa", "ml-dsa-65/1", "00", `key type "ml-dsa" with scheme "ml-dsa-65/1" is not supported` + supported},
		{"sigstore-oidc", "", "x", `key type "sigstore-oidc" is not supported` + supported},
		{"ed25519", "ml-dsa-65", fmt.Sprintf("%x", k.ed25519.Public()), `scheme "ml-dsa-65" is not supported` + supported},
		{"ed25519", "ed25519", "00", "Ed25519 key is not 64 hexadecimal digits"},
		{"ed25519", "rsassa-pss-sha256", fmt.Sprintf("%x", k.ed25519.Public()), `scheme "rsassa-pss-sha256" does not fit the key; want "ed25519"`},
		{"ecdsa", "ecdsa-sha2-nistp384", asPEM(k.p256.Public()), `scheme "ecdsa-sha2-nistp384" does not fit the key; want "ecdsa-sha2-nistp256"`},
		{"ecdsa", "ecdsa-sha2-nistp256", "04" + strings.Repeat("00", 64), "ECDSA key is not an uncompressed point of the curve"},
		{"ecdsa", "", "x", "ECDSA key is neither PEM nor a hexadecimal point"},
		{"ecdsa", "", asPEM(p521.Public()), "ECDSA curve P-521 is not supported" + supported},
		{"rsa", "rsa-pkcs1v15-sha256", asPEM(&rsa.PublicKey{N: weak, E: 65537}), "RSA key of 1024 bits; want 2048 to 8192"},
		{"ed25519", "rsa-pkcs1v15-sha256", fmt.Sprintf("%x", k.ed25519.Public()), `scheme "rsa-pkcs1v15-sha256" does not fit the key; want "ed25519"`},
		{"rsa", "", asPEM(&rsa.PublicKey{N: weak, E: 65537}), "RSA key of 1024 bits; want 2048 to 8192"},
		{"rsa", "", asPEM(&rsa.PublicKey{N: k.rsa.N, E: 4}), "RSA public exponent is 4; want an odd number of at least 3"},
		{"rsa", "", "x" + asPEM(k.rsa.Public()), "not a PEM public key"},
		{"rsa", "", asPEM(k.rsa.Public()) + asPEM(k.rsa.Public()), "bytes after the PEM public key"},
		{"rsa", "", strings.ReplaceAll(asPEM(k.rsa.Public()), "PUBLIC", "PRIVATE"), `PEM block is "PRIVATE KEY", want "PUBLIC KEY"`},
	} {
		key, err := TUF.readKey(keyRecord{keytype: c.keytype, scheme: c.scheme, public: c.public})
		if err != nil || key.Problem == nil || key.Problem.Error() != c.want {
			t.Errorf("%s/%s:\n got %v, %v\nwant %s", c.keytype, c.scheme, err, key.Problem, c.want)
		}
		if err := VerifySignature(key, nil, nil); err == nil {
			t.Errorf("%s/%s: an unusable key verifies", c.keytype, c.scheme)
		}
	}
}
