package roles

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"
)

// TestOTACEKeys reads keys as aktualizr does: an unknown type refuses the whole
// file, an RSA key in another form does not count.
func TestOTACEKeys(t *testing.T) {
	asPEM := func(public crypto.PublicKey) string {
		text, err := MarshalPEM(public)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	modulus := func(bits uint) *rsa.PublicKey {
		return &rsa.PublicKey{N: new(big.Int).SetBit(big.NewInt(1), int(bits)-1, 1), E: 65537}
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	spki, largePEM, ec := asPEM(modulus(2048)), asPEM(modulus(2304)), asPEM(private.Public())
	pkcs1 := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(modulus(2048))}))
	hexKey := fmt.Sprintf("%x", newRepo(t, OTACE).keys(0)[0].Public)
	for _, c := range []struct{ keytype, scheme, public, problem, refused string }{
		{"RSA", "", spki, "", ""},
		{"rsa", "", spki, "", ""},
		{"RSA", "rsassa-pss-sha256", spki, "", ""},
		{"RSA", "", strings.ReplaceAll(spki, "\n", "\r\n"), "", ""},
		{"RSA", "", strings.TrimSuffix(spki, "\n"), "RSA key is not SubjectPublicKeyInfo in PEM with a final newline", ""},
		{"RSA", "", pkcs1, "RSA key is not SubjectPublicKeyInfo in PEM", ""},
		{"RSA", "", "\n" + spki, "RSA key is not SubjectPublicKeyInfo in PEM", ""},
		{"RSA", "", "x", "not a PEM public key", ""},
		{"RSA", "", spki + spki, "bytes after the PEM public key", ""},
		{"RSA", "", largePEM, "RSA key of 2304 bits; format ota-ce wants 2048, 3072 or 4096", ""},
		{"RSA", "", ec, "got a *ecdsa.PublicKey, want an RSA key", ""},
		{"ED25519", "", hexKey, "", ""},
		{"ed25519", "ed25519", strings.ToUpper(hexKey), "", ""},
		{"ED25519", "", hexKey[2:], "", "Ed25519 key is not 64 hexadecimal digits"},
		{"ECPRIME256V1", "", ec, "", `keytype: got "ECPRIME256V1", want RSA or ED25519: vehicles refuse the whole file`},
	} {
		k, err := OTACE.readKey(keyRecord{keytype: c.keytype, scheme: c.scheme, public: c.public})
		if got := fmt.Sprint(err); (err == nil) != (c.refused == "") || !strings.Contains(got, c.refused) {
			t.Errorf("%s %q: refused %v, want %q", c.keytype, c.public, err, c.refused)
			continue
		}
		if got := fmt.Sprint(k.Problem); (k.Problem == nil) != (c.problem == "") || !strings.Contains(got, c.problem) {
			t.Errorf("%s %q: problem %v, want %q", c.keytype, c.public, k.Problem, c.problem)
		}
		if err == nil && (k.Problem == nil) != (k.Public != nil) {
			t.Errorf("%s %q: public key %v with problem %v", c.keytype, c.public, k.Public, k.Problem)
		}
	}
}

// TestOTACESignatures takes every signature that is well-formed, and refuses a
// file with one that is not, whoever made it: aktualizr and libtuf do.
func TestOTACESignatures(t *testing.T) {
	for _, c := range []struct{ method, sig, want string }{
		{"ed25519", "AAAA", ""},
		{"rsassa-pss", "AAA=", ""},
		{"rsassa-pss-sha256", "AAAA", ""},
		{"RSASSA-PSS-SHA256", "AAAA", ""},
		{"Ed25519", "AAAA", ""},
		{"", "AAAA", `signatures[1].method: got "", want`},
		{"rsassa-pss-sha512", "AAAA", `signatures[1].method: got "rsassa-pss-sha512", want`},
		{"ed25519", "", "signatures[1].sig: sig is empty: nobody has signed there yet, and vehicles refuse the whole file"},
		{"ed25519", "AAAA\n", "signatures[1].sig: it is not base64 on one line"},
		{"ed25519", "AA\r\nAA", "signatures[1].sig: it is not base64 on one line"},
		{"ed25519", "AA AA", "signatures[1].sig: it is not base64 on one line"},
		{"ed25519", "AAA", "signatures[1].sig: it is not base64 on one line"},
		{"ed25519", "AAB=", "signatures[1].sig: it is not base64 on one line"},
		{"ed25519", "-_-_", "signatures[1].sig: it is not base64 on one line"},
		{"ed25519", "zz", "signatures[1].sig: it is not base64 on one line"},
	} {
		entry, err := json.Marshal(map[string]string{"keyid": "00", "method": c.method, "sig": c.sig})
		if err != nil {
			t.Fatal(err)
		}
		r := newRepo(t, OTACE).publish()
		r.edit("timestamp", 1, `}],"signed"`, `},`+string(entry)+`],"signed"`)
		_, err = r.verify(nil)
		if got := fmt.Sprint(err); (err == nil) != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s %q: got %v, want %q", c.method, c.sig, err, c.want)
		}
	}
}

// TestTUFSignatures passes over a surplus signature that is malformed, and takes
// base64 for a signature only on one line.
func TestTUFSignatures(t *testing.T) {
	r := newRepo(t, TUF).publish()
	r.edit("timestamp", 1, `}],"signed"`, `},{"keyid":"00","sig":"zz"}],"signed"`)
	if _, err := r.verify(nil); err != nil {
		t.Error(err)
	}
	for text, want := range map[string]bool{"AAAA": true, "00ff": true, "AAAA\n": false, "AA\nAA": false, "": false} {
		s, err := TUF.decodeSignature(Signature{}, text)
		if err != nil || (s.Problem == nil) != want {
			t.Errorf("%q: problem %v, %v, want it taken: %t", text, s.Problem, err, want)
		}
	}
	if _, err := decodeBase64(base64.StdEncoding.EncodeToString([]byte("any"))); err != nil {
		t.Error(err)
	}
}
