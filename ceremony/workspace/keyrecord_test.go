package workspace

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/hsm"
)

func TestKeyRecordRoundTrip(t *testing.T) {
	record := testRecord(t, "root-a")
	data, err := record.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseKeyRecord("keys/root-a.yaml", "root-a", data)
	if err != nil {
		t.Fatal(err)
	}
	again, err := got.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(data, again) {
		t.Errorf("got %s\nwant %s", again, data)
	}
	if got.Fingerprint() != record.Fingerprint() || !record.PublicKey().(ed25519.PublicKey).Equal(got.PublicKey()) {
		t.Error("the public key is lost")
	}
	if len(got.KeyIDs) != 2 || len(got.KeyIDs["tuf"]) != 64 || got.KeyIDs["tuf"] == got.KeyIDs["ota-ce"] {
		t.Errorf("key ids: got %q", got.KeyIDs)
	}
}

func TestKeyRecordTypes(t *testing.T) {
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	record, err := NewKeyRecord("a", p256.Public(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	// OTA Community Edition takes no ECDSA key, so there is no key id for it.
	if record.Type != hsm.ECDSAP256 || len(record.KeyIDs) != 1 || record.KeyIDs["tuf"] == "" {
		t.Errorf("got %s with key ids %q", record.Type, record.KeyIDs)
	}

	r2048, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	if record, err = NewKeyRecord("a", r2048.Public(), time.Now()); err != nil || record.Type != "rsa-2048" {
		t.Errorf("got %v and %v, want the record of an imported RSA key", record, err)
	}
}

func TestNewKeyRecordRefuses(t *testing.T) {
	if _, err := NewKeyRecord("Root A", testRecord(t, "a").PublicKey(), time.Now()); fault.CodeOf(err) != fault.Usage {
		t.Errorf("name: got %v", err)
	}
	smallOrder := make(ed25519.PublicKey, ed25519.PublicKeySize)
	smallOrder[0] = 1
	if _, err := NewKeyRecord("a", smallOrder, time.Now()); fault.CodeOf(err) != fault.Unverified {
		t.Errorf("small order: got %v", err)
	}
}

// provenRecord returns the record of a key with a proof of possession, made
// here as a token makes it.
func provenRecord(t *testing.T) *KeyRecord {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	record, err := NewKeyRecord("root-a", public, time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	spki, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	message := fmt.Appendf(nil, "\x00keyrite proof of possession v2\x00\nkey %q\nspki sha256:%x\ntoken %q\ntime %s\n",
		"root-a", sha256.Sum256(spki), "8a3f", record.Created.Format(time.RFC3339))
	record.Token = &TokenRecord{Label: "officer-1", Serial: "8a3f"}
	record.Evidence = &hsm.Evidence{Local: true}
	record.Proof = &hsm.Proof{Time: record.Created, TokenSerial: "8a3f", Signature: base64.StdEncoding.EncodeToString(ed25519.Sign(private, message))}
	return record
}

func TestParseKeyRecordRefuses(t *testing.T) {
	good, err := provenRecord(t).Encode()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ParseKeyRecord("keys/root-a.yaml", "root-a", good); err != nil {
		t.Fatal(err)
	}
	other := testRecord(t, "root-a")
	field := func(name string) string {
		_, after, _ := strings.Cut(string(good), name+": ")
		value, _, _ := strings.Cut(after, "\n")
		return name + ": " + value
	}
	for _, test := range []struct {
		name, old, new string
		code           fault.Code
		want           string
	}{
		{"version", "version: 1", "version: 2", fault.Usage, "keys/root-a.yaml:1: version is 2, want 1"},
		{"unknown field", "version: 1", "version: 1\nprivate: x", fault.Usage, "private is not a field"},
		{"other name", "name: root-a", "name: root-b", fault.Unverified, `name is "root-b", want "root-a" as the file is called`},
		{"other type", "type: ed25519", "type: rsa-3072", fault.Unverified, `type is "rsa-3072", but the public key is ed25519`},
		{"other key id", field("tuf"), "tuf: " + strings.Repeat("0", 64), fault.Unverified, "keyids do not fit the public key"},
		{"key id of one format gone", field("tuf") + "\n", "\n", fault.Unverified, "keyids do not fit the public key"},
		{"no PEM", "BEGIN PUBLIC KEY", "BEGIN PRIVATE KEY", fault.Unverified, "public is not usable"},
		{"other serial", `token-serial: 8a3f`, "token-serial: 8a40", fault.Unverified, "proof does not verify"},
		{"other time", field("\n  time"), "\n  time: 2026-11-23T09:00:01Z", fault.Unverified, "proof does not verify"},
		{"no proof", string(good[bytes.Index(good, []byte("proof:")):]), "", fault.Unverified, "proof is missing"},
		{"text after the key", "-----END PUBLIC KEY-----\n", "-----END PUBLIC KEY-----\n  x\n", fault.Unverified, "public is not usable"},
		{"other token", "serial: 8a3f", "serial: ffff", fault.Unverified, "token.serial is"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if !strings.Contains(string(good), test.old) {
				t.Fatalf("%q is not in\n%s", test.old, good)
			}
			bad := strings.Replace(string(good), test.old, test.new, 1)
			_, err := ParseKeyRecord("keys/root-a.yaml", "root-a", []byte(bad))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if fault.CodeOf(err) != test.code {
				t.Errorf("got code %d, want %d", fault.CodeOf(err), test.code)
			}
		})
	}
	// A record under another name, inside and outside: only the proof tells.
	renamed := bytes.Replace(good, []byte("name: root-a"), []byte("name: snapshot-a"), 1)
	if _, err := ParseKeyRecord("keys/snapshot-a.yaml", "snapshot-a", renamed); err == nil || !strings.Contains(err.Error(), "proof does not verify") {
		t.Errorf("got %v", err)
	}
	// What a token says of a key proves nothing by itself.
	for _, take := range []func(*KeyRecord){func(r *KeyRecord) { r.Token = nil }, func(r *KeyRecord) { r.Evidence = nil }} {
		alone := provenRecord(t)
		alone.Proof = nil
		take(alone)
		data, err := alone.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseKeyRecord("keys/root-a.yaml", "root-a", data); err == nil || !strings.Contains(err.Error(), "proof is missing") {
			t.Errorf("got %v", err)
		}
	}
	// Another public key with its own type and key ids: only the proof tells.
	swapped := provenRecord(t)
	swapped.Public, swapped.KeyIDs = other.Public, other.KeyIDs
	data, err := swapped.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ParseKeyRecord("keys/root-a.yaml", "root-a", data); err == nil || !strings.Contains(err.Error(), "proof does not verify") {
		t.Errorf("got %v", err)
	}
}

func FuzzKeyRecord(f *testing.F) {
	public := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)).Public()
	record, err := NewKeyRecord("root-a", public, time.Unix(0, 0))
	if err != nil {
		f.Fatal(err)
	}
	data, err := record.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		record, err := ParseKeyRecord("keys/root-a.yaml", "root-a", data)
		if err != nil {
			return
		}
		encoded, err := record.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseKeyRecord("keys/root-a.yaml", "root-a", encoded); err != nil {
			t.Errorf("%v in %s", err, encoded)
		}
	})
}
