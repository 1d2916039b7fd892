package witness

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/strict"
)

var update = flag.Bool("update", false, "make the keys and signatures in testdata anew, with ssh-keygen")

// statement is one by that key.
func statement(key Key) Statement {
	return Statement{
		Fleet: "roadster", Ceremony: "2026-11-30-image-1", Site: "munich", Plan: digest.Of([]byte("plan")),
		Line: 63, Head: digest.Of([]byte("head")), Witness: "Name Four", Key: key,
	}
}

func software(t testing.TB) (Key, func(context.Context, []byte) ([]byte, error)) {
	t.Helper()
	private := ed25519.NewKeyFromSeed(make([]byte, 32))
	key, err := KeyOf(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	return key, func(_ context.Context, message []byte) ([]byte, error) { return ed25519.Sign(private, message), nil }
}

func TestSign(t *testing.T) {
	key, sign := software(t)
	data, err := Sign(t.Context(), statement(key), func(ctx context.Context, message []byte) ([]byte, error) {
		if want, err := statement(key).Message(); err != nil || string(message) != string(want) || !strings.HasPrefix(string(want), "DSSEv1 ") {
			t.Errorf("got %q, %v; want %q", message, err, want)
		}
		return sign(ctx, message)
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Open("x", data); err != nil || got.String() != statement(key).String() || got.Key.String() != key.String() {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := Sign(t.Context(), statement(key), func(context.Context, []byte) ([]byte, error) { return make([]byte, 64), nil }); fault.CodeOf(err) != fault.Unverified {
		t.Errorf("a wrong signature: got %v", err)
	}
	broken := errors.New("the token is gone")
	if _, err := Sign(t.Context(), statement(key), func(context.Context, []byte) ([]byte, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

// TestEveryByte changes each byte of an envelope in turn: none goes unnoticed.
func TestEveryByte(t *testing.T) {
	key, sign := software(t)
	data, err := Sign(t.Context(), statement(key), sign)
	if err != nil {
		t.Fatal(err)
	}
	for i := range data {
		changed := append([]byte{}, data...)
		changed[i] ^= 1
		if _, err := Open("witness.json", changed); fault.CodeOf(err) != fault.Unverified || !strings.HasPrefix(err.Error(), "witness.json: ") {
			t.Errorf("byte %d, %q: got %v", i, changed[i], err)
		}
	}
}

// TestRefused signs what says something else than it seems to.
func TestRefused(t *testing.T) {
	key, sign := software(t)
	seal := func(kind, payload string, more ...dsse.Signature) string {
		signer, err := dsse.NewEnvelopeSigner(party{key, sign})
		if err != nil {
			t.Fatal(err)
		}
		e, err := signer.SignPayload(t.Context(), kind, []byte(payload))
		if err != nil {
			t.Fatal(err)
		}
		e.Signatures = append(e.Signatures, more...)
		data, err := strict.JSON(e)
		if err != nil {
			t.Fatal(err)
		}
		return string(data) + "\n"
	}
	payload, err := strict.JSON(statement(key))
	if err != nil {
		t.Fatal(err)
	}
	good := string(payload)
	for want, data := range map[string]string{
		`payload is of type "application/json"`: seal("application/json", good),
		"not spelled as keyrite spells it":      seal(payloadType, good+" "),
		"got 2 signatures":                      seal(payloadType, good, dsse.Signature{KeyID: "x", Sig: "AAAA"}),
		"not a public key as OpenSSH spells it": seal(payloadType, strings.Replace(good, key.String(), "", 1)),
		"invalid character":                     "x",
		"at most 65536":                         strings.Repeat("x", MaxEnvelope+1),
	} {
		if _, err := Open("x", []byte(data)); fault.CodeOf(err) != fault.Unverified || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// sshKeys are the types of keys in testdata, each with what ssh-keygen calls it.
var sshKeys = map[string][]string{"ed25519": {"-t", "ed25519"}, "ecdsa": {"-t", "ecdsa", "-b", "256"}, "rsa": {"-t", "rsa", "-b", "2048"}}

// TestSSH opens what ssh-keygen -Y sign made: see testdata/README.
func TestSSH(t *testing.T) {
	for name := range sshKeys {
		key := sshKey(t, name)
		data, err := FromSSH(t.Context(), statement(key), read(t, name+".sig"))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got, err := Open(name, data); err != nil || got.Key.String() != key.String() {
			t.Errorf("got %v, %v", got, err)
		}
		for other := range sshKeys {
			if _, err := FromSSH(t.Context(), statement(sshKey(t, other)), read(t, name+".sig")); (err == nil) != (other == name) {
				t.Errorf("%s under %s: got %v", name, other, err)
			}
		}
		later := statement(key)
		later.Line++
		if _, err := FromSSH(t.Context(), later, read(t, name+".sig")); fault.CodeOf(err) != fault.Unverified {
			t.Errorf("%s of another statement: got %v", name, err)
		}
	}
}

// TestSSHRefused changes one part of a signature of ssh-keygen.
func TestSSHRefused(t *testing.T) {
	key, blob := sshKey(t, "ed25519"), func() []byte {
		b, err := dearmor(read(t, "ed25519.sig"))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	message, err := statement(key).Message()
	if err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func([]byte) []byte{
		"not of version 1":                         func(b []byte) []byte { b[9] = 2; return b },
		`made for "kezrite-transcript"`:            func(b []byte) []byte { return []byte(strings.Replace(string(b), "keyrite-", "kezrite-", 1)) },
		`hash "sha5!2"`:                            func(b []byte) []byte { return []byte(strings.Replace(string(b), "sha512", "sha5!2", 1)) },
		"signature of ssh-keygen: ssh: short read": func(b []byte) []byte { return b[:len(b)-1] },
		"ssh: signature did not verify":            func(b []byte) []byte { b[len(b)-1] ^= 1; return b },
	} {
		if err := verifySSH(key.public, message, change(blob())); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, err := dearmor([]byte("-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\nmore")); err == nil {
		t.Error("more behind the signature is taken")
	}
}

func TestParseKey(t *testing.T) {
	for line, want := range map[string]string{
		string(read(t, "ed25519.pub")):         "",
		"":                                     "not a public key",
		"no-pty " + string(read(t, "rsa.pub")): "nothing before or after it",
		string(read(t, "rsa.pub")) + string(read(t, "ecdsa.pub")): "nothing before or after it",
		"ssh-ed25519 AAAA": "not a public key",
	} {
		if _, err := ParseKey(line); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", line, err, want)
		}
	}
}

func read(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func sshKey(t testing.TB, name string) Key {
	t.Helper()
	key, err := ParseKey(string(read(t, name+".pub")))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// TestUpdate makes testdata anew with -update, and otherwise that there is what it
// would make.
func TestUpdate(t *testing.T) {
	for name, kind := range sshKeys {
		if *update {
			dir := t.TempDir()
			private := filepath.Join(dir, name)
			keygen(t, append(kind, "-q", "-N", "", "-C", "witness", "-f", private)...)
			public, err := os.ReadFile(private + ".pub")
			if err != nil {
				t.Fatal(err)
			}
			key, err := ParseKey(string(public))
			if err != nil {
				t.Fatal(err)
			}
			message, err := statement(key).Message()
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(dir, "head")
			for file, data := range map[string][]byte{file: message, filepath.Join("testdata", name+".pub"): public} {
				if err := os.WriteFile(file, data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			keygen(t, "-q", "-Y", "sign", "-n", Namespace, "-f", private, file)
			if err := os.Rename(file+".sig", filepath.Join("testdata", name+".sig")); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := dearmor(read(t, name+".sig")); err != nil {
			t.Error(err)
		}
	}
}

func keygen(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("ssh-keygen", args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func FuzzOpen(f *testing.F) {
	key, sign := software(f)
	data, err := Sign(f.Context(), statement(key), sign)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Open("x", data)
		if err != nil {
			return
		}
		message, err := s.Message()
		var e dsse.Envelope
		if err != nil || json.Unmarshal(data, &e) != nil || !strings.HasSuffix(string(message), mustDecode(t, e.Payload)) {
			t.Errorf("%v: %q of %q", err, message, data)
		}
	})
}

func mustDecode(t *testing.T, text string) string {
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Error(err)
	}
	return string(data)
}

func FuzzSSH(f *testing.F) {
	for name := range sshKeys {
		blob, err := dearmor(read(f, name+".sig"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(blob)
	}
	key := sshKey(f, "ed25519")
	f.Fuzz(func(t *testing.T, data []byte) {
		if verifySSH(key.public, []byte("what nobody has signed"), data) == nil {
			t.Error("it verifies")
		}
	})
}
