package hsm_test

import (
	"testing"

	"github.com/uptane/keyrite/hsm"
)

// What a module says, starts and does at its end is no concern of a ceremony's.
func TestHabitManners(t *testing.T) {
	for _, habit := range []string{"chatter", "forks", "crash-at-end"} {
		g := habitual(t, hsm.Ed25519, habit)
		if err := g.ceremony(t.Context()); err != nil {
			t.Errorf("%s: %v", habit, err)
		}
		if token := g.open(t); token.Close() != nil {
			t.Errorf("%s: an error at the end", habit)
		}
	}
}

// A label that is no text is shown as one, and names the token all the same.
func TestHabitLabelOfBytes(t *testing.T) {
	g := habitual(t, hsm.Ed25519, "label-bytes")
	listing, err := hsm.Tokens(t.Context(), g.module)
	if err != nil || listing.Tokens[0].Label != `caf\xe9` {
		t.Fatalf("got %+v, %v", listing, err)
	}
	for _, uri := range []hsm.URI{listing.Tokens[0].URI(), {Serial: g.uri.Serial}} {
		g.uri = uri
		if err := g.ceremony(t.Context()); err != nil {
			t.Errorf("%s: %v", uri, err)
		}
	}
}

// Some cards show another label once something is stored on them. Who names the serial
// alone finds them.
func TestHabitLabelThatChanges(t *testing.T) {
	g := habitual(t, hsm.Ed25519, "label-changes")
	_, err := hsm.Open(t.Context(), g.module, g.uri)
	wantError(t, err, hsm.ErrTokenNotFound, "pkcs11:token=another;serial="+g.uri.Serial)
	wantHint(t, err, "compare its serial")
	g.uri = hsm.URI{Serial: g.uri.Serial}
	if err := g.ceremony(t.Context()); err != nil {
		t.Error(err)
	}
}
