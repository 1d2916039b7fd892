//go:build modules

package hsm_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/hsm"
)

// setUp sets the module's token up, and does so again only when it is told to erase.
func (r *moduleRun) setUp(t *testing.T) {
	initialise := func(which hsm.InitTarget) (hsm.TokenInfo, error) {
		return hsm.InitToken(t.Context(), r.module, which, "matrix", []byte(matrixSOPIN), []byte(matrixPIN))
	}
	if r.quirks.emptyFirst {
		_, err := initialise(hsm.InitTarget{})
		wantError(t, err, hsm.ErrTokenNotFound, "there are none")
		r.found.Habits = append(r.found.Habits, "empty")
	}
	if r.quirks.noInit != "" {
		r.uri = hsm.URI{Token: required(t, "KEYRITE_MODULE_LABEL")}
		_, err := initialise(hsm.InitTarget{})
		wantError(t, err, hsm.ErrTokenNotFound, "no token to set up")
		_, err = initialise(hsm.InitTarget{EraseSerial: "0000000000000000"})
		wantError(t, err, hsm.ErrAmbiguous, r.quirks.noInit)
		r.fact("set up by", "its own tool")
		r.fact("serial number", "zeros: select by label")
		return
	}
	info, err := initialise(hsm.InitTarget{})
	if err != nil {
		t.Fatal(err)
	}
	r.fact("set up by", "keyrite")
	_, err = initialise(hsm.InitTarget{Slot: &info.Slot})
	wantError(t, err, hsm.ErrExists, "matrix")
	again, err := initialise(hsm.InitTarget{EraseSerial: info.Serial})
	refused(t, err, hsm.ErrAmbiguous, r.quirks.noErase)
	if err == nil {
		info = again
	}
	serial := "unique"
	switch {
	case strings.Trim(info.Serial, "0") == "":
		serial = "zeros: select by label"
	case len(info.Serial) < 8:
		serial = "always " + info.Serial + ": select by label"
	}
	r.fact("serial number", serial)
	r.uri = info.URI()
}

// keys takes a key of each type through its whole life, and is refused the others.
func (r *moduleRun) keys(t *testing.T) {
	token := r.open(t)
	c, err := token.Capabilities(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r.found.Report = hsm.Report{Name: r.module.Name, Token: token.Info(), Capabilities: c}
	templates := map[string]bool{}
	for _, can := range c.Keys {
		t.Run(string(can.Type), func(t *testing.T) {
			if can.Generate {
				templates[r.life(t, token, can)] = true
				return
			}
			spec := r.spec(t, can.Type)
			_, err := token.Generate(t.Context(), spec)
			wantError(t, err, hsm.ErrUnsupported, r.uri.Token)
			r.wantNothing(t, token, spec)
		})
	}
	r.fact("attribute template of new keys", strings.Join(slices.Sorted(maps.Keys(templates)), ", "))
}

// spec is a key that the module makes.
func (r *moduleRun) spec(t *testing.T, kind hsm.KeyType) hsm.KeySpec {
	t.Helper()
	spec := hsm.KeySpec{Label: "matrix-" + string(kind), Type: kind, Unproven: r.quirks.unproven}
	if _, err := rand.Read(spec.ID[:]); err != nil {
		t.Fatal(err)
	}
	return spec
}

// wantNothing fails if there is something of a key on the token.
func (r *moduleRun) wantNothing(t *testing.T, token *hsm.Token, spec hsm.KeySpec) {
	t.Helper()
	if left, err := token.FindID(t.Context(), spec.ID[:]); err != nil || !left.Empty() {
		t.Errorf("%s is left: %+v, %v", spec.Label, left, err)
	}
}

// life generates, finds, signs, proves and destroys. It returns the key's template.
func (r *moduleRun) life(t *testing.T, token *hsm.Token, can hsm.KeyCapability) string {
	spec := r.spec(t, can.Type)
	made, err := token.Generate(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	key, err := token.Find(t.Context(), made.Public())
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{0, 1, 1 << 20} {
		if _, err := key.Sign(t.Context(), bytes.Repeat([]byte("x"), size)); err != nil {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
	proof, err := key.Prove(t.Context(), "matrix", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := proof.Verify("matrix", made.Public()); err != nil {
		t.Error(err)
	}
	e := made.Evidence()
	if e.Local == r.quirks.unproven || !e.Sensitive || e.Extractable || e.SignMechanism != can.Sign {
		t.Errorf("evidence: %+v", e)
	}
	if err := token.Destroy(t.Context(), made.ID()); err != nil {
		t.Error(err)
	}
	r.wantNothing(t, token, spec)
	return e.Template
}

// evidence is had for a role that wants it, or no key is made for one.
func (r *moduleRun) evidence(t *testing.T) {
	token := r.open(t)
	spec := r.spec(t, r.quirks.kind)
	spec.Unproven = false
	made, err := token.Generate(t.Context(), spec)
	says := "yes"
	switch {
	case r.quirks.unproven:
		wantError(t, err, hsm.ErrEvidence, "does not say that the new key was made in it")
		says = "no: it does not say where keys were made"
	case err != nil:
		t.Fatal(err)
	case made.Evidence().Modifiable:
		says = "no: whoever has the PIN can change them"
	}
	r.fact("attributes are evidence", says)
	if err := token.Destroy(t.Context(), spec.ID[:]); err != nil && !r.quirks.unproven {
		t.Error(err)
	}
	r.wantNothing(t, token, spec)
}

// backup carries keys out and in again under a key of the security officer, or is
// refused that key.
func (r *moduleRun) backup(t *testing.T) {
	const name = "backup (`AES_KEY_WRAP_PAD`)"
	_, err := hsm.ImportWrappingKey(t.Context(), r.module, r.uri, "backup", []byte(matrixSOPIN), components())
	if r.quirks.noWrapping != "" {
		var e *hsm.Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), r.quirks.noWrapping) {
			t.Errorf("got %v, want %q", err, r.quirks.noWrapping)
		}
		r.fact(name, "no: "+r.quirks.noWrapping)
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	var can []string
	for _, kind := range []hsm.KeyType{hsm.Ed25519, hsm.ECDSAP256, hsm.ECDSAP384, hsm.RSA3072} {
		if err := r.carry(t, kind); err == nil {
			can = append(can, string(kind))
		} else {
			wantError(t, err, hsm.ErrUnsupported, "CKR_KEY_NOT_WRAPPABLE")
		}
	}
	r.fact(name, strings.Join(can, ", "))
}

// carry wraps a key, destroys it, and restores it.
func (r *moduleRun) carry(t *testing.T, kind hsm.KeyType) error {
	spec := r.spec(t, kind)
	spec.Backup = true
	token := r.open(t)
	made, err := token.Generate(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	wrapped, wrapErr := made.Backup(t.Context(), "backup")
	if err := errors.Join(token.Destroy(t.Context(), spec.ID[:]), token.Close()); err != nil || wrapErr != nil {
		return errors.Join(err, wrapErr)
	}
	token = r.open(t)
	if _, err := token.Restore(t.Context(), wrapped, spec.ID); err != nil {
		t.Error(err)
	}
	return errors.Join(token.Destroy(t.Context(), spec.ID[:]), token.Close())
}

// ledger is kept where the table of measured modules says so.
func (r *moduleRun) ledger(t *testing.T) {
	g := r.target()
	token := g.open(t)
	support := token.Info().Ledger()
	_, err := token.Ledger(t.Context())
	token.Close()
	if support.Holds != (r.quirks.noLedger == "") {
		t.Fatalf("holds a ledger: %+v", support)
	}
	if !support.Holds {
		wantError(t, err, hsm.ErrUnsupported, r.quirks.noLedger)
		return
	}
	if !support.Genesis {
		token := g.open(t)
		genesis := hsm.LedgerRecord{Key: aRecord(1, 1).Key, Time: time.Unix(1, 0)}
		wantError(t, token.CreateLedgerRecords(t.Context(), genesis), hsm.ErrUnsupported, "never be destroyed")
		token.Close()
	}
	keepLedger(t, g)
	killLedger(t, g)
}

// faults come from every call of a ceremony.
func (r *moduleRun) faults(t *testing.T) {
	report(t, r.module.Name+".pairs", tryFaults(t, r.target(), false)...)
	if r.quirks.neighbours > 0 {
		g := r.target()
		g.module = behindProxy(t, g.module, "C_GetTokenInfo 1 before 0xE1", os.DevNull)
		if err := g.ceremony(t.Context()); err != nil {
			t.Errorf("a neighbour cannot be read: %v", err)
		}
	}
}
