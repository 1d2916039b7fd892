package wrapping

import (
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

const backupText = `version: 1
key: root-a
token: 9a01dd04d52ccdce
wrapped:
  label: root-a
  type: ecdsa-p256
  public: MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEG/2EtsvJm4co9hwzMYoUvuea0saRCuvTpYYlNcG4nub9jed6aGMM2hJecUVFLMN2eniP4mQA2BVLd9oipiGJJA==
  wrapping-key: backup-2026
  mechanism: CKM_AES_KEY_WRAP_PAD
  wrapped: AAAA
`

func TestParseKeyBackupRefuses(t *testing.T) {
	for old, want := range map[string]string{
		"version: 1":  "version is 2, want 1",
		"key: root-a": "key is \"../pin\"",
		"token: ":     "token",
	} {
		new := map[string]string{"version: 1": "version: 2", "key: root-a": "key: ../pin", "token: ": "tokens: "}[old]
		_, err := ParseKeyBackup("b", []byte(strings.Replace(backupText, old, new, 1)))
		ceremonytest.WantError(t, err, fault.Usage, want)
	}
}

// A backup of a key that is not what it says stays off the token.
func TestBackupOfAnotherKey(t *testing.T) {
	s := ceremonytest.NewSoftware(t)
	record, err := s.Open().Key("root-a")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		backupText: "wrapped.public is not the public key in keys/root-a.yaml",
		strings.Replace(backupText, "public: MFkw", "public: AAAA", 1): "wrapped.public is not a public key",
	} {
		backup, err := ParseKeyBackup("b", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := backup.CheckRecord(record); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestLeaves asks for no PIN where the record says already that it is in vain.
func TestLeaves(t *testing.T) {
	mobile := &hsm.Evidence{Extractable: true, WrapWithTrusted: true}
	made := &workspace.TokenRecord{Serial: "12"}
	for _, tt := range []struct {
		record workspace.KeyRecord
		serial string // in site.yaml
		want   string
	}{
		{workspace.KeyRecord{Token: made, Evidence: mobile}, "12", ""},
		{workspace.KeyRecord{Token: made, Evidence: mobile}, "", ""},
		{workspace.KeyRecord{Token: made, Evidence: mobile}, "34", "the token with serial 12 made it; what token b has was restored there"},
		{workspace.KeyRecord{}, "12", "no token here made it"},
		{workspace.KeyRecord{Token: made, Evidence: &hsm.Evidence{Extractable: true}}, "12", "was not made to be backed up"},
		{workspace.KeyRecord{Token: made, Evidence: &hsm.Evidence{WrapWithTrusted: true}}, "12", "was not made to be backed up"},
	} {
		err := leaves(&tt.record, workspace.SiteToken{Name: "b", URI: hsm.URI{Serial: tt.serial}})
		if (err == nil) != (tt.want == "") || err != nil && (!strings.Contains(err.Error(), tt.want) || fault.CodeOf(err) != fault.Usage) {
			t.Errorf("%+v from %q: got %v, want %q", tt.record, tt.serial, err, tt.want)
		}
		if hints := fault.Hints(err); tt.serial == "34" && !slices.Contains(hints, "back up from the token that made it, or keep a copy of the file that it was restored from") {
			t.Errorf("got the hints %q", hints)
		}
	}
}

func FuzzKeyBackup(f *testing.F) {
	f.Add([]byte(backupText))
	f.Fuzz(func(t *testing.T, data []byte) {
		backup, err := ParseKeyBackup("b", data)
		if err != nil {
			return
		}
		again, err := strict.Encode(backup)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseKeyBackup("b", again); err != nil {
			t.Fatalf("%s: %v", again, err)
		}
	})
}
