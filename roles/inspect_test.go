package roles

import (
	"fmt"
	"strings"
	"testing"
)

// TestInspect looks at old metadata that Read refuses, and counts no signature
// of it.
func TestInspect(t *testing.T) {
	for _, c := range []struct {
		role     string
		f        Format // nil for both
		old, new string
		want     string // of Read
	}{
		{"timestamp", nil, `"version":1}}`, `"version":0}}`, "signed.meta.snapshot.json.version: got 0, want at least 1"},
		{"snapshot", nil, `"version":1}`, `"version":0}`, "signed.meta.targets.json.version: got 0, want at least 1"},
		{"targets", nil, `"version":1`, `"version":0`, "signed.version: got 0, want at least 1"},
		{"root", nil, `"threshold":1`, `"threshold":0`, "signed.roles.snapshot.threshold: got 0, want at least 1"},
		{"timestamp", nil, `"expires":"2027-11-23T`, `"expires":"2027-11-23T0`, ""},
		{"targets", TUF, `"delegations":{"keys":{},"roles":[]}`, `"delegations":null`, "signed.delegations: got 'n', want an object"},
		{"targets", TUF, `"delegations":{"keys":{},"roles":[]}`, `"delegations":{}`, "signed.delegations.keys: the field is missing"},
		{"root", OTACE, `"keytype":"ED25519"`, `"keytype":"ECPRIME256V1"`, `want RSA or ED25519: vehicles refuse the whole file`},
		{"root", OTACE, `"method":"ed25519"`, `"method":"ecPrime256v1"`, `signatures[0].method: got "ecPrime256v1", want ed25519 or rsassa-pss-sha256`},
		{"root", OTACE, `"sig":"`, `"sig":"\n`, "signatures[0].sig: it is not base64 on one line"},
		{"timestamp", OTACE, `"length":`, `"longth":`, "signed.meta.snapshot.json: want hashes and length"},
		{"timestamp", nil, `"meta":{`, `"meta":{"other.json":{"version":1},`, "signed.meta: want exactly one entry"},
		{"snapshot", nil, `"targets.json"`, `"t.json"`, "signed.meta: targets.json is missing"},
		{"targets", nil, `"sha256":"`, `"sha256":"A`, ""},
		{"targets", nil, `["hw"]`, "[\"e\u0301\"]", `text "e\u0301" is not in Unicode normal form C (NFC), which Uptane Standard 2.1.0 §5.2 wants`},
		{"root", TUF, `"spec_version":"1.0.0"`, `"spec_version":"2"`, `signed.spec_version: got "2", want 1.x`},
	} {
		for _, f := range Formats {
			if c.f != nil && c.f != f {
				continue
			}
			r := newRepo(t, f).publish()
			r.edit(c.role, 1, c.old, c.new)
			data, kind := r.files[f.MetadataPath(c.role, 1)], Type(c.role)
			_, err := Read(f, kind, data)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %s: Read: got %v, want %s", f.Name(), c.new, err, c.want)
			}
			file, err := Inspect(f, kind, data)
			if c.want == "" {
				if err == nil {
					t.Errorf("%s: %s: Inspect takes it", f.Name(), c.new)
				}
				continue
			}
			if err != nil || file.Problem == nil || !strings.Contains(file.Problem.Error(), c.want) {
				t.Errorf("%s: %s: Inspect: got %v, want %s", f.Name(), c.new, err, c.want)
				continue
			}
			if err := CheckThreshold(file, *r.root.Role(c.role), r.root.Keys).Err(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %s: its signatures count: %v", f.Name(), c.new, err)
			}
		}
	}
	honest := newRepo(t, TUF).publish().files["1.root.json"]
	if file, err := Inspect(TUF, TypeRoot, honest); err != nil || file.Problem != nil {
		t.Errorf("an honest root: %v, %v", err, file.Problem)
	}
	upper := newRepo(t, TUF).publish()
	upper.edit("targets", 1, fmt.Sprintf("%x", *upper.targets.Images[0].Hashes.SHA256), fmt.Sprintf("%X", *upper.targets.Images[0].Hashes.SHA256))
	if file, err := Inspect(TUF, TypeTargets, upper.files["1.targets.json"]); err != nil || file.Problem == nil || *file.Body.(*Targets).Images[0].Hashes.SHA256 != *upper.targets.Images[0].Hashes.SHA256 {
		t.Errorf("digests in capitals: %v", err)
	}
}

// TestInspectAttacks refuses also to look at what shows different people
// different things.
func TestInspectAttacks(t *testing.T) {
	for _, text := range []string{`{"signatures":[],"signed":{"expires":7}}`, `{"a":1,"a":2}`, `{"signatures":[],"signed":{}}`, `{`} {
		if _, err := Inspect(TUF, TypeRoot, []byte(text)); err == nil {
			t.Errorf("%s is taken", text)
		}
	}
}

// TestEmptyDelegations reads what a Director's server writes where nothing is
// delegated.
func TestEmptyDelegations(t *testing.T) {
	const honest = `"delegations":{"keys":{},"roles":[]}`
	for text, taken := range map[string]map[Format]bool{
		honest:                                   {TUF: true, OTACE: true},
		`"delegations":null`:                     {OTACE: true},
		`"delegations":{}`:                       {OTACE: true},
		`"delegations":{"keys":{}}`:              {},
		`"delegations":{"roles":[]}`:             {},
		`"delegations":{"x":1}`:                  {},
		`"delegations":[]`:                       {},
		`"delegations":nil`:                      {},
		`"delegations":{"keys":{},"roles":null}`: {},
	} {
		for _, f := range Formats {
			r := newRepo(t, f)
			r.changes["targets"] = change{honest, text}
			r.publish()
			c, err := NewClient(r.files["1.root.json"], r, now)
			if err != nil {
				t.Fatal(err)
			}
			c.Director = true
			if err := c.Refresh(); (err == nil) != taken[f] {
				t.Errorf("%s: %s: got %v, want it taken: %t", f.Name(), text, err, taken[f])
			}
		}
	}
}
