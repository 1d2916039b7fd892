// Package hsmtest gives tests a fresh PKCS#11 token. A missing SoftHSM2 fails
// the test: it never skips one.
package hsmtest

import (
	"crypto/rand"
	"testing"

	"github.com/uptane/keyrite/hsm"
)

// The PINs of every test token.
const (
	PIN   = "1234-user"
	SOPIN = "1234-officer"
)

// Module returns an empty SoftHSM2 of its own.
func Module(t testing.TB) hsm.Module {
	t.Helper()
	m, err := hsm.NewSoftHSM(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// AddToken sets up one more token in m.
func AddToken(t testing.TB, m hsm.Module, label string) hsm.URI {
	t.Helper()
	info, err := hsm.InitToken(t.Context(), m, hsm.InitTarget{}, label, []byte(SOPIN), []byte(PIN))
	if err != nil {
		t.Fatal(err)
	}
	return info.URI()
}

// Token sets up a token in a SoftHSM2 of its own and returns its module, its
// exact URI and its user PIN.
func Token(t testing.TB, label string) (hsm.Module, hsm.URI, string) {
	t.Helper()
	m := Module(t)
	return m, AddToken(t, m, label), PIN
}

// Open sets up a token, opens it and logs in. It is closed when the test ends.
func Open(t testing.TB, label string) *hsm.Token {
	t.Helper()
	m, uri, pin := Token(t, label)
	token, err := hsm.Open(t.Context(), m, uri)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := token.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := token.Login(t.Context(), []byte(pin)); err != nil {
		t.Fatal(err)
	}
	return token
}

// Generate makes a key pair with a random id.
func Generate(t testing.TB, token *hsm.Token, label string, kind hsm.KeyType) *hsm.Key {
	t.Helper()
	spec := hsm.KeySpec{Label: label, Type: kind}
	if _, err := rand.Read(spec.ID[:]); err != nil {
		t.Fatal(err)
	}
	key, err := token.Generate(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	return key
}
