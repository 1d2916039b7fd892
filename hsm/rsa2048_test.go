package hsm_test

import (
	"crypto/rsa"
	"crypto/x509"
	"math/big"
	"testing"

	"github.com/miekg/pkcs11"
	"github.com/uptane/keyrite/hsm"
)

// The root of an old fleet may have RSA keys of 2048 bits: they sign, and none is made.
func TestRSA2048SignsAndIsNotGenerated(t *testing.T) {
	g := softHSMTarget(t, hsm.RSA2048)
	t.Run("make", func(t *testing.T) {
		p, session := g.raw(t)
		a := pkcs11.NewAttribute
		_, _, err := p.GenerateKeyPair(session, []*pkcs11.Mechanism{pkcs11.NewMechanism(pkcs11.CKM_RSA_PKCS_KEY_PAIR_GEN, nil)},
			[]*pkcs11.Attribute{a(pkcs11.CKA_TOKEN, true), a(pkcs11.CKA_ID, []byte{1}), a(pkcs11.CKA_MODULUS_BITS, 2048), a(pkcs11.CKA_PUBLIC_EXPONENT, []byte{1, 0, 1})},
			[]*pkcs11.Attribute{a(pkcs11.CKA_TOKEN, true), a(pkcs11.CKA_ID, []byte{1})})
		if err != nil {
			t.Fatal(err)
		}
	})
	token := g.open(t)
	defer token.Close()
	old := onlyKey(t, token)
	found, err := token.Find(t.Context(), old.Public())
	if err != nil || found.Type() != hsm.RSA2048 {
		t.Fatalf("got %v, %v", found, err)
	}
	if _, err := found.Sign(t.Context(), []byte("metadata")); err != nil {
		t.Error(err)
	}
	_, err = token.Generate(t.Context(), hsm.KeySpec{ID: faultID, Label: "root-b", Type: hsm.RSA2048})
	wantError(t, err, hsm.ErrUsage, "keys of this type sign, and none is generated")
}

func TestTypeOfRSA(t *testing.T) {
	for bits, want := range map[uint]hsm.KeyType{2048: hsm.RSA2048, 3072: hsm.RSA3072, 4096: hsm.RSA4096, 1024: "", 2047: ""} {
		n := new(big.Int).Lsh(big.NewInt(1), bits-1)
		der, err := x509.MarshalPKIXPublicKey(&rsa.PublicKey{N: n, E: 65537})
		if err != nil {
			t.Fatal(err)
		}
		pub, err := x509.ParsePKIXPublicKey(der)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := hsm.TypeOf(pub); got != want {
			t.Errorf("%d bits: got %q, want %q", bits, got, want)
		}
	}
}
