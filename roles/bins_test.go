package roles

import (
	"crypto/sha256"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// binned is a repository whose images lie in hash bins, each signed by key 9.
func binned(t *testing.T, bits int, paths ...string) *repo {
	r := newRepo(t, TUF)
	k := r.keys(9)[0]
	s := &Succinct{Role: Role{Name: "bin", KeyIDs: []KeyID{k.ID}, Threshold: 1}, BitLength: bits}
	r.targets.Delegations = &Delegations{Keys: []Key{k}, Succinct: s, Roles: s.bins()}
	for i := range s.bins() {
		r.delegated[s.bins()[i].Name] = &Targets{Head: r.targets.Head}
		r.signers[s.bins()[i].Name] = []byte{9}
	}
	for _, path := range paths {
		sum := sha256.Sum256([]byte(path))
		number := (int(sum[0])<<8 | int(sum[1])) >> (16 - bits)
		bin := r.delegated[s.bins()[number].Name]
		bin.Images = append(bin.Images, image(path))
	}
	return r
}

// TestBins finds every image in the bin that TAP 15 gives it, whatever the number
// of bits, and nothing in another.
func TestBins(t *testing.T) {
	for _, bits := range []int{1, 2, 3, 4, 5, 8} {
		paths := []string{"a", "b", "c/d", "e-1.0.tar.gz"}
		r := binned(t, bits)
		for _, path := range paths { // one at a time, so that no list is out of order
			r = binned(t, bits, path)
			client, err := r.publish().verify(nil)
			if err != nil {
				t.Fatalf("%d bits: %v", bits, err)
			}
			if found, role, err := client.Find(path); err != nil || found.Path != path || !strings.HasPrefix(role, "bin-") {
				t.Errorf("%d bits, %s: %v in %s", bits, path, err, role)
			}
			if client.Report().Images != 2 {
				t.Errorf("%d bits, %s: %d images", bits, path, client.Report().Images)
			}
		}
		r.delegated["bin-"+strings.Repeat("0", (bits+3)/4)].Images = []Image{image("not here: 0"), image("not here: 1"), image("not here: 2"), image("not here: 3")}
		if client, err := r.publish().verify(nil); err != nil || client.Report().Images > 5 {
			t.Errorf("%d bits: %v", bits, err)
		}
	}
	if got := (&Succinct{Role: Role{Name: "b"}, BitLength: 5}).bins(); len(got) != 32 || got[31].Name != "b-1f" || !reflect.DeepEqual(got[1].HashPrefixes, []string{"08", "09", "0a", "0b", "0c", "0d", "0e", "0f"}) {
		t.Errorf("got %+v", got)
	}
}

// TestReadBins reads the entry as python-tuf and RSTUF write it, writes it as it
// was, and refuses others in plain words.
func TestReadBins(t *testing.T) {
	const entry = `{"bit_length":2,"keyids":["00"],"name_prefix":"bins","threshold":1}`
	file := func(delegations string) []byte {
		return fmt.Appendf(nil, `{"signatures":[],"signed":{"_type":"targets","delegations":%s,"expires":"2030-01-01T00:00:00Z","spec_version":"1.0.0","targets":{},"version":1}}`, delegations)
	}
	for _, c := range []struct{ text, want string }{
		{`{"keys":{},"succinct_roles":` + entry + `}`, ""},
		{`{"keys":{},"roles":[],"succinct_roles":` + entry + `}`, "it stands beside roles, want one of the two (TAP 15)"},
		{`{"succinct_roles":` + entry + `}`, "signed.delegations.keys: the field is missing"},
		{`{"keys":{},"succinct_roles":{}}`, "signed.delegations.succinct_roles.bit_length: the field is missing"},
		{`{"keys":{},"succinct_roles":` + strings.Replace(entry, `:2,`, `:0,`, 1) + `}`, "bit_length: got 0, want at least 1"},
		{`{"keys":{},"succinct_roles":` + strings.Replace(entry, `:2,`, `:15,`, 1) + `}`, "bit_length: got 15, want at most 14: keyrite reads up to 16384 hash bins"},
		{`{"keys":{},"succinct_roles":` + strings.Replace(entry, `:2,`, `:14,`, 1) + `}`, ""},
		{`{"keys":{},"succinct_roles":` + strings.Replace(entry, `"bins"`, `""`, 1) + `}`, ""},
	} {
		data := file(c.text)
		got, err := Read(TUF, TypeTargets, data)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.text, err, c.want)
		}
		if err == nil {
			if draft, err := Encode(TUF, got.Body); err != nil || string(draft.JSON) != string(got.Signed) {
				t.Errorf("%s is written as %s, %v", c.text, draft.JSON, err)
			}
		}
	}
	ota := strings.NewReplacer(`"targets",`, `"Targets",`, `"spec_version":"1.0.0",`, "").Replace(string(file(`{"keys":{},"succinct_roles":` + entry + `}`)))
	read, err := Read(OTACE, TypeTargets, []byte(ota))
	if err != nil {
		t.Fatal(err)
	}
	if o := refusal(read.Objections()); o == nil || o.Field != "signed.delegations.succinct_roles" {
		t.Errorf("ota-ce: objects to %v", o)
	}
}

// TestDiffBins tells thousands of bins as one.
func TestDiffBins(t *testing.T) {
	with, without := binned(t, 8).targets, newRepo(t, TUF).targets
	for _, c := range []struct {
		old, new *Targets
		want     string
	}{
		{without, with, "targets: delegation by hash: added 256 hash bins, bin-00 to bin-ff"},
		{with, without, "targets: delegation by hash: removed 256 hash bins, bin-00 to bin-ff"},
		{binned(t, 4).targets, with, "targets: delegation by hash: 16 hash bins, bin-0 to bin-f → 256 hash bins, bin-00 to bin-ff"},
	} {
		changes := Diff(c.old, c.new, DiffOptions{})
		if len(changes) == 0 || changes[0].String() != c.want || len(changes) > 3 {
			t.Errorf("got %v, want %s", changes, c.want)
		}
	}
	if changes := Diff(with, with, DiffOptions{}); len(changes) != 0 {
		t.Errorf("nothing changed: %v", changes)
	}
}
