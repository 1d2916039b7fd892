package hsm_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"testing"

	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

// A token that gives only sessions that read lists and signs.
func TestHabitReadOnly(t *testing.T) {
	g := softHSMTarget(t, hsm.Ed25519)
	token := g.open(t)
	made := hsmtest.Generate(t, token, "root-a", g.kind)
	token.Close()
	if token.Info().WriteProtected {
		t.Error("SoftHSM is not write-protected")
	}
	g.module = withHabit(t, g.module, "read-only")
	token = g.open(t)
	defer token.Close()
	if !token.Info().WriteProtected {
		t.Error("not seen to be write-protected")
	}
	if c, err := token.Capabilities(t.Context()); err != nil || len(c.Keys) == 0 {
		t.Errorf("got %+v, %v", c, err)
	}
	if _, err := onlyKey(t, token).Sign(t.Context(), []byte("metadata")); err != nil {
		t.Error(err)
	}
	backup := hsm.WrappedKey{Label: "root-b", Type: g.kind, Public: base64.StdEncoding.EncodeToString(spki(t, make(ed25519.PublicKey, 32))),
		WrappingKey: "backup", Mechanism: "CKM_AES_KEY_WRAP_PAD", Wrapped: "AAAA"}
	_, generateErr := token.Generate(t.Context(), hsm.KeySpec{ID: faultID, Label: "root-b", Type: g.kind})
	_, restoreErr := token.Restore(t.Context(), backup, faultID)
	destroyErr := token.Destroy(t.Context(), made.ID())
	token.Close()
	_, importErr := hsm.ImportWrappingKey(t.Context(), g.module, g.uri, "backup", []byte(hsmtest.SOPIN), components())
	for name, err := range map[string]error{"generate": generateErr, "restore": restoreErr, "destroy": destroyErr, "wrapping key": importErr} {
		t.Run(name, func(t *testing.T) {
			wantError(t, err, hsm.ErrReadOnly, "token is write-protected")
			wantHint(t, err, "lists and signs as it is")
		})
	}
}

func spki(t *testing.T, pub crypto.PublicKey) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// The flag alone says little: what it means is not specified.
func TestWriteProtectedFlag(t *testing.T) {
	g := withFlags(t, "0x2")
	token := g.open(t)
	defer token.Close()
	if !token.Info().WriteProtected {
		t.Error("the flag is not seen")
	}
	hsmtest.Generate(t, token, "root-a", g.kind)
}
