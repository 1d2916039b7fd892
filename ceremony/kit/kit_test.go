package kit

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// sample is a kit as a ceremony seals one.
func sample(t testing.TB) (*Kit, []byte) {
	t.Helper()
	const bytes = `{"_type":"root","version":2}`
	k := &Kit{
		Version: 1, Name: "spare", Fleet: "roadster", Repository: "image", Format: "tuf", Ceremony: "2026-11-30-image-2", Plan: digest.Of([]byte("plan")),
		Made: time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC), Reason: "<for> the day", Replace: map[string]string{"root-c": "root-d"},
		Root: 2, Follows: digest.Of([]byte("root 1")), Expires: time.Date(2027, 11, 30, 12, 0, 0, 0, time.UTC),
		Lacks:  []Lack{{"previous root", 1, 2, []string{"root-b", "root-c"}}},
		By:     []Signature{{Role: "root", Version: 2, Key: "root-a", SHA256: digest.Of([]byte(bytes)), Signature: "AAAA"}},
		SHA256: digest.Of([]byte(bytes)), Bytes: bytes,
	}
	data, err := k.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return k, data
}

func TestParse(t *testing.T) {
	want, data := sample(t)
	got, err := Parse("spare.kit", data)
	if err != nil || got.Sum != digest.Of(data) || got.Bytes != want.Bytes || !got.Expires.Equal(want.Expires) {
		t.Fatal(got, err)
	}
	if text := got.Lacks[0].String(); text != "previous root: 1 of 2, lacks 1 of root-b, root-c" {
		t.Error(text)
	}
	if _, has := got.SignedBy("root-b"); has || len(got.Signers()) != 1 {
		t.Error(got.Signers())
	}
}

// TestParseRefuses refuses every byte that is not as keyrite writes it.
func TestParseRefuses(t *testing.T) {
	_, data := sample(t)
	for name, tt := range map[string]struct {
		old, new string
		code     fault.Code
		want     string
	}{
		"another file":     {`{"kit":1`, `{"keyrite":1`, fault.Usage, "is not an emergency kit"},
		"a later version":  {`{"kit":1`, `{"kit":2`, fault.Usage, "kit is 2, want 1"},
		"an unknown field": {`"fleet":`, `"extra":1,"fleet":`, fault.Unverified, "not spelled as keyrite spells it"},
		"a field twice":    {`"fleet":"roadster"`, `"fleet":"x","fleet":"roadster"`, fault.Unverified, "not spelled as keyrite spells it"},
		"line ends":        {"\n", "\r\n", fault.Unverified, "line ends"},
		"a name":           {`"name":"spare"`, `"name":"../spare"`, fault.Unverified, "is no name for a kit"},
		"other bytes":      {`\"version\":2}`, `\"version\":3}`, fault.Unverified, "but the bytes have"},
		"no signature":     {`"by":[{`, `"by":[],"x":[{`, fault.Unverified, ""},
		"another version":  {`"root":2`, `"root":3`, fault.Unverified, "is not one of root 3 in this kit"},
		"another role":     {`"role":"root"`, `"role":"targets"`, fault.Unverified, "is not one of root 2 in this kit"},
	} {
		changed := strings.Replace(string(data), tt.old, tt.new, 1)
		if changed == string(data) {
			t.Errorf("%s: nothing was changed", name)
		}
		_, err := Parse("spare.kit", []byte(changed))
		if fault.CodeOf(err) != tt.code || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := Parse("spare.kit", data[:len(data)-1]); err == nil {
		t.Error("cut by its last byte")
	}
	k, _ := sample(t)
	k.By = append(k.By, k.By[0])
	if twice, err := k.Encode(); err != nil {
		t.Fatal(err)
	} else if _, err := Parse("spare.kit", twice); err == nil || !strings.Contains(err.Error(), "or is there twice") {
		t.Error(err)
	}
}

// TestFind finds a kit by its name and by its file; Bring keeps a copy, and never another
// one under its name.
func TestFind(t *testing.T) {
	folder, err := disk.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { folder.Close() })
	ws := &workspace.Workspace{Folder: folder, View: workspace.View{Files: folder}}
	k, data := sample(t)
	stick := t.TempDir() + "/spare.kit"
	if err := os.WriteFile(stick, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Find(ws, "spare"); fault.CodeOf(err) != fault.Usage {
		t.Error(err)
	}
	for range 2 {
		if got, err := Bring(ws, stick); err != nil || got.Sum != k.Sum {
			t.Fatal(got, err)
		}
	}
	if names, err := Names(ws); err != nil || len(names) != 1 || names[0] != "spare" {
		t.Error(names, err)
	}
	k.Reason = "another"
	other, err := k.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(stick, other, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Bring(ws, stick); err == nil {
		t.Error("another kit took its place")
	}
	if got, err := Find(ws, "spare"); err != nil || got.Reason != "<for> the day" {
		t.Error(got, err)
	}
}

func FuzzParse(f *testing.F) {
	_, data := sample(f)
	f.Add(data)
	f.Add([]byte(`{"kit":1,"by":[null]}` + "\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		k, err := Parse("x.kit", data)
		if err != nil {
			return
		}
		again, err := k.Encode()
		if err != nil || string(again) != string(data) {
			t.Errorf("%v: written again\n%s\n%s", err, data, again)
		}
	})
}
