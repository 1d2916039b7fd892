package backup

import (
	"archive/tar"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// fleet is a workspace in which everything is signed and no ceremony lies.
func fleet(t *testing.T) *ceremonytest.Software {
	s := ceremonytest.SignedSoftware(t)
	os.RemoveAll(s.Path("ceremonies"))
	return s
}

// TestLeftOut takes what has a place in a workspace, and names all else.
func TestLeftOut(t *testing.T) {
	s := fleet(t)
	s.Edit(workspace.SiteFile, "pin: ask", "pin: \"file:"+s.Path("keys/pin.txt")+"\"")
	s.Edit(workspace.TrustFile, "policy: tuf", "policy: mine.yaml")
	s.Write("mine.yaml", "version: 1\nextends: tuf\n")
	s.Write("keys/pin.txt", "1234")
	s.Write("notes.txt", "the safe's number is 7")
	s.Write("image/images/app.bin", "firmware")
	s.Write("keys/ssh", "-----BEGIN OPENSSH PRIVATE KEY-----\n")
	s.Write("custody/jwk.json", `{"kty":"OKP","d":"secret"}`)
	s.Write("hsm/tokens/x", "secret")
	s.Write(".git/config", "")
	s.Write("rehearsals/x/FAKE-1/trust.yaml", "")
	if err := os.Symlink("/etc/passwd", s.Path("keys/link.yaml")); err != nil {
		t.Fatal(err)
	}
	ws := s.Open()
	trust, err := ws.Trust()
	if err != nil {
		t.Fatal(err)
	}
	c, err := find(ws, trust)
	if err != nil {
		t.Fatal(err)
	}
	want := "image/metadata/1.root.json image/metadata/1.snapshot.json image/metadata/1.targets.json image/metadata/timestamp.json images.yaml " +
		"keys/root-a.yaml keys/root-b.yaml keys/snapshot-a.yaml keys/targets-a.yaml keys/timestamp-a.yaml mine.yaml site.yaml trust.yaml"
	if got := strings.Join(c.Files, " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	want = "custody/jwk.json: a private key; hsm/: tokens of SoftHSM hold private keys; image/images/app.bin: nothing that a workspace has; " +
		"keys/link.yaml: no regular file; keys/pin.txt: a PIN, by site.yaml; keys/ssh: a private key; notes.txt: nothing that a workspace has; rehearsals/: a rehearsal"
	var out []string
	for _, l := range c.Out {
		out = append(out, l.String())
	}
	if got := strings.Join(out, "; "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestMakeRefuses makes no backup of what does not verify.
func TestMakeRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*ceremonytest.Software)
		code   fault.Code
		want   string
	}{
		"metadata": {func(s *ceremonytest.Software) { s.Edit("image/metadata/1.targets.json", "app.bin", "bad.bin") }, fault.Unverified, "1.targets.json: "},
		"custody":  {func(s *ceremonytest.Software) { s.Write("custody/main/transcript.jsonl", "{}\n") }, fault.Unverified, "custody/main/transcript.jsonl"},
		"busy": {func(s *ceremonytest.Software) {
			lock, err := s.Open().Lock("image")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { lock.Close() })
		}, fault.Failed, "another keyrite is at work" + ceremonytest.Hinted + "wait until it has ended"},
	} {
		t.Run(name, func(t *testing.T) {
			s := fleet(t)
			tt.change(s)
			out := filepath.Join(t.TempDir(), "b")
			_, err := Make(s.Open(), out)
			ceremonytest.WantError(t, err, tt.code, tt.want)
			if _, err := os.Stat(out); err == nil {
				t.Error("a file is there")
			}
		})
	}
}

// made is a backup and its bytes.
func made(t testing.TB, s *ceremonytest.Software) (name string, data []byte) {
	t.Helper()
	name = filepath.Join(t.TempDir(), "b")
	if _, err := Make(s.Open(), name); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return name, data
}

// pack is an archive of these entries, whose manifest lists what it is told.
func pack(t testing.TB, m *manifest, entries ...*tar.Header) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	text, err := m.encode()
	if err != nil {
		t.Fatal(err)
	}
	put := func(h *tar.Header, data []byte) {
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeReg {
			w.Write(data)
		}
	}
	put(header(manifestName, int64(len(text))), text)
	for _, h := range entries {
		put(h, bytes.Repeat([]byte("x"), int(h.Size)))
	}
	w.Close()
	return b.Bytes()
}

// TestRestoreRefuses plays somebody who has the stick: whatever he changes, there is no
// folder afterwards.
func TestRestoreRefuses(t *testing.T) {
	s := fleet(t)
	_, good := made(t, s)
	x := func(path string) file { return file{path, 1, digest.Of([]byte("x"))} }
	other := header("trust.yaml", 1)
	other.Mode = 0o777
	link := &tar.Header{Typeflag: tar.TypeSymlink, Name: "trust.yaml", Linkname: "/etc/passwd"}
	for name, tt := range map[string]struct {
		data []byte
		code fault.Code
		want string
	}{
		"nothing":            {nil, fault.Usage, "not a backup: keyrite-backup.json is missing"},
		"no tar":             {[]byte(strings.Repeat("no", 1000)), fault.Usage, "not a backup"},
		"cut off":            {good[:len(good)/2], fault.Unverified, ""},
		"no end":             {good[:len(good)-1024], fault.Unverified, "not spelled as keyrite writes it"},
		"more at the end":    {append(bytes.Clone(good), 1), fault.Unverified, "not spelled as keyrite writes it"},
		"flipped":            {bytes.Replace(good, []byte("fleet: test"), []byte("fleet: tesd"), 1), fault.Unverified, "trust.yaml: got SHA-256"},
		"another mode":       {pack(t, &manifest{1, "test", []file{x("trust.yaml")}}, other), fault.Unverified, "not spelled as keyrite writes it"},
		"a link":             {pack(t, &manifest{1, "test", []file{x("trust.yaml")}}, link), fault.Unverified, "trust.yaml: got SHA-256"},
		"a file too many":    {pack(t, &manifest{1, "test", []file{x("trust.yaml")}}, header("trust.yaml", 1), header("z", 1)), fault.Unverified, `"z" is in the archive and not listed`},
		"leads elsewhere":    {pack(t, &manifest{1, "test", []file{x("../trust.yaml"), x("trust.yaml")}}), fault.Unverified, "../trust.yaml"},
		"absolute":           {pack(t, &manifest{1, "test", []file{x("/etc/passwd"), x("trust.yaml")}}), fault.Unverified, "/etc/passwd"},
		"twice":              {pack(t, &manifest{1, "test", []file{x("trust.yaml"), x("trust.yaml")}}), fault.Unverified, "trust.yaml is listed twice"},
		"huge":               {pack(t, &manifest{1, "test", []file{{"trust.yaml", 1 << 40, digest.SHA256{}}}}), fault.Unverified, "length is 1099511627776"},
		"longer than listed": {pack(t, &manifest{1, "test", []file{x("trust.yaml")}}, header("trust.yaml", 2)), fault.Unverified, "with at most 1"},
		"later version":      {pack(t, &manifest{2, "test", []file{x("trust.yaml")}}), fault.Unverified, "version is 2, want 1"},
		"no trust":           {pack(t, &manifest{1, "test", nil}), fault.Unverified, "lists no trust.yaml"},
		"not a trust":        {pack(t, &manifest{1, "test", []file{x("trust.yaml")}}, header("trust.yaml", 1)), fault.Usage, "trust.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "b")
			if err := os.WriteFile(file, tt.data, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := Restore(file, filepath.Join(dir, "fleet"))
			ceremonytest.WantError(t, err, tt.code, tt.want)
			if left, _ := filepath.Glob(filepath.Join(dir, "*")); fmt.Sprint(left) != "["+file+"]" {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// TestRestoreVerifies takes no backup whose list is right and whose metadata is not: the
// list is not signed.
func TestRestoreVerifies(t *testing.T) {
	s := fleet(t)
	ws := s.Open()
	s.Edit("image/metadata/1.targets.json", "app.bin", "bad.bin")
	m := &manifest{Version: 1, Fleet: "test"}
	trust, err := ws.Trust()
	if err != nil {
		t.Fatal(err)
	}
	found, err := find(ws, trust)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range found.Files {
		data := []byte(s.Read(name))
		m.Files = append(m.Files, file{name, int64(len(data)), digest.Of(data)})
	}
	var b bytes.Buffer
	if err := m.write(&b, ws.Read); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "b")
	if err := os.WriteFile(name, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = Restore(name, filepath.Join(t.TempDir(), "fleet"))
	ceremonytest.WantError(t, err, fault.Unverified, "1.targets.json: ")
}

// FuzzRead finds that whatever is read is spelled as it would be written.
func FuzzRead(f *testing.F) {
	f.Add(pack(f, &manifest{1, "test", []file{{"trust.yaml", 1, digest.Of([]byte("x"))}}}, header("trust.yaml", 1)))
	f.Add([]byte("keyrite-backup.json"))
	f.Fuzz(func(t *testing.T, data []byte) {
		kept := map[string][]byte{}
		m, sum, err := read(bytes.NewReader(data), func(name string, data []byte) error { kept[name] = data; return nil })
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := m.write(&b, func(name string, _ int64) ([]byte, error) { return kept[name], nil }); err != nil || !bytes.Equal(b.Bytes(), data) || digest.Of(data) != sum {
			t.Errorf("read what is not written: %v", err)
		}
	})
}
