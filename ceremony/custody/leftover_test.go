package custody

import (
	"encoding/hex"
	"io"
	"path/filepath"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

// A token may give a new pair an id of its own. After an interruption the pair is
// found by its label, and taken under the id that it has.
func TestLeftoverUnderAnIDOfTheTokensOwn(t *testing.T) {
	s := ceremonytest.NewSoftware(t)
	token := ownIDs(t)
	id := [16]byte{'b', 'e', 'g', 'u', 'n'}
	opened, err := hsm.Open(t.Context(), token.Module, token.URI)
	if err != nil {
		t.Fatal(err)
	}
	if err := opened.Login(t.Context(), []byte(hsmtest.PIN)); err != nil {
		t.Fatal(err)
	}
	made, err := opened.Generate(t.Context(), hsm.KeySpec{ID: id, Label: "root-z", Type: hsm.Ed25519})
	if err != nil {
		t.Fatal(err)
	}
	if err := opened.Close(); err != nil {
		t.Fatal(err)
	}

	var log lines
	n := NewKey{Name: "root-z", Type: hsm.Ed25519, Token: token,
		Before: &transcript.Generating{ID: hex.EncodeToString(id[:]), Token: token.URI.Serial}}
	r := room.Room{Workspace: s.Open(), Prompter: prompt.Nobody(io.Discard), Now: func() time.Time { return s.Now }}
	record, err := n.Make(t.Context(), r, &log)
	if err != nil {
		t.Fatal(err)
	}
	if want, err := fingerprint(made); err != nil || [32]byte(record.Fingerprint()) != [32]byte(want) {
		t.Errorf("got %x, want %x, %v", record.Fingerprint(), want, err)
	}
	adopted, ok := log[1].(transcript.Adopted)
	if !ok || adopted.ID != hex.EncodeToString(made.ID()) || adopted.ID == hex.EncodeToString(id[:]) {
		t.Errorf("got %+v, want the pair adopted under id %x", log[1], made.ID())
	}
}

// ownIDs is a token that gives ids of its own.
func ownIDs(t *testing.T) workspace.SiteToken {
	t.Helper()
	m, uri, pin := hsmtest.Token(t, "officer-1")
	shim := filepath.Join(t.TempDir(), "habits.so")
	if err := hsmtest.BuildHabits("../../hsm/testdata", shim); err != nil {
		t.Fatal(err)
	}
	m.Env["HABIT"], m.Env["HABIT_MODULE"], m.Path, m.SHA256 = "own-ids", m.Path, shim, ""
	t.Setenv("KEYRITE_TEST_PIN", pin)
	source, err := hsm.ParsePINSource("env:KEYRITE_TEST_PIN")
	if err != nil {
		t.Fatal(err)
	}
	return workspace.SiteToken{Name: "officer-1", Module: m, URI: uri, PIN: source}
}
