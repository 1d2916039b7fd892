package hsm_test

import (
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

// TestSearchesOfAnAct counts them: where a token has many objects, they are what a
// ceremony costs.
func TestSearchesOfAnAct(t *testing.T) {
	g, log := softHSMTarget(t, hsm.Ed25519), filepath.Join(t.TempDir(), "calls")
	g.module = behindProxy(t, g.module, "", log)
	token, before := g.open(t), 0
	wantSearches := func(what string, want int) {
		t.Helper()
		now := countCalls(t, log)["C_FindObjectsInit"]
		if now-before != want {
			t.Errorf("%s: got %d searches, want %d", what, now-before, want)
		}
		before = now
	}
	var made []*hsm.Key
	for i, want := range []int{
		8, // is the id free, the label; can the token search by either (it is empty); by the value, by the id
		2, // all objects, for their names; by the id, since the search by the value has worked
		1, // by the id
	} {
		made = append(made, hsmtest.Generate(t, token, fmt.Sprint("key-", i), g.kind))
		wantSearches(fmt.Sprint("key ", i), want)
	}
	sign := func(i int) {
		t.Helper()
		record := aRecord(1, 1)
		record.Key = sha256.Sum256([]byte{byte(i)})
		key, err := token.Find(t.Context(), made[i].Public())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := token.Ledger(t.Context()); err != nil {
			t.Fatal(err)
		}
		create(t, token, record, hsm.LedgerRecord{Time: record.Time, Key: record.Key})
		if _, err := key.Sign(t.Context(), []byte("metadata")); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []int{2, 1, 1} { // the ledger, before the first; after each
		sign(i)
		wantSearches(fmt.Sprint("signature ", i), want)
	}
	token.Close()
	made, token = made[:1], g.open(t)
	defer token.Close()
	record := after(aRecord(1, 1))
	if _, err := token.Find(t.Context(), made[0].Public()); err != nil {
		t.Fatal(err)
	}
	create(t, token, record)
	wantSearches("a signature in a fresh helper", 4) // by the value, by the id; the ledger, before and after
}
