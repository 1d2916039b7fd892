package hsm_test

import (
	"crypto"
	"crypto/ed25519"
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

// Keys are found where a search by the public value, or by anything but the class,
// finds nothing or is refused.
func TestHabitSearch(t *testing.T) {
	for _, habit := range []string{"search-value 0", "search-value 12", "search-value 13", "search-value D1", "search-class"} {
		kinds := []hsm.KeyType{hsm.Ed25519}
		if strings.HasPrefix(habit, "search-value 0") {
			kinds = append(kinds, hsm.RSA3072) // slow to make
		}
		for _, kind := range kinds {
			t.Run(habit+" "+string(kind), func(t *testing.T) {
				g := habitual(t, kind, habit)
				token := g.open(t)
				defer token.Close()
				other := hsmtest.Generate(t, token, "root-b", hsm.ECDSAP256)
				made := hsmtest.Generate(t, token, "root-a", kind)
				key, err := token.Find(t.Context(), made.Public())
				if err != nil || key.Label() != "root-a" {
					t.Fatalf("got %v, %v", key, err)
				}
				if keys, err := token.Keys(t.Context()); err != nil || len(keys) != 2 {
					t.Errorf("got %d keys, %v", len(keys), err)
				}
				_, err = token.Generate(t.Context(), hsm.KeySpec{ID: [16]byte{1}, Label: "root-a", Type: kind})
				wantError(t, err, hsm.ErrExists, "root-a")
				_, err = token.Generate(t.Context(), hsm.KeySpec{ID: [16]byte(made.ID()), Label: "root-c", Type: kind})
				wantError(t, err, hsm.ErrExists, "root-c")
				if err := token.Destroy(t.Context(), made.ID()); err != nil {
					t.Fatal(err)
				}
				_, err = token.Find(t.Context(), made.Public())
				wantError(t, err, hsm.ErrKeyNotFound, "no public key")
				if _, err := token.Find(t.Context(), other.Public()); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// An answer that is no "cannot search by that" is an error, not an empty list.
func TestHabitSearchThatFails(t *testing.T) {
	g := habitual(t, hsm.Ed25519, "search-value 30")
	wantError(t, g.ceremony(t.Context()), hsm.ErrFailed, "C_FindObjectsInit: token reported a failure; the new pair was destroyed: answer CKR_DEVICE_ERROR")
}

// An empty answer is believed of a search that has found something before.
func TestSearchesThatWorkAreBelieved(t *testing.T) {
	g, log := softHSMTarget(t, hsm.Ed25519), filepath.Join(t.TempDir(), "calls")
	plain := g.open(t)
	made := hsmtest.Generate(t, plain, "root-a", g.kind)
	plain.Close()
	g.module = behindProxy(t, g.module, "", log)
	token := g.open(t)
	defer token.Close()
	searches := 0
	for i, step := range []struct {
		pub  crypto.PublicKey
		want int
	}{
		{make(ed25519.PublicKey, 32), 4}, // by both spellings of the value, every public key, and one of them
		{made.Public(), 2},               // the public key, the private key
		{make(ed25519.PublicKey, 32), 2}, // by both spellings
	} {
		_, _ = token.Find(t.Context(), step.pub)
		now := countCalls(t, log)["C_FindObjectsInit"]
		if now-searches != step.want {
			t.Errorf("%d: got %d searches, want %d", i, now-searches, step.want)
		}
		searches = now
	}
}

// What a module shows without end is stopped.
func TestHabitWithoutEnd(t *testing.T) {
	g := habitual(t, hsm.Ed25519, "endless")
	token := g.open(t)
	_, err := token.Keys(t.Context())
	wantError(t, err, hsm.ErrFailed, "a search has found more than 65536 objects and was stopped")
	token.Close()

	g = habitual(t, hsm.Ed25519, "many-mechanisms")
	token = g.open(t)
	_, err = token.Capabilities(t.Context())
	wantError(t, err, hsm.ErrFailed, "mechanisms; got 100000, want at most 4096")
	token.Close()

	g = habitual(t, hsm.Ed25519, "many-slots")
	_, err = hsm.Tokens(t.Context(), g.module)
	wantError(t, err, hsm.ErrFailed, "slots; got 5000, want at most 1024")

	g = softHSMTarget(t, hsm.Ed25519)
	token = g.open(t)
	hsmtest.Generate(t, token, "root-a", g.kind)
	token.Close()
	g.module = withHabit(t, g.module, "large-attribute")
	token = g.open(t)
	defer token.Close()
	if key := onlyKey(t, token); key.Label() != "" {
		t.Errorf("got a label of %d bytes", len(key.Label()))
	}
}
