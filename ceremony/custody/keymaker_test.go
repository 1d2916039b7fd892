package custody

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/roles"
)

// TestGenerateKeyRefuses finds what is wrong before a token is asked.
func TestGenerateKeyRefuses(t *testing.T) {
	s := newSoftware(t)
	for _, tt := range []struct {
		request KeyRequest
		code    fault.Code
		want    string
	}{
		{KeyRequest{Name: "../pin", Type: hsm.Ed25519, Token: "all"}, fault.Usage, `key name is "../pin"`},
		{KeyRequest{Name: "Root-A", Type: hsm.Ed25519, Token: "all"}, fault.Usage, `key name is "Root-A"`},
		{KeyRequest{Name: "root-a"}, fault.Failed, "keys/root-a.yaml: file already exists; a key is never generated twice"},
		{KeyRequest{Name: "root-z"}, fault.Usage, "keys.root-z is missing; no token here holds that key"},
		{KeyRequest{Name: "root-c"}, fault.Usage, "key root-c: trust.yaml declares no type for it"},
	} {
		_, err := GenerateKey(t.Context(), s.open(), prompt.Nobody(io.Discard), func() time.Time { return s.now }, tt.request)
		wantError(t, err, tt.code, tt.want)
	}
}

func TestImportKey(t *testing.T) {
	s := newSoftware(t)
	pem, err := roles.MarshalPEM(softwareKey("supplier-a").Public())
	if err != nil {
		t.Fatal(err)
	}
	record, err := ImportKey(s.open(), "supplier-a", []byte(pem), s.now)
	if err != nil {
		t.Fatal(err)
	}
	if there, err := s.open().Key("supplier-a"); err != nil || there.Fingerprint() != record.Fingerprint() {
		t.Errorf("got %v, %v", there, err)
	}
	whole := s.read("keys/supplier-a.yaml")
	if err := os.Remove(s.path("keys/supplier-a.yaml")); err != nil {
		t.Fatal(err)
	}
	if _, err := ImportKey(s.open(), "supplier-a", []byte(whole), s.now); err != nil {
		t.Errorf("a record: %v", err)
	}

	_, err = ImportKey(s.open(), "supplier-b", []byte(pem), s.now)
	wantError(t, err, fault.Refused, "key supplier-b: the same public key is there already as supplier-a")
	_, err = ImportKey(s.open(), "supplier-b", []byte(whole), s.now)
	wantError(t, err, fault.Unverified, `name is "supplier-a", want "supplier-b"`)
	_, err = ImportKey(s.open(), "supplier-b", []byte("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"), s.now)
	wantError(t, err, fault.Unverified, "key supplier-b: ")
	other, err := roles.MarshalPEM(softwareKey("other").Public())
	if err != nil {
		t.Fatal(err)
	}
	if _, err = ImportKey(s.open(), "supplier-a", []byte(other), s.now); !errors.Is(err, fs.ErrExist) {
		t.Errorf("another key under a taken name: got %v", err)
	}
}

// TestImportName tries to import a record under a name that leaves keys/.
func TestImportName(t *testing.T) {
	dir := smallWorkspace(t)
	ws, err := workspace.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	public, err := plan.StandInKey(hsm.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	text, err := roles.MarshalPEM(public)
	if err != nil {
		t.Fatal(err)
	}
	record, err := ImportKey(ws, "acme-1", []byte(text), testNow)
	if err != nil {
		t.Fatal(err)
	}
	data, err := record.Encode()
	if err != nil {
		t.Fatal(err)
	}
	data = bytes.Replace(data, []byte("name: acme-1"), []byte("name: ../acme-2"), 1)
	if err := os.Remove(filepath.Join(dir, "keys/acme-1.yaml")); err != nil {
		t.Fatal(err)
	}
	if _, err := ImportKey(ws, "../acme-2", data, testNow); fault.CodeOf(err) != fault.Usage {
		t.Errorf("got %v (code %d), want it refused as usage", err, fault.CodeOf(err))
	}
	if _, err := os.Stat(filepath.Join(dir, "acme-2.yaml")); err == nil {
		t.Error("a record was written outside of keys/")
	}
}
