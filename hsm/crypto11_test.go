package hsm_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"testing"

	"github.com/ThalesIgnite/crypto11"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

// crypto11 is how Go programs reach keys on tokens: a service finds and uses the keys
// that keyrite has made for it. It runs in a process of its own, since a module is
// foreign code, and is asked as JSON in KEYRITE_TEST_CRYPTO11.

// service is what a service knows about its token and its keys.
type service struct {
	Path, Token, PIN string
	Keys             []serviceKey
}

// serviceKey is a key of a service.
type serviceKey struct {
	ID    []byte
	Label string
	SPKI  []byte
}

// ways are how crypto11 is asked for a key, and to sign with it. RSA as TUF wants it,
// and as TLS 1.2 does.
var ways = map[string]crypto.SignerOpts{
	"PSS":           &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: crypto.SHA256},
	"PKCS1v15":      crypto.SHA256,
	"ecdsa SHA-256": crypto.SHA256,
	"ecdsa SHA-384": crypto.SHA384,
}

// asService is the process: it prints what came of each way, "" when it worked.
func asService(text string) {
	var s service
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		panic(err)
	}
	came, err := s.useKeys()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(came); err != nil {
		panic(err)
	}
}

// useKeys finds each key by its label, by its id and by both, and signs with it.
func (s service) useKeys() (came map[string]string, err error) {
	c, err := crypto11.Configure(&crypto11.Config{Path: s.Path, TokenLabel: s.Token, Pin: s.PIN})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	came = map[string]string{}
	for _, key := range s.Keys {
		pub, err := x509.ParsePKIXPublicKey(key.SPKI)
		if err != nil {
			return nil, err
		}
		for by, found := range map[string]struct{ id, label []byte }{
			"label": {nil, []byte(key.Label)}, "id": {key.ID, nil}, "both": {key.ID, []byte(key.Label)},
		} {
			signer, err := c.FindKeyPair(found.id, found.label)
			if err == nil && signer == nil {
				err = errors.New("not found")
			}
			for _, way := range waysOf(pub) {
				what := key.Label + " by " + by + ", " + way
				if came[what] = ""; err != nil {
					came[what] = err.Error()
				} else if err := signs(signer, pub, ways[way]); err != nil {
					came[what] = err.Error()
				}
			}
		}
	}
	return came, nil
}

// waysOf are the ways to sign with a key.
func waysOf(pub crypto.PublicKey) []string {
	switch pub := pub.(type) {
	case *rsa.PublicKey:
		return []string{"PSS", "PKCS1v15"}
	case *ecdsa.PublicKey:
		return []string{fmt.Sprintf("ecdsa SHA-%d", pub.Curve.Params().BitSize)}
	}
	return nil
}

// signs signs with the key, and verifies with the public key that keyrite knows.
func signs(signer crypto.Signer, pub crypto.PublicKey, opts crypto.SignerOpts) error {
	if known, ok := pub.(interface{ Equal(crypto.PublicKey) bool }); !ok || !known.Equal(signer.Public()) {
		return errors.New("another public key")
	}
	sum := sha256.Sum256([]byte("metadata"))
	digest := sum[:]
	if opts.HashFunc() == crypto.SHA384 {
		sum := sha512.Sum384([]byte("metadata"))
		digest = sum[:]
	}
	signature, err := signer.Sign(rand.Reader, digest, opts)
	if err != nil {
		return err
	}
	switch pub := pub.(type) {
	case *rsa.PublicKey:
		if pss, ok := opts.(*rsa.PSSOptions); ok {
			return rsa.VerifyPSS(pub, crypto.SHA256, digest, signature, pss)
		}
		return rsa.VerifyPKCS1v15(pub, crypto.SHA256, digest, signature)
	case *ecdsa.PublicKey:
		if !ecdsa.VerifyASN1(pub, digest, signature) {
			return errors.New("signature does not verify")
		}
	}
	return nil
}

// throughCrypto11 makes keys on a token with keyrite, and lets a service use them.
func throughCrypto11(t *testing.T, g target, kinds ...hsm.KeyType) (map[string]string, error) {
	t.Helper()
	s := service{Path: g.module.Path, Token: g.uri.Token, PIN: g.pin}
	token := g.open(t)
	for _, kind := range kinds {
		spec := hsm.KeySpec{Label: "service-" + string(kind), Type: kind, Unproven: g.unproven}
		if _, err := rand.Read(spec.ID[:]); err != nil {
			t.Fatal(err)
		}
		key, err := token.Generate(t.Context(), spec)
		if err != nil {
			t.Fatal(err)
		}
		spki, err := x509.MarshalPKIXPublicKey(key.Public())
		if err != nil {
			t.Fatal(err)
		}
		s.Keys = append(s.Keys, serviceKey{key.ID(), spec.Label, spki})
	}
	if err := token.Close(); err != nil {
		t.Fatal(err)
	}
	came, usedErr := s.run(t, g.module)
	token = g.open(t)
	defer token.Close()
	for _, key := range s.Keys {
		if err := token.Destroy(t.Context(), key.ID); err != nil {
			t.Error(err)
		}
	}
	return came, usedErr
}

// run lets a service of its own process use its keys.
func (s service) run(t *testing.T, m hsm.Module) (came map[string]string, err error) {
	t.Helper()
	asked, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var out, said bytes.Buffer
	cmd := exec.Command("/proc/self/exe")
	cmd.Stdout, cmd.Stderr = &out, &said
	cmd.Env = append(os.Environ(), "KEYRITE_TEST_CRYPTO11="+string(asked))
	for name, value := range m.Env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, said.String())
	}
	return came, json.Unmarshal(out.Bytes(), &came)
}

// A service uses its keys; those that keyrite locks sign as TUF wants it, and no
// other way. An Ed25519 key beside them, which crypto11 does not know, is in no way.
func TestCrypto11(t *testing.T) {
	g := softHSMTarget(t, hsm.Ed25519)
	token := g.open(t)
	hsmtest.Generate(t, token, "beside", hsm.Ed25519)
	if err := token.Close(); err != nil {
		t.Fatal(err)
	}
	came, err := throughCrypto11(t, g, hsm.ECDSAP256, hsm.ECDSAP384, hsm.RSA3072)
	if err != nil || len(came) != 3*(1+1+2) {
		t.Errorf("tried %d ways, want 12; %v", len(came), err)
	}
	for _, what := range slices.Sorted(maps.Keys(came)) {
		want := ""
		if bytes.HasSuffix([]byte(what), []byte("PKCS1v15")) {
			want = "pkcs11: 0x70: CKR_MECHANISM_INVALID"
		}
		if came[what] != want {
			t.Errorf("%s: got %q, want %q", what, came[what], want)
		}
	}
}
