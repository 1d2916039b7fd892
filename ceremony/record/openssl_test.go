package record

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/roles"
)

// shell runs lines in a folder as the record says. Openssl belongs to what the
// tests need.
func shell(t *testing.T, dir, lines string) string {
	t.Helper()
	c := exec.Command("sh", "-ec", lines)
	c.Dir = dir
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, lines, out)
	}
	return string(out)
}

// TestWithoutKeyrite does what A10 says, with the files that a ceremony on a token
// made, and no keyrite.
func TestWithoutKeyrite(t *testing.T) {
	h := hold(t)
	s, err := read(h.ws, h.name)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(h.dir, "image", "metadata"))); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, b := range s.withoutKeyrite().Blocks {
		if v, ok := b.(*page.Verbatim); ok {
			lines = append(lines, v.Text)
		}
	}
	script := strings.Join(lines, "\n")
	out := shell(t, dir, script)
	if good := strings.Count(out, "Verified Successfully") + strings.Count(out, "Verified OK"); good != 4 {
		t.Errorf("%d good signatures, want 4:\n%s", good, out)
	}
	for _, f := range s.files {
		for _, sum := range []string{f.sum.String(), f.written.SHA256.String()} {
			if !strings.Contains(out, sum) {
				t.Errorf("%s: openssl does not print %s", f.planned.Path, sum)
			}
		}
		for _, g := range f.signatures {
			if !strings.Contains(out, g.Fingerprint.String()) {
				t.Errorf("key %s: openssl does not print %s", g.Key, g.Fingerprint)
			}
		}
	}
	name := filepath.Join(dir, "1.root.json")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)-10] ^= 1
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.Command("sh", "-ec", script)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err == nil || !strings.Contains(string(out), "Failure") {
		t.Errorf("a changed file passes: %v\n%s", err, out)
	}
}

// TestCutOut takes the signed bytes out of published files of both formats, with
// keys that are spelled as hexadecimal digits and as PEM.
func TestCutOut(t *testing.T) {
	edwards := ceremonytest.Key("a").Public()
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := rsa.GenerateKey(rand.Reader, 3072)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		format roles.Format
		public crypto.PublicKey
		tool   string // that cuts
	}{
		{roles.TUF, edwards, "tail"}, {roles.TUF, ec.Public(), "python3"}, {roles.TUF, pair.Public(), "python3"},
		{roles.OTACE, edwards, "tail"}, {roles.OTACE, pair.Public(), "tail"},
	} {
		file := rootOf(t, test.format, test.public)
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "1.root.json"), file.Published(), 0o600); err != nil {
			t.Fatal(err)
		}
		lines := cutOut(file, "1.root.json", "root")
		if !strings.HasPrefix(lines, test.tool) {
			t.Errorf("%s %T: got %s", test.format.Name(), test.public, lines)
		}
		shell(t, dir, lines)
		if got := ceremonytest.Content(t, dir, "root.signed"); got != string(file.Signed) {
			t.Errorf("%s %T: got %q, want %q", test.format.Name(), test.public, got, file.Signed)
		}
	}
}

// rootOf is a root with a key for targets, signed by another.
func rootOf(t *testing.T, f roles.Format, public crypto.PublicKey) *roles.File {
	t.Helper()
	private := ceremonytest.Key("signer")
	signer, err := roles.NewKey(f, private.Public())
	if err != nil {
		t.Fatal(err)
	}
	key, err := roles.NewKey(f, public)
	if err != nil {
		t.Fatal(err)
	}
	root := roles.NewRoot(f)
	for _, role := range roles.TopLevel {
		root.SetRole(string(role), 1, []roles.Key{signer})
	}
	root.SetRole("targets", 1, []roles.Key{key})
	roles.SetHead(f, root, 1, ceremonytest.Now)
	draft, err := roles.Encode(f, root)
	if err != nil {
		t.Fatal(err)
	}
	data, err := draft.Seal([]roles.SignedBy{{Key: signer, Value: ed25519.Sign(private, draft.Signed)}})
	if err != nil {
		t.Fatal(err)
	}
	file, err := roles.Read(f, roles.TypeRoot, data)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// TestVerifyLine has openssl check a signature of every type of key.
func TestVerifyLine(t *testing.T) {
	message := []byte("what is signed")
	hash, hash384 := sha256.Sum256(message), sha512.Sum384(message)
	for kind, sign := range map[hsm.KeyType]func() (crypto.PublicKey, []byte, error){
		hsm.Ed25519: func() (crypto.PublicKey, []byte, error) {
			public, private, err := ed25519.GenerateKey(rand.Reader)
			return public, ed25519.Sign(private, message), err
		},
		hsm.ECDSAP256: func() (crypto.PublicKey, []byte, error) { return signECDSA(elliptic.P256(), hash[:]) },
		hsm.ECDSAP384: func() (crypto.PublicKey, []byte, error) { return signECDSA(elliptic.P384(), hash384[:]) },
		hsm.RSA3072: func() (crypto.PublicKey, []byte, error) {
			private, err := rsa.GenerateKey(rand.Reader, 3072)
			if err != nil {
				return nil, nil, err
			}
			signature, err := rsa.SignPSS(rand.Reader, private, crypto.SHA256, hash[:], &rsa.PSSOptions{SaltLength: 32})
			return private.Public(), signature, err
		},
	} {
		public, signature, err := sign()
		if err != nil {
			t.Fatal(err)
		}
		text, err := roles.MarshalPEM(public)
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		for name, data := range map[string][]byte{"key": []byte(text), "sig": signature, "file": message} {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if out := shell(t, dir, verifyLine(kind, "key", "sig", "file")); !strings.Contains(out, "Verified") {
			t.Errorf("%s: %s", kind, out)
		}
	}
}

func signECDSA(curve elliptic.Curve, hash []byte) (crypto.PublicKey, []byte, error) {
	private, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	signature, err := ecdsa.SignASN1(rand.Reader, private, hash)
	return private.Public(), signature, err
}

// textOf is a section as plain text.
func textOf(s page.Section) string {
	d := page.Document{Sections: []page.Section{s}}
	_, text, _ := strings.Cut(string(d.Text()), "\n-")
	_, text, _ = strings.Cut(text, "\n\n")
	return text
}
