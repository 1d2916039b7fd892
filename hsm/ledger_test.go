package hsm_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/pkcs11"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

// after is the record of the next signature.
func after(r hsm.LedgerRecord) hsm.LedgerRecord {
	next := r
	next.Seq, next.Version, next.Previous = r.Seq+1, r.Version+1, r.Hash()
	next.Signed = sha256.Sum256(fmt.Append(nil, "metadata ", next.Version))
	return next
}

// records returns the sequence numbers of a key on the token, in order, and fails
// on a damaged object.
func records(t *testing.T, token *hsm.Token, key [32]byte) []uint64 {
	t.Helper()
	objects, err := token.Ledger(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	seqs := []uint64{}
	for _, o := range objects {
		if o.Err != nil {
			t.Errorf("%s: %v", o.Label, o.Err)
		}
		if o.Record.Key == key {
			seqs = append(seqs, o.Record.Seq)
		}
	}
	slices.Sort(seqs)
	return seqs
}

func wantRecords(t *testing.T, token *hsm.Token, want ...uint64) {
	t.Helper()
	if got := records(t, token, aRecord(1, 1).Key); !slices.Equal(got, want) {
		t.Errorf("records; got %v, want %v", got, want)
	}
}

// create fails the test unless the records are made.
func create(t *testing.T, token *hsm.Token, records ...hsm.LedgerRecord) {
	t.Helper()
	if err := token.CreateLedgerRecords(t.Context(), records...); err != nil {
		t.Fatal(err)
	}
}

// The life of a ledger beside its key: made, read back, superseded, destroyed. The
// key signs before and after.
func keepLedger(t *testing.T, g target) {
	g, log := g.faultyProcess(t, 0, "")
	token := g.open(t)
	defer token.Close()
	key := hsmtest.Generate(t, token, "ledger", g.kind)
	wantRecords(t, token)
	first := aRecord(1, 1)
	second := after(first)
	elsewhere := first
	elsewhere.Role = sha256.Sum256([]byte("targets"))
	for _, r := range []hsm.LedgerRecord{first, elsewhere, second} {
		create(t, token, r)
	}
	wantRecords(t, token, 1, 1, 2)
	wantLifetimes(t, log, 1)
	if err := token.DestroyLedgerRecords(t.Context(), []hsm.LedgerRecord{first}); err != nil {
		t.Fatal(err)
	}
	wantRecords(t, token, 1, 2)
	third := after(second)
	create(t, token, third)
	wantLifetimes(t, log, 3) // made; destroyed; made
	found, err := token.Find(t.Context(), key.Public())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := found.Sign(t.Context(), []byte("metadata")); err != nil {
		t.Error(err)
	}
	if err := token.DestroyLedgerRecords(t.Context(), []hsm.LedgerRecord{first, second}); err != nil {
		t.Fatal(err)
	}
	objects, err := token.Ledger(t.Context())
	if err != nil || len(objects) != 2 {
		t.Fatalf("got %d objects, %v", len(objects), err)
	}
	for _, o := range objects {
		if want := map[uint64]hsm.LedgerRecord{1: elsewhere, 3: third}[o.Record.Seq]; o.Record != want || o.Label != want.Label() {
			t.Errorf("got %+v", o)
		}
	}
	if err := token.Destroy(t.Context(), key.ID()); err != nil {
		t.Error(err)
	}
}

func TestLedger(t *testing.T) { keepLedger(t, softHSMTarget(t, hsm.ECDSAP256)) }

func TestLedgerRefuses(t *testing.T) {
	m, uri, pin := hsmtest.Token(t, "officer-1")
	closed, err := hsm.Open(t.Context(), m, uri)
	if err != nil {
		t.Fatal(err)
	}
	_, err = closed.Ledger(t.Context())
	wantError(t, err, hsm.ErrNotLoggedIn, "officer-1")
	closed.Close()
	token := target{module: m, uri: uri, pin: pin, kind: hsm.Ed25519}.open(t)
	defer token.Close()
	last := aRecord(4, 7)
	create(t, token, last)
	wantError(t, token.DestroyLedgerRecords(t.Context(), []hsm.LedgerRecord{last}), hsm.ErrUsage, "record 4 of the ledger has no successor")
	other := after(last)
	other.Role = sha256.Sum256([]byte("targets"))
	create(t, token, other)
	wantError(t, token.DestroyLedgerRecords(t.Context(), []hsm.LedgerRecord{last}), hsm.ErrUsage, "no successor")
	bad := aRecord(5, 8)
	bad.Version = -1
	wantError(t, token.CreateLedgerRecords(t.Context(), bad), hsm.ErrUsage, "version -1")
	wantRecords(t, token, 4, 5)
}

// A record that is not alone at the head of its ledger is destroyed again; the one
// that was there stays.
func TestLedgerReadBack(t *testing.T) {
	for _, test := range []struct {
		name, fault string
		there       hsm.LedgerRecord
		want        string
	}{
		{"same sequence number", "", aRecord(2, 8), "is not the only one of its sequence number or after it; it was destroyed"},
		{"later sequence number", "", aRecord(3, 7), "is not the only one of its sequence number or after it; it was destroyed"},
		{"module that lies", "C_CreateObject 1 before lie", aRecord(1, 7), "is not found as it was made; it was destroyed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			plain := softHSMTarget(t, hsm.Ed25519)
			token := plain.open(t)
			create(t, token, test.there)
			token.Close()
			g, log := plain.faultyProcess(t, 1, test.fault)
			token = g.open(t)
			defer token.Close()
			wantError(t, token.CreateLedgerRecords(t.Context(), aRecord(2, 7)), hsm.ErrLedger, test.want)
			wantRecords(t, token, test.there.Seq)
			wantLifetimes(t, log, 2)
		})
	}
}

// What was judged is what is there when the record is made: a ledger that somebody
// changed in between, past keyrite's lock, is no witness. Those of other keys may change.
func TestLedgerHasChanged(t *testing.T) {
	made, genesis := aRecord(2, 7), hsm.LedgerRecord{Time: aRecord(1, 1).Time, Key: aRecord(1, 1).Key}
	elsewhere, other := aRecord(1, 3), aRecord(9, 9)
	elsewhere.Role = sha256.Sum256([]byte("targets"))
	other.Key[0] ^= 1
	objects := func(records ...hsm.LedgerRecord) (list []hsm.LedgerObject) {
		for _, r := range records {
			list = append(list, hsm.LedgerObject{Label: r.Label(), Value: r.Encode(), Record: r})
		}
		return list
	}
	torn := hsm.LedgerObject{Label: made.Label(), Value: []byte("torn"), Err: hsm.ErrLedger}
	first := aRecord(1, 6)
	for _, test := range []struct {
		name          string
		before, after []hsm.LedgerObject
		want          bool
	}{
		{"nothing else", objects(first), objects(genesis, made, first), false},
		{"another key's came", objects(first), objects(first, made, genesis, other), false},
		{"another key's went", objects(first, other), objects(first, made, genesis), false},
		{"another place's came", objects(first), objects(first, made, genesis, elsewhere), true},
		{"one went", objects(first), objects(made, genesis), true},
		{"the genesis went", objects(genesis), objects(made), true},
		{"what was made came twice", objects(first), objects(first, made, made, genesis), true},
		{"a torn one came", objects(first), append(objects(first, made, genesis), torn), true},
		{"a torn one was there", append(objects(first), torn), append(objects(first, made, genesis), torn), false},
	} {
		if got := hsm.HasChanged(test.before, test.after, []hsm.LedgerRecord{made, genesis}); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

// A record that went while another was made is missed.
func TestLedgerRecordGoesMeanwhile(t *testing.T) {
	g := softHSMTarget(t, hsm.Ed25519)
	token := g.open(t)
	defer token.Close()
	elsewhere := aRecord(1, 3)
	elsewhere.Role = sha256.Sum256([]byte("targets"))
	create(t, token, elsewhere)
	t.Run("destroy", func(t *testing.T) {
		p, session := g.raw(t)
		if err := p.FindObjectsInit(session, []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_LABEL, elsewhere.Label())}); err != nil {
			t.Fatal(err)
		}
		found, _, err := p.FindObjects(session, 2)
		if err != nil || len(found) != 1 {
			t.Fatalf("found %v, %v", found, err)
		}
		if err := p.DestroyObject(session, found[0]); err != nil {
			t.Fatal(err)
		}
	})
	wantError(t, token.CreateLedgerRecords(t.Context(), aRecord(2, 7)), hsm.ErrLedger, "is not all that has changed")
	wantRecords(t, token)
}

// What is not a record, or lies under the label of another, is shown as damaged
// and never taken for one. Objects of others are not looked at.
func TestLedgerOfDamagedObjects(t *testing.T) {
	g := softHSMTarget(t, hsm.Ed25519)
	r := aRecord(1, 7)
	torn := r.Encode()
	torn[200] ^= 1
	stranger := r
	stranger.Key[0] ^= 1
	t.Run("make", func(t *testing.T) {
		p, session := g.raw(t)
		for label, value := range map[string][]byte{
			r.Label(): torn, stranger.Label(): r.Encode(), "keyrite-genesis/1 00": nil, "somebody's": r.Encode(),
		} {
			rawRecord(t, p, session, label, value)
		}
	})
	token := g.open(t)
	defer token.Close()
	objects, err := token.Ledger(t.Context())
	if err != nil || len(objects) != 3 {
		t.Fatalf("got %d objects, %v", len(objects), err)
	}
	want := map[string]string{r.Label(): "checksum", stranger.Label(): "under another's label", "keyrite-genesis/1 00": "got 0 bytes"}
	for _, o := range objects {
		if text := want[o.Label]; text == "" || o.Err == nil || !strings.Contains(o.Err.Error(), text) {
			t.Errorf("%s: got %v, want %q", o.Label, o.Err, text)
		}
	}
}

// rawRecord makes a data object as a stranger would, past this package.
func rawRecord(t *testing.T, p *pkcs11.Ctx, session pkcs11.SessionHandle, label string, value []byte) {
	t.Helper()
	a := pkcs11.NewAttribute
	if _, err := p.CreateObject(session, []*pkcs11.Attribute{
		a(pkcs11.CKA_CLASS, pkcs11.CKO_DATA), a(pkcs11.CKA_TOKEN, true), a(pkcs11.CKA_PRIVATE, true),
		a(pkcs11.CKA_APPLICATION, "keyrite"), a(pkcs11.CKA_LABEL, label), a(pkcs11.CKA_VALUE, value),
	}); err != nil {
		t.Fatal(err)
	}
}

// A genesis is made once, and neither destroyed nor changed nor copied away, by
// whoever holds the PIN.
func TestGenesisStays(t *testing.T) {
	g := softHSMTarget(t, hsm.Ed25519)
	genesis := hsm.LedgerRecord{Time: aRecord(1, 1).Time, Key: aRecord(1, 1).Key}
	token := g.open(t)
	create(t, token, genesis)
	wantError(t, token.CreateLedgerRecords(t.Context(), genesis), hsm.ErrExists, "keyrite-genesis/1")
	create(t, token, aRecord(1, 1))
	wantError(t, token.DestroyLedgerRecords(t.Context(), []hsm.LedgerRecord{genesis}), hsm.ErrUsage, "no successor")
	wantRecords(t, token, 0, 1)
	token.Close()
	t.Run("attack", func(t *testing.T) {
		p, session := g.raw(t)
		a := pkcs11.NewAttribute
		if err := p.FindObjectsInit(session, []*pkcs11.Attribute{a(pkcs11.CKA_LABEL, genesis.Label())}); err != nil {
			t.Fatal(err)
		}
		found, _, err := p.FindObjects(session, 2)
		if err != nil || len(found) != 1 {
			t.Fatalf("found %v, %v", found, err)
		}
		if err := p.FindObjectsFinal(session); err != nil {
			t.Fatal(err)
		}
		for kind, want := range map[uint]byte{pkcs11.CKA_PRIVATE: 1, pkcs11.CKA_DESTROYABLE: 0, pkcs11.CKA_MODIFIABLE: 0, pkcs11.CKA_COPYABLE: 0} {
			got, err := p.GetAttributeValue(session, found[0], []*pkcs11.Attribute{a(kind, nil)})
			if err != nil || len(got) != 1 || !bytes.Equal(got[0].Value, []byte{want}) {
				t.Errorf("attribute %#x: %v, %v", kind, got, err)
			}
		}
		if p.DestroyObject(session, found[0]) == nil {
			t.Error("destroyed")
		}
		for _, change := range []*pkcs11.Attribute{a(pkcs11.CKA_DESTROYABLE, true), a(pkcs11.CKA_VALUE, []byte{1}), a(pkcs11.CKA_LABEL, "x")} {
			if p.SetAttributeValue(session, found[0], []*pkcs11.Attribute{change}) == nil {
				t.Errorf("changed %v", change)
			}
		}
		if _, err := p.CopyObject(session, found[0], []*pkcs11.Attribute{a(pkcs11.CKA_DESTROYABLE, true)}); err == nil {
			t.Error("copied")
		}
	})
}
