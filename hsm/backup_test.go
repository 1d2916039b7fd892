package hsm_test

import (
	"bytes"
	"testing"

	"github.com/miekg/pkcs11"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

// components are what two custodians type in.
func components() [][]byte {
	return [][]byte{bytes.Repeat([]byte{0x5a}, 32), bytes.Repeat([]byte{0xc3}, 32)}
}

// backupToken is a token with a trusted wrapping key.
func backupToken(t *testing.T, label string) (token *hsm.Token, checkValue string) {
	t.Helper()
	m, uri, pin := hsmtest.Token(t, label)
	checkValue, err := hsm.ImportWrappingKey(t.Context(), m, uri, "backup", []byte(hsmtest.SOPIN), components())
	if err != nil {
		t.Fatal(err)
	}
	token = target{module: m, uri: uri, pin: pin, kind: hsm.ECDSAP256}.open(t)
	t.Cleanup(func() { token.Close() })
	return token, checkValue
}

func TestBackupAndRestore(t *testing.T) {
	from, checkFrom := backupToken(t, "officer-1")
	to, checkTo := backupToken(t, "safe")
	if checkFrom != checkTo || len(checkFrom) != 6 {
		t.Errorf("check values: %q, %q", checkFrom, checkTo)
	}
	for i, kind := range []hsm.KeyType{hsm.ECDSAP256, hsm.ECDSAP384, hsm.RSA3072} {
		spec := hsm.KeySpec{ID: [16]byte{byte(i + 1)}, Label: "root-" + string(kind), Type: kind, Backup: true}
		key, err := from.Generate(t.Context(), spec)
		if err != nil {
			t.Fatal(err)
		}
		if e := key.Evidence(); !e.Extractable || e.NeverExtractable || !e.WrapWithTrusted || !e.Local {
			t.Errorf("%s: evidence: %+v", kind, e)
		}
		wrapped, err := key.Backup(t.Context(), "backup")
		if err != nil {
			t.Fatal(err)
		}
		restored, err := to.Restore(t.Context(), wrapped, spec.ID)
		if err != nil {
			t.Fatal(err)
		}
		if e := restored.Evidence(); e.Extractable || e.Local || !e.Sensitive {
			t.Errorf("%s: evidence of the restored key: %+v", kind, e)
		}
		found, err := to.Find(t.Context(), key.Public())
		if err != nil || !bytes.Equal(found.ID(), spec.ID[:]) {
			t.Errorf("%s: found %v, %v", kind, found, err)
		}
	}
}

// TestBackupNamesItsWrappingKey restores with the key of the right check value, under
// whatever label, and says which one is missing.
func TestBackupNamesItsWrappingKey(t *testing.T) {
	from, check := backupToken(t, "officer-1")
	key, err := from.Generate(t.Context(), hsm.KeySpec{ID: [16]byte{1}, Label: "root-a", Type: hsm.ECDSAP256, Backup: true})
	if err != nil {
		t.Fatal(err)
	}
	wrapped, err := key.Backup(t.Context(), "backup")
	if err != nil || wrapped.CheckValue != check {
		t.Errorf("got check value %q, %v, want %q", wrapped.CheckValue, err, check)
	}
	m, uri, pin := hsmtest.Token(t, "safe")
	give := func(label string, components [][]byte) {
		t.Helper()
		if _, err := hsm.ImportWrappingKey(t.Context(), m, uri, label, []byte(hsmtest.SOPIN), components); err != nil {
			t.Fatal(err)
		}
	}
	restore := func() error {
		token := target{module: m, uri: uri, pin: pin, kind: hsm.ECDSAP256}.open(t)
		defer token.Close()
		_, err := token.Restore(t.Context(), wrapped, [16]byte{2})
		return err
	}
	wantError(t, restore(), hsm.ErrKeyNotFound, "with check value "+check+", which the token does not have; it has no wrapping key")
	give("backup", [][]byte{bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)})
	wantError(t, restore(), hsm.ErrKeyNotFound, `which the token does not have; it has "backup" (check value `)
	give("backup-2026", components())
	if err := restore(); err != nil {
		t.Error(err)
	}
}

// TestCheckValue compares with the vector of FIPS 197 for AES-256 of zeros.
func TestCheckValue(t *testing.T) {
	if got := hsm.CheckValue(make([]byte, 32)); got != "dc95c0" { // NIST SP 800-38A's ECB of a zero block under a zero key
		t.Errorf("got %s", got)
	}
	if got := hsm.CheckValue(make([]byte, 16)); got != "" {
		t.Errorf("another length: got %q", got)
	}
}

func TestBackupRefuses(t *testing.T) {
	from, _ := backupToken(t, "officer-1")
	to, _ := backupToken(t, "safe")
	plain := hsmtest.Generate(t, from, "plain", hsm.ECDSAP256)
	_, err := plain.Backup(t.Context(), "backup")
	wantError(t, err, hsm.ErrUsage, "not made to be backed up")

	spec := hsm.KeySpec{ID: [16]byte{1}, Label: "root-a", Type: hsm.ECDSAP256, Backup: true}
	key, err := from.Generate(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	_, err = key.Backup(t.Context(), "no such key")
	wantError(t, err, hsm.ErrKeyNotFound, `"no such key"`)

	wrapped, err := key.Backup(t.Context(), "backup")
	if err != nil {
		t.Fatal(err)
	}
	_, err = from.Restore(t.Context(), wrapped, [16]byte{2})
	wantError(t, err, hsm.ErrExists, "root-a")
	empty := wrapped
	empty.Wrapped = ""
	_, err = to.Restore(t.Context(), empty, [16]byte{3})
	wantError(t, err, hsm.ErrUsage, "wrapped is empty")
	for name, spoil := range map[string]func(*hsm.WrappedKey){
		"wrapped":   func(w *hsm.WrappedKey) { w.Wrapped = "AAAA" + w.Wrapped[4:] },
		"public":    func(w *hsm.WrappedKey) { w.Public = w.Wrapped },
		"type":      func(w *hsm.WrappedKey) { w.Type = hsm.RSA3072 },
		"mechanism": func(w *hsm.WrappedKey) { w.Mechanism = "CKM_AES_ECB" },
	} {
		spoiled := wrapped
		spoiled.Label = "root-b"
		spoil(&spoiled)
		if _, err := to.Restore(t.Context(), spoiled, [16]byte{3}); err == nil {
			t.Errorf("%s: restored a spoiled backup", name)
		}
		id := [16]byte{3}
		if left, err := to.FindID(t.Context(), id[:]); err != nil || !left.Empty() {
			t.Errorf("%s: left %+v, %v", name, left, err)
		}
	}
}

// A user can make a wrapping key too; only the security officer's is trusted.
func TestBackupWantsATrustedWrappingKey(t *testing.T) {
	m, uri, pin := hsmtest.Token(t, "officer-1")
	g := target{module: m, uri: uri, pin: pin, kind: hsm.ECDSAP256}
	t.Run("make", func(t *testing.T) {
		p, session := g.raw(t)
		a := pkcs11.NewAttribute
		if _, err := p.CreateObject(session, []*pkcs11.Attribute{
			a(pkcs11.CKA_CLASS, pkcs11.CKO_SECRET_KEY), a(pkcs11.CKA_KEY_TYPE, pkcs11.CKK_AES), a(pkcs11.CKA_TOKEN, true),
			a(pkcs11.CKA_VALUE, make([]byte, 32)), a(pkcs11.CKA_LABEL, "mine"), a(pkcs11.CKA_WRAP, true),
		}); err != nil {
			t.Fatal(err)
		}
	})
	token := g.open(t)
	defer token.Close()
	key, err := token.Generate(t.Context(), hsm.KeySpec{ID: [16]byte{1}, Label: "root-a", Type: g.kind, Backup: true})
	if err != nil {
		t.Fatal(err)
	}
	_, err = key.Backup(t.Context(), "mine")
	wantError(t, err, hsm.ErrUsage, `wrapping key "mine" is not trusted`)
}

func TestRestoreOfAnotherKeyIsCaught(t *testing.T) {
	token, _ := backupToken(t, "officer-1")
	var wrapped [2]hsm.WrappedKey
	for i := range wrapped {
		key, err := token.Generate(t.Context(), hsm.KeySpec{ID: [16]byte{byte(i)}, Label: string(rune('a' + i)), Type: hsm.ECDSAP256, Backup: true})
		if err != nil {
			t.Fatal(err)
		}
		if wrapped[i], err = key.Backup(t.Context(), "backup"); err != nil {
			t.Fatal(err)
		}
	}
	swapped := wrapped[0]
	swapped.Label, swapped.Wrapped = "c", wrapped[1].Wrapped
	_, err := token.Restore(t.Context(), swapped, [16]byte{9})
	wantError(t, err, hsm.ErrExists, "the token has this key")
	if err := token.Destroy(t.Context(), make([]byte, 16)); err != nil {
		t.Fatal(err)
	}
	_, err = token.Restore(t.Context(), swapped, [16]byte{9})
	wantError(t, err, hsm.ErrSignature, `the new key "c" was destroyed`)
}

func TestImportWrappingKeyRefuses(t *testing.T) {
	m, uri, pin := hsmtest.Token(t, "officer-1")
	give := func(soPIN string, components [][]byte) error {
		_, err := hsm.ImportWrappingKey(t.Context(), m, uri, "backup", []byte(soPIN), components)
		return err
	}
	wantError(t, give(hsmtest.SOPIN, components()[:1]), hsm.ErrUsage, "got 1 components")
	wantError(t, give(hsmtest.SOPIN, [][]byte{{1}, {2}}), hsm.ErrUsage, "got 1 bytes")
	wantError(t, give(pin, components()), hsm.ErrPINIncorrect, "C_Login")
	if err := give(hsmtest.SOPIN, components()); err != nil {
		t.Fatal(err)
	}
	wantError(t, give(hsmtest.SOPIN, components()), hsm.ErrExists, "backup")
}
