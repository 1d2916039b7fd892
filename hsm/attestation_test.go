package hsm_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/hsm"
)

var attestedAt = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

// issuer is a certificate that signs others.
type issuer struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  string
}

// issue makes a certificate for pub, or for a new CA when pub is nil. by is nil
// for a root.
func issue(t *testing.T, name string, by *issuer, pub crypto.PublicKey, extensions ...pkix.Extension) *issuer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, ExtraExtensions: extensions,
		NotBefore: attestedAt.AddDate(-1, 0, 0), NotAfter: attestedAt.AddDate(1, 0, 0),
	}
	if pub == nil {
		pub, template.IsCA, template.BasicConstraintsValid = key.Public(), true, true
	}
	parent, signer := template, key
	if by != nil {
		parent, signer = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, pub, signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &issuer{cert, key, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))}
}

// yubiExtension is an extension as a YubiKey writes it.
func yubiExtension(last int, value []byte) pkix.Extension {
	return pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 41482, 3, last}, Value: value}
}

func TestVerifyAttestation(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	root := issue(t, "Vendor root", nil, nil)
	device := issue(t, "YubiKey 5", root, nil)
	serial := yubiExtension(7, []byte{2, 3, 0x4f, 0x12, 0x34})
	leaf := issue(t, "PIV attestation 9c", device, key.Public(),
		yubiExtension(3, []byte{5, 4, 3}), serial, yubiExtension(8, []byte{2, 3}))
	got, err := hsm.VerifyAttestation(key.Public(), []byte(leaf.pem+device.pem), []byte(root.pem), attestedAt)
	if err != nil {
		t.Fatal(err)
	}
	want := hsm.Attestation{
		Subject: "CN=PIV attestation 9c", Root: "CN=Vendor root", Serial: "5182004", Firmware: "5.4.3",
		PINPolicy: "once", TouchPolicy: "cached", Chain: leaf.pem + device.pem,
	}
	if got != want {
		t.Errorf("got %+v\nwant %+v", got, want)
	}

	other, strangers := issue(t, "Another root", nil, nil), issue(t, "other", device, nil)
	badSerial := issue(t, "bad", device, key.Public(), yubiExtension(7, []byte{2, 9, 1}))
	badPolicy := issue(t, "bad", device, key.Public(), yubiExtension(8, []byte{2}))
	for _, test := range []struct {
		name, chain, roots, problem string
		at                          time.Time
	}{
		{"no intermediate", leaf.pem, root.pem, "unknown authority", attestedAt},
		{"another root", leaf.pem + device.pem, other.pem, "unknown authority", attestedAt},
		{"the root in the chain only", leaf.pem + device.pem + root.pem, other.pem, "unknown authority", attestedAt},
		{"expired", leaf.pem + device.pem, root.pem, "expired", attestedAt.AddDate(2, 0, 0)},
		{"another key", strangers.pem + device.pem, root.pem, "attests another public key", attestedAt},
		{"bad serial", badSerial.pem + device.pem, root.pem, "serial number", attestedAt},
		{"bad policy", badPolicy.pem + device.pem, root.pem, "malformed; got 1 bytes", attestedAt},
		{"empty", "", root.pem, "chain: want one or more", attestedAt},
		{"text after it", leaf.pem + device.pem + "and more", root.pem, "nothing after them", attestedAt},
		{"a private key", strings.ReplaceAll(leaf.pem, "CERTIFICATE", "PRIVATE KEY"), root.pem, `got "PRIVATE KEY"`, attestedAt},
		{"no roots", leaf.pem, "", "roots: want", attestedAt},
		{"too long", strings.Repeat("x", 2<<20), root.pem, "too long", attestedAt},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := hsm.VerifyAttestation(key.Public(), []byte(test.chain), []byte(test.roots), test.at)
			wantError(t, err, hsm.ErrAttestation, test.problem)
		})
	}
}

func FuzzVerifyAttestation(f *testing.F) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"))
	f.Fuzz(func(t *testing.T, chain []byte) {
		if _, err := hsm.VerifyAttestation(key.Public(), chain, chain, attestedAt); err == nil {
			t.Error("attested a key that nobody has seen")
		}
	})
}
