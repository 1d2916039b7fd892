package custody

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// certify makes a certificate of pub that is signed by a CA with that key, and the
// CA's own, both PEM.
func certify(t *testing.T, pub crypto.PublicKey, ca *ecdsa.PrivateKey) (chain, roots []byte) {
	t.Helper()
	template := func(name string, isCA bool) *x509.Certificate {
		return &x509.Certificate{
			SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: isCA, BasicConstraintsValid: true,
			NotBefore: ceremonytest.Now.AddDate(-1, 0, 0), NotAfter: ceremonytest.Now.AddDate(1, 0, 0),
		}
	}
	root := template("Vendor root", true)
	certificate := func(c *x509.Certificate, pub crypto.PublicKey) []byte {
		der, err := x509.CreateCertificate(rand.Reader, c, root, pub, ca)
		if err != nil {
			t.Fatal(err)
		}
		return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	}
	return certificate(template("Attestation", false), pub), certificate(root, ca.Public())
}

func TestAttestKey(t *testing.T) {
	dir := t.TempDir()
	ceremonytest.MakeDir(t, dir, "keys")
	ws, err := workspace.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	var keys [2]*ecdsa.PrivateKey
	var records [2]*workspace.KeyRecord
	for i, name := range []string{"root-a", "root-b"} {
		if keys[i], err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
			t.Fatal(err)
		}
		if records[i], err = workspace.NewKeyRecord(name, keys[i].Public(), ceremonytest.Now); err != nil {
			t.Fatal(err)
		}
		if err := ws.AddKey(records[i]); err != nil {
			t.Fatal(err)
		}
	}
	chain, roots := certify(t, keys[0].Public(), keys[1])
	if _, err := AttestKey(ws, "root-b", chain, roots, ceremonytest.Now); fault.CodeOf(err) != fault.Unverified || !strings.Contains(err.Error(), "attests another public key") {
		t.Errorf("another key: %v", err)
	}
	_, others := certify(t, keys[0].Public(), keys[0])
	if _, err := AttestKey(ws, "root-a", chain, others, ceremonytest.Now); fault.CodeOf(err) != fault.Unverified {
		t.Errorf("another vendor: %v", err)
	}
	if a, err := ws.Attestation(records[0]); a != nil || err != nil {
		t.Errorf("before: %v, %v", a, err)
	}
	if _, err := AttestKey(ws, "root-a", chain, roots, ceremonytest.Now); err != nil {
		t.Fatal(err)
	}
	a, err := ws.Attestation(records[0])
	if err != nil || !strings.Contains(a.String(), "CN=Attestation, under CN=Vendor root") {
		t.Errorf("got %v, %v", a, err)
	}
	path := filepath.Join(dir, workspace.AttestationPath("root-a"))
	for old, new := range map[string]string{"CN=Attestation": "CN=Genuine", "key: root-a": "key: root-b", "version: 1": "version: 2"} {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		ceremonytest.Rewrite(t, dir, workspace.AttestationPath("root-a"), func(text string) string { return strings.ReplaceAll(text, old, new) })
		if _, err := ws.Attestation(records[0]); err == nil {
			t.Errorf("%s: taken", new)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
