package custody

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// publicPEM is the public key of a test key.
func publicPEM(t testing.TB, name string) string {
	t.Helper()
	text, err := roles.MarshalPEM(ceremonytest.Key(name).Public())
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// importInto takes in a key where nobody is at the terminal.
func importInto(s *ceremonytest.Software, name, data string) (*Imported, error) {
	r := room.Room{Workspace: s.Open(), Prompter: prompt.Nobody(io.Discard), Now: func() time.Time { return s.Now }}
	return ImportKey(s.T.Context(), r, ImportRequest{Name: name, File: "usb/" + name, Data: []byte(data)})
}

func TestImportKey(t *testing.T) {
	s := ceremonytest.NewSoftware(t)
	text := publicPEM(t, "supplier-a")
	got, err := importInto(s, "supplier-a", text)
	if err != nil {
		t.Fatal(err)
	}
	if there, err := s.Open().Key("supplier-a"); err != nil || there.Fingerprint() != got.Record.Fingerprint() {
		t.Errorf("got %v, %v", there, err)
	}
	whole := s.Read("keys/supplier-a.yaml")
	if err := os.Remove(s.Path("keys/supplier-a.yaml")); err != nil {
		t.Fatal(err)
	}
	if _, err := importInto(s, "supplier-a", whole); err != nil {
		t.Errorf("a record: %v", err)
	}
	_, err = importInto(s, "supplier-b", text)
	ceremonytest.WantError(t, err, fault.Refused, "key supplier-b: the same public key is there already as supplier-a")
	_, err = importInto(s, "supplier-b", whole)
	ceremonytest.WantError(t, err, fault.Unverified, `name is "supplier-a", want "supplier-b"`)
	if _, err = importInto(s, "supplier-a", publicPEM(t, "other")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("another key under a taken name: got %v", err)
	}
	if _, err := importInto(s, "../acme-2", strings.Replace(whole, "name: supplier-a", "name: ../acme-2", 1)); fault.CodeOf(err) != fault.Usage {
		t.Errorf("got %v (code %d), want it refused as usage", err, fault.CodeOf(err))
	}
	if _, err := os.Stat(filepath.Join(s.Dir, "acme-2.yaml")); err == nil {
		t.Error("a record was written outside of keys/")
	}
}

// TestImportCompared asks who compared the words, and writes it down where people and
// program look for it.
func TestImportCompared(t *testing.T) {
	for name, tt := range map[string]struct {
		answers []string
		flags   *workspace.Comparison
		by      string
		fails   string
	}{
		"nobody has":        {answers: []string{""}},
		"asked":             {answers: []string{"Name One", "Name Two", "telephone"}, by: "Name One"},
		"by flags":          {flags: &workspace.Comparison{By: "Name One", With: "Two", Channel: "in person"}, by: "Name One"},
		"half an answer":    {answers: []string{"Name One", "", "telephone"}, fails: "with whom they were compared is"},
		"half the flags":    {flags: &workspace.Comparison{By: "Name One", With: "Two"}, fails: "the channel is"},
		"no answer":         {answers: []string{"Name One"}, fails: "not confirmed"},
		"drives a terminal": {answers: []string{"\x1b[2J", "Two", "telephone"}, fails: "who compared the words is"},
	} {
		t.Run(name, func(t *testing.T) {
			s := ceremonytest.NewSoftware(t)
			person := &ceremonytest.Person{Answers: tt.answers}
			r := room.Room{Workspace: s.Open(), Prompter: person, Now: func() time.Time { return s.Now }}
			got, err := ImportKey(t.Context(), r, ImportRequest{Name: "acme-1", File: "acme.pem", Data: []byte(publicPEM(t, "acme")), Compared: tt.flags})
			if tt.fails != "" {
				if err == nil || !strings.Contains(err.Error(), tt.fails) {
					t.Errorf("got %v, want %s", err, tt.fails)
				}
				if _, err := s.Open().Key("acme-1"); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("it was taken in: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			events, err := transcript.ReadCustody(s.Open().Folder)
			line, ok := events[len(events)-1].Data.(transcript.ImportedKey)
			if err != nil || !ok || line.ComparedBy != tt.by {
				t.Errorf("transcript: got %+v, %v", events, err)
			}
			kept, err := s.Open().Key("acme-1")
			if err != nil || (kept.Compared != nil) != (tt.by != "") {
				t.Errorf("record: got %+v, %v", kept.Compared, err)
			}
			findings := strings.Join(got.Findings, "\n")
			if strings.Contains(findings, "nobody has compared") != (tt.by == "") || !strings.Contains(findings, "trust.yaml knows no key acme-1") {
				t.Errorf("findings: %s", findings)
			}
			// Another workspace takes the key, and not what was compared elsewhere.
			other := ceremonytest.NewSoftware(t)
			if got, err := importInto(other, "acme-1", s.Read("keys/acme-1.yaml")); err != nil || got.Record.Compared != nil {
				t.Errorf("elsewhere: %v, %+v", err, got)
			}
		})
	}
}

// TestImportFindings says what trust.yaml lacks for a key to be of use.
func TestImportFindings(t *testing.T) {
	s := ceremonytest.NewSoftware(t)
	s.Edit(workspace.TrustFile, "targets-a: {type: ed25519, custodian: c}", "targets-a: {public: keys/targets-a.yaml}")
	for _, name := range []string{"root-a", "targets-a"} {
		if err := os.Remove(s.Path(workspace.KeyPath(name))); err != nil {
			t.Fatal(err)
		}
	}
	r := room.Room{Workspace: s.Open(), Prompter: prompt.Nobody(io.Discard), Now: func() time.Time { return s.Now }}
	compared := &workspace.Comparison{By: "a", With: "b", Channel: "c", At: s.Now}
	for name, want := range map[string]string{
		"root-a":    "keys.root-a says that a token here makes the key",
		"targets-a": "keys.targets-a has no fingerprint; what was compared is fingerprint: ",
	} {
		got, err := ImportKey(t.Context(), r, ImportRequest{Name: name, File: "f", Data: []byte(publicPEM(t, name+" anew")), Compared: compared})
		if err != nil || !strings.Contains(strings.Join(got.Findings, "\n"), want) {
			t.Errorf("%s: got %+v, %v, want %s", name, got, err, want)
		}
	}
}

// TestReadPublicKey takes what holds one public key, and names what does not.
func TestReadPublicKey(t *testing.T) {
	text := publicPEM(t, "supplier")
	block, _ := pem.Decode([]byte(text))
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(ecKey)
	if err != nil {
		t.Fatal(err)
	}
	sec1, err := x509.MarshalECPrivateKey(ecKey)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(1)}, &x509.Certificate{}, ecKey.Public(), ecKey)
	if err != nil {
		t.Fatal(err)
	}
	inPEM := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	for name, tt := range map[string]struct {
		data string
		code fault.Code // 0: taken
		want string
		hint string
	}{
		"PEM":                  {data: text},
		"text around":          {data: "Dear all,\nour key:\n" + text + "\nregards\n"},
		"a byte order mark":    {data: "\ufeff" + text},
		"lines of Windows":     {data: strings.ReplaceAll(text, "\n", "\r\n")},
		"DER":                  {data: string(block.Bytes)},
		"PKCS #1":              {data: inPEM("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&rsaKey.PublicKey))},
		"PKCS #1 in DER":       {data: string(x509.MarshalPKCS1PublicKey(&rsaKey.PublicKey))},
		"two keys":             {text + text, fault.Unverified, "f.key has 2 PEM blocks, want one public key", ""},
		"empty":                {" \n", fault.Unverified, "f.key is empty", ""},
		"UTF-16":               {"\xff\xfe-\x00-\x00", fault.Unverified, "f.key is UTF-16 text", "save it as UTF-8"},
		"certificate":          {inPEM("CERTIFICATE", certificate), fault.Unverified, "f.key is an X.509 certificate", "openssl x509"},
		"certificate in DER":   {string(certificate), fault.Unverified, "f.key is an X.509 certificate", "openssl x509"},
		"certificate request":  {inPEM("NEW CERTIFICATE REQUEST", []byte{1}), fault.Unverified, "f.key is a certificate request", "openssl req"},
		"OpenSSH":              {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI name@host\n", fault.Unverified, "f.key is a public key of OpenSSH", "openssl pkey -pubout"},
		"OpenPGP":              {"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAA\n-----END PGP PUBLIC KEY BLOCK-----\n", fault.Unverified, "f.key is a public key of OpenPGP", "openssl pkey"},
		"a web key":            {`{"kty":"OKP","crv":"Ed25519","x":"AA"}`, fault.Unverified, "f.key is a JSON Web Key", "openssl pkey"},
		"damaged":              {text[:60], fault.Unverified, "f.key is damaged PEM", "ask for the file again"},
		"no key in the PEM":    {inPEM("PUBLIC KEY", []byte{1, 2, 3}), fault.Unverified, "f.key: ", ""},
		"another PEM":          {inPEM("MESSAGE", []byte{1, 2, 3}), fault.Unverified, `f.key: PEM block is "MESSAGE"`, ""},
		"rubbish":              {"hello", fault.Unverified, "f.key: neither PEM nor DER", ""},
		"a private key":        {inPEM("PRIVATE KEY", pkcs8), fault.Refused, "f.key is a private key, want a public key", "the file is a secret"},
		"beside the public":    {text + inPEM("EC PRIVATE KEY", sec1), fault.Refused, "f.key is a private key", "the file is a secret"},
		"encrypted":            {inPEM("ENCRYPTED PRIVATE KEY", []byte{1}), fault.Refused, "f.key is a private key", "the file is a secret"},
		"PKCS #8 in DER":       {string(pkcs8), fault.Refused, "f.key is a private key", "the file is a secret"},
		"SEC 1 in DER":         {string(sec1), fault.Refused, "f.key is a private key", "the file is a secret"},
		"PKCS #1 private, DER": {string(x509.MarshalPKCS1PrivateKey(rsaKey)), fault.Refused, "f.key is a private key", "the file is a secret"},
		"OpenSSH private":      {inPEM("OPENSSH PRIVATE KEY", []byte{1}), fault.Refused, "f.key is a private key of OpenSSH", "the file is a secret"},
		"PuTTY":                {"PuTTY-User-Key-File-3: ssh-ed25519\n", fault.Refused, "f.key is a private key of PuTTY", "the file is a secret"},
		"OpenPGP private":      {"-----BEGIN PGP PRIVATE KEY BLOCK-----\n", fault.Refused, "f.key is a private key of OpenPGP", "the file is a secret"},
		"PKCS #12":             {"\x30\x82\x01\x00\x02\x01\x03\x30\x0e" + string(pkcs7Data), fault.Refused, "f.key is a PKCS #12 file", "the file is a secret"},
		"a private web key":    {`{"kty":"OKP","d":"AA"}`, fault.Refused, "f.key is a private JSON Web Key", "the file is a secret"},
	} {
		public, err := readPublicKey("f.key", []byte(tt.data))
		if tt.code == 0 {
			if err != nil || public == nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		hints := strings.Join(fault.Hints(err), "\n")
		if err == nil || fault.CodeOf(err) != tt.code || !strings.Contains(err.Error(), tt.want) || !strings.Contains(hints, tt.hint) || (hints == "") != (tt.hint == "") {
			t.Errorf("%s: got %v (code %d), hints %q; want %s", name, err, fault.CodeOf(err), hints, tt.want)
		}
	}
}

func FuzzReadPublicKey(f *testing.F) {
	text := publicPEM(f, "supplier")
	block, _ := pem.Decode([]byte(text))
	f.Add([]byte(text))
	f.Add(block.Bytes)
	f.Add([]byte("ssh-ed25519 AAAA"))
	f.Fuzz(func(t *testing.T, data []byte) {
		public, err := readPublicKey("f", data)
		if err != nil {
			return
		}
		if key, is := public.(ed25519.PublicKey); is && !bytes.Contains(data, key) && !bytes.Contains(data, []byte("-----BEGIN")) {
			t.Errorf("%x was read out of %q", key, data)
		}
	})
}
