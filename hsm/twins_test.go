package hsm_test

import (
	"os"
	"testing"

	"github.com/miekg/pkcs11"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

// TestTwins has a second private key under the id of the first, as another program
// can make it: which of the two would sign, nobody knows.
func TestTwins(t *testing.T) {
	g := softHSMTarget(t, hsm.ECDSAP256)
	token := g.open(t)
	key, err := token.Generate(t.Context(), hsm.KeySpec{ID: faultID, Label: "first", Type: g.kind})
	if err != nil {
		t.Fatal(err)
	}
	if err := token.Close(); err != nil {
		t.Fatal(err)
	}
	p, session := g.raw(t)
	a := pkcs11.NewAttribute
	common := []*pkcs11.Attribute{a(pkcs11.CKA_TOKEN, true), a(pkcs11.CKA_ID, faultID[:])}
	public, _, err := p.GenerateKeyPair(session, []*pkcs11.Mechanism{pkcs11.NewMechanism(pkcs11.CKM_EC_KEY_PAIR_GEN, nil)},
		append(common, a(pkcs11.CKA_EC_PARAMS, []byte("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"))), // prime256v1
		append(common, a(pkcs11.CKA_SIGN, true), a(pkcs11.CKA_PRIVATE, true)))
	if err == nil {
		err = p.DestroyObject(session, public)
	}
	if err != nil {
		t.Fatal(err)
	}
	token = g.open(t)
	defer token.Close()
	_, err = token.Find(t.Context(), key.Public())
	wantError(t, err, hsm.ErrAmbiguous, "private key of that id; got 2 objects, want 1")
	left, err := token.FindID(t.Context(), faultID[:])
	if err != nil || left.Public != 1 || left.Private != 2 || left.Key != nil {
		t.Errorf("got %+v, %v", left, err)
	}
}

// TestNoID destroys nothing where no id is given: a search for it could find all.
func TestNoID(t *testing.T) {
	token := hsmtest.Open(t, "officer-1")
	hsmtest.Generate(t, token, "root-a", hsm.Ed25519)
	wantError(t, token.Destroy(t.Context(), nil), hsm.ErrUsage, "the id is empty")
	_, err := token.FindID(t.Context(), nil)
	wantError(t, err, hsm.ErrUsage, "the id is empty")
	if keys, err := token.Keys(t.Context()); err != nil || len(keys) != 1 {
		t.Errorf("the token has %v, %v", keys, err)
	}
}

// TestDestroyIsLookedAt has a module that says that it destroyed what is still
// there.
func TestDestroyIsLookedAt(t *testing.T) {
	g := softHSMTarget(t, hsm.Ed25519)
	g.module = behindProxy(t, g.module, "C_DestroyObject 0 before lie", os.DevNull)
	token := g.open(t)
	defer token.Close()
	key := hsmtest.Generate(t, token, "root-a", hsm.Ed25519)
	wantError(t, token.Destroy(t.Context(), key.ID()), hsm.ErrFailed, "2 objects with id")
}
