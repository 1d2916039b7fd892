package foreign

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/roles"
)

// stage is a plan for targets, whose key is external, and what it has to sign.
func stage(t *testing.T) (*ceremonytest.Software, func() *Desk, []byte) {
	s := ceremonytest.SignedSoftware(t)
	s.Edit("trust.yaml", "targets-a: {type: ed25519, custodian: c}", "targets-a: {external: keys/targets-a.yaml, custodian: the vault}")
	s.Edit("site.yaml", "targets-a: all, ", "")
	p := s.MustMake(plan.Request{Renew: []string{"targets"}})
	open := func() *Desk {
		r := room.Room{Workspace: s.Open(), Prompter: prompt.Nobody(&bytes.Buffer{}), Now: func() time.Time { return s.Now }}
		d, err := Open(r, p.Ceremony)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	requests, err := open().Requests("targets-a", "")
	if err != nil || len(requests) != 1 {
		t.Fatalf("got %+v, %v", requests, err)
	}
	message := []byte(s.Read(requests[0].File))
	if got := fmt.Sprintf("%x", sha256.Sum256(message)); got != requests[0].SHA256.String() || requests[0].Bytes != len(message) {
		t.Fatalf("%+v is not of its file", requests[0])
	}
	return s, open, message
}

// TestForms takes a good signature in each of its forms.
func TestForms(t *testing.T) {
	_, open, message := stage(t)
	value := ed25519.Sign(ceremonytest.Key("targets-a"), message)
	b64, hexa := base64.StdEncoding.EncodeToString(value), hex.EncodeToString(value)
	for name, form := range map[string]string{
		"raw": string(value), "base64": b64 + "\n", "base64 in lines": b64[:40] + "\n" + b64[40:] + "\n", "URL base64": base64.RawURLEncoding.EncodeToString(value),
		"hex": hexa, "upper-case hex": strings.ToUpper(hexa), "hex in groups": " " + hexa[:8] + " " + hexa[8:],
		"entry": `{"keyid":"x","sig":"` + hexa + `"}`, "KMS": `{"KeyId":"arn","Signature":"` + b64 + `","SigningAlgorithm":"EDDSA"}`,
		"Vault":  `{"data":{"signature":"vault:v1:` + b64 + `"}}`,
		"signed": `{"signatures":[{"keyid":"x","sig":"` + hexa + `"}],"signed":` + string(message) + `}`,
	} {
		_, again, _ := stage(t)
		signed, err := again().Add("sig", []byte(form), "")
		if err != nil || !signed.External || signed.Key != "targets-a" || signed.Signature != b64 {
			t.Errorf("%s: got %+v, %v", name, signed, err)
		}
	}
	d := open()
	if _, err := d.Add("sig", value, ""); err != nil {
		t.Fatal(err)
	}
	_, err := d.Add("sig", value, "")
	ceremonytest.WantError(t, err, fault.Usage, "waits for no signature any more")
}

// TestRefusals names what is wrong, and leaves nothing.
func TestRefusals(t *testing.T) {
	s, open, message := stage(t)
	sign := func(key string, message []byte) []byte { return ed25519.Sign(ceremonytest.Key(key), message) }
	sum := sha256.Sum256(message)
	entry := func(key string, message []byte) string {
		return fmt.Sprintf(`{"signatures":[{"keyid":"x","sig":"%x"}],"signed":%s}`, sign(key, message), message)
	}
	other := []byte(strings.Replace(string(message), `"version":2`, `"version":3`, 1))
	for _, test := range []struct {
		brought string
		want    string
	}{
		{string(sign("snapshot-a", message)), "it is by another key, snapshot-a; want one by targets-a"},
		{string(sign("nobody", message)), "of other bytes, or by another key"},
		{string(sign("targets-a", other)), "of other bytes, or by another key"},
		{entry("targets-a", other), "it is by targets-a, but signs other bytes; got SHA-256 "},
		{entry("snapshot-a", message), "it is by another key, snapshot-a"},
		{string(sign("targets-a", sum[:])), "but signs their SHA-256 instead"},
		{string(sign("targets-a", fmt.Appendf(nil, "%x", sum))), "but signs their SHA-256 in hexadecimal instead"},
		{string(sign("targets-a", fmt.Appendf(nil, "%x\n", sum))), "but signs their SHA-256 in hexadecimal, with a newline instead"},
		{string(sign("targets-a", append(message[:len(message):len(message)], '\n'))), "but signs them with a newline behind instead"},
		{"", "the file is empty"},
		{"abc", "bytes, want 64 for a signature of ed25519"},
		{"{}", "there is no signature in it"},
		{`{"signature":"!"}`, "it is 1 bytes, want 64"},
		{`{"sig"`, "unexpected end of JSON"},
		{`{"signed":{"a":1.5},"sig":"00"}`, "got a float"},
	} {
		_, err := open().Add("sig", []byte(test.brought), "")
		ceremonytest.WantError(t, err, fault.Unverified, test.want)
	}
	if names, err := s.Open().List("ceremonies/2026-11-23-image-1/main/signatures"); err != nil || names != nil {
		t.Errorf("left %q, %v", names, err)
	}
	_, err := open().Add("sig", sign("targets-a", message), "root-a")
	ceremonytest.WantError(t, err, fault.Usage, "asks for no signature by root-a")
}

// TestMoved does not give out bytes that nobody was shown.
func TestMoved(t *testing.T) {
	s, open, _ := stage(t)
	if _, err := open().Requests("snapshot-a", ""); fault.CodeOf(err) != fault.Usage {
		t.Errorf("got %v", err)
	}
	ceremonytest.Rewrite(t, s.Dir, "trust.yaml", func(text string) string { return strings.Replace(text, "90d", "91d", 1) })
	r := room.Room{Workspace: s.Open(), Prompter: prompt.Nobody(&bytes.Buffer{}), Now: func() time.Time { return s.Now }}
	_, err := Open(r, "2026-11-23-image-1")
	ceremonytest.WantError(t, err, fault.Unverified, "trust.yaml has changed since the plan was made")
	out := t.TempDir()
	s, open, message := stage(t)
	requests, err := open().Requests("targets-a", out)
	if err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(requests[0].File); err != nil || !bytes.Equal(data, message) || filepath.Dir(requests[0].File) != out {
		t.Errorf("got %+v, %v", requests, err)
	}
	s.Now = s.Now.AddDate(1, 0, 0)
	_, err = open().Requests("targets-a", "")
	ceremonytest.WantError(t, err, fault.Refused, "EXPIRED error")
}

// TestSalt opens PSS of every size of key and salt.
func TestSalt(t *testing.T) {
	for _, bits := range []int{2048, 2049, 3072} {
		private, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			t.Fatal(err)
		}
		k := roles.Key{Scheme: roles.RSAPSSSHA256, Public: &private.PublicKey}
		sum := sha256.Sum256([]byte("x"))
		for _, salt := range []int{0, 20, 32, 100} {
			options := &rsa.PSSOptions{SaltLength: salt}
			if salt == 0 {
				options.SaltLength = rsa.PSSSaltLengthAuto // as long as there is room
			}
			value, err := rsa.SignPSS(rand.Reader, private, crypto.SHA256, sum[:], options)
			if err != nil {
				t.Fatal(err)
			}
			want := salt
			if salt == 0 {
				want = (bits+6)/8 - 2 - 32
			}
			if got, ok := saltOf(encoded(&private.PublicKey, value), &private.PublicKey, crypto.SHA256); !ok || got != want {
				t.Errorf("%d bits: got salt %d, %t, want %d", bits, got, ok, want)
			}
			if err := checkSalt(k, value); (err == nil) != (want == 32) {
				t.Errorf("%d bits, salt %d: got %v", bits, want, err)
			}
		}
		if _, ok := saltOf(encoded(&private.PublicKey, make([]byte, private.Size())), &private.PublicKey, crypto.SHA256); ok {
			t.Error("zeros are PSS")
		}
	}
}

// FuzzDecode reads whatever somebody brings.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{"", "00", "AAAA", `{"sig":"00"}`, `{"signatures":[{"sig":"00"}],"signed":{"a":[1]}}`, `{"data":{"signature":"vault:v1:AA=="}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := decode(roles.TUF, data)
		if err == nil && len(b.values) == 0 {
			t.Errorf("%q has no value", data)
		}
	})
}

// FuzzSalt opens whatever an RSA signature holds.
func FuzzSalt(f *testing.F) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(make([]byte, 256))
	f.Add(bytes.Repeat([]byte{0xff}, 256))
	f.Fuzz(func(t *testing.T, em []byte) {
		if salt, ok := saltOf(em, &private.PublicKey, crypto.SHA256); ok && (salt < 0 || salt > len(em)) {
			t.Errorf("salt of %d bytes in %d", salt, len(em))
		}
		saltOf(encoded(&private.PublicKey, em), &private.PublicKey, crypto.SHA256)
	})
}
