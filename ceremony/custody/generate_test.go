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

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/roles"
)

// TestGenerateKeyRefuses finds what is wrong before a token is asked.
func TestGenerateKeyRefuses(t *testing.T) {
	s := ceremonytest.NewSoftware(t)
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
		_, err := GenerateKey(t.Context(), room.Room{Workspace: s.Open(), Prompter: prompt.Nobody(io.Discard), Now: func() time.Time { return s.Now }}, tt.request)
		ceremonytest.WantError(t, err, tt.code, tt.want)
	}
}

func TestImportKey(t *testing.T) {
	s := ceremonytest.NewSoftware(t)
	pem, err := roles.MarshalPEM(ceremonytest.Key("supplier-a").Public())
	if err != nil {
		t.Fatal(err)
	}
	record, err := ImportKey(s.Open(), "supplier-a", []byte(pem), s.Now)
	if err != nil {
		t.Fatal(err)
	}
	if there, err := s.Open().Key("supplier-a"); err != nil || there.Fingerprint() != record.Fingerprint() {
		t.Errorf("got %v, %v", there, err)
	}
	whole := s.Read("keys/supplier-a.yaml")
	if err := os.Remove(s.Path("keys/supplier-a.yaml")); err != nil {
		t.Fatal(err)
	}
	if _, err := ImportKey(s.Open(), "supplier-a", []byte(whole), s.Now); err != nil {
		t.Errorf("a record: %v", err)
	}

	_, err = ImportKey(s.Open(), "supplier-b", []byte(pem), s.Now)
	ceremonytest.WantError(t, err, fault.Refused, "key supplier-b: the same public key is there already as supplier-a")
	_, err = ImportKey(s.Open(), "supplier-b", []byte(whole), s.Now)
	ceremonytest.WantError(t, err, fault.Unverified, `name is "supplier-a", want "supplier-b"`)
	_, err = ImportKey(s.Open(), "supplier-b", []byte("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"), s.Now)
	ceremonytest.WantError(t, err, fault.Unverified, "key supplier-b: ")
	other, err := roles.MarshalPEM(ceremonytest.Key("other").Public())
	if err != nil {
		t.Fatal(err)
	}
	if _, err = ImportKey(s.Open(), "supplier-a", []byte(other), s.Now); !errors.Is(err, fs.ErrExist) {
		t.Errorf("another key under a taken name: got %v", err)
	}
}

// TestImportName tries to import a record under a name that leaves keys/.
func TestImportName(t *testing.T) {
	dir := ceremonytest.Small(t)
	ws, err := workspace.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	public, err := plan.StandIn("x", hsm.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	text, err := roles.MarshalPEM(public)
	if err != nil {
		t.Fatal(err)
	}
	record, err := ImportKey(ws, "acme-1", []byte(text), ceremonytest.Now)
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
	if _, err := ImportKey(ws, "../acme-2", data, ceremonytest.Now); fault.CodeOf(err) != fault.Usage {
		t.Errorf("got %v (code %d), want it refused as usage", err, fault.CodeOf(err))
	}
	if _, err := os.Stat(filepath.Join(dir, "acme-2.yaml")); err == nil {
		t.Error("a record was written outside of keys/")
	}
}
