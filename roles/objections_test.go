package roles

import (
	"fmt"
	"strings"
	"testing"
)

// TestLimits holds each limit of ota-ce from both sides, when a file is verified
// and when it is signed. tuf has none of them.
func TestLimits(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n) }
	named := func(path string) func(*repo) {
		return func(r *repo) { r.targets.Images[0] = image(path) }
	}
	custom := func(format string, args ...any) func(*repo) {
		return func(r *repo) { r.targets.Images[0].Custom = fmt.Appendf(nil, format, args...) }
	}
	delegated := func(name string, patterns ...string) func(*repo) {
		return func(r *repo) { r.delegate("targets", name, 7, false, patterns...) }
	}
	for _, c := range []struct {
		name string
		bend func(r *repo)
		want string // "" where vehicles and servers take it
	}{
		{"path of 253", named(long(253)), ""},
		{"path of 254", named(long(254)), "signed.targets." + long(254) + ": got 254 characters, want 1 to 253"},
		{"two dots in a path", named("a..b"), `signed.targets.a..b: it contains "..", want none anywhere in a path`},
		{"single dots in a path", named("a./.b"), ""},
		{"hardware id of 200", custom(`{"hardwareIds":["a",%q]}`, long(200)), ""},
		{"hardware id of 201", custom(`{"hardwareIds":["a",%q]}`, long(201)), "signed.targets.top.bin.custom.hardwareIds[1]: got 201 characters, want 1 to 200"},
		{"empty hardware id", custom(`{"hardwareIds":[""]}`), "signed.targets.top.bin.custom.hardwareIds[0]: got 0 characters, want 1 to 200"},
		{"no hardware ids in the list", custom(`{"hardwareIds":[]}`), ""},
		{"hardware ids of another type", custom(`{"hardwareIds":"a"}`), `signed.targets.top.bin.custom.hardwareIds: got '"', want an array`},
		{"a number for a hardware id", custom(`{"hardwareIds":["a",7]}`), `signed.targets.top.bin.custom.hardwareIds[1]: got '7', want a string`},
		{"no hardware ids", custom(`{"name":"a"}`), "signed.targets.top.bin.custom.hardwareIds: the field is missing: no vehicle takes the image, and the repo server refuses the file"},
		{"custom is null", custom(`null`), "signed.targets.top.bin.custom: got 'n', want an object"},
		{"no custom data", func(r *repo) { r.targets.Images[0].Custom = nil }, "signed.targets.top.bin.custom.hardwareIds: the field is missing: no vehicle takes the image, and the repo server refuses the file"},
		{"a counter of another type", custom(`{"hardwareIds":["a"],"releaseCounter":"4"}`), ""},
		{"serial of 64", custom(`{"ecuIdentifiers":{%q:{"hardwareId":"a"}}}`, long(64)), ""},
		{"serial of 65", custom(`{"ecuIdentifiers":{%q:{"hardwareId":"a"}}}`, long(65)), "signed.targets.top.bin.custom.ecuIdentifiers." + long(65) + ": ECU serial: got 65 characters, want 1 to 64"},
		{"empty serial", custom(`{"ecuIdentifiers":{"":{"hardwareId":"a"}}}`), "signed.targets.top.bin.custom.ecuIdentifiers: ECU serial: got 0 characters, want 1 to 64"},
		{"an ECU's hardware id of 200", custom(`{"ecuIdentifiers":{"e":{"hardwareId":%q,"x":1}}}`, long(200)), ""},
		{"an ECU's hardware id of 201", custom(`{"ecuIdentifiers":{"e":{"hardwareId":%q}}}`, long(201)), "signed.targets.top.bin.custom.ecuIdentifiers.e.hardwareId: got 201 characters, want 1 to 200"},
		{"hardware ids beside ECUs", custom(`{"ecuIdentifiers":{"e":{"hardwareId":"a"}},"hardwareIds":["a"]}`), "signed.targets.top.bin.custom.hardwareIds: it stands beside ecuIdentifiers: no vehicle takes the image; want one of the two"},
		{"role name of 50", delegated(long(50), "a/*"), ""},
		{"role name of 51", delegated(long(51), "a/*"), fmt.Sprintf("signed.delegations.roles[0].name: got %q, want 1 to 50 letters, digits, - _ and ., no dot first", long(51))},
		{"role name with a dot inside", delegated("_a.b-C", "a/*"), ""},
		{"role name with a dot first", delegated(".a", "a/*"), `signed.delegations.roles[0].name: got ".a", want 1 to 50 letters, digits, - _ and ., no dot first`},
		{"role name with a space", delegated("a b", "a/*"), `signed.delegations.roles[0].name: got "a b", want 1 to 50 letters, digits, - _ and ., no dot first`},
		{"role name with a slash", delegated("a/b", "a/*"), `signed.delegations.roles[0].name: got "a/b", want 1 to 50 letters, digits, - _ and ., no dot first`},
		{"pattern of 253", delegated("a", long(252)+"*"), ""},
		{"pattern of 254", delegated("a", "a", long(253)+"*"), "signed.delegations.roles[0].paths[1]: got 254 characters, want 1 to 253"},
		{"empty pattern", delegated("a", ""), "signed.delegations.roles[0].paths[0]: got 0 characters, want 1 to 253"},
		{"two dots in a pattern", delegated("a", "a..*"), `signed.delegations.roles[0].paths[0]: it contains "..", want none anywhere in a path`},
		{"version of 31 bits", func(r *repo) { r.targets.Version = MaxVersion }, ""},
		{"version of 32 bits", func(r *repo) { r.targets.Version = MaxVersion + 1 }, "signed.version: got 2147483648, want at most 2147483647"},
	} {
		for _, f := range Formats {
			r := newRepo(t, f)
			c.bend(r)
			want := ""
			if f == OTACE && c.want != "" {
				want = f.MetadataPath("targets", r.targets.Version) + ": " + c.want
			}
			if _, err := r.publish().verify(nil); (err == nil) != (want == "") || err != nil && !sameText(err, want) {
				t.Errorf("%s: %s: verified:\n got %v\nwant %s", f.Name(), c.name, err, want)
			}
			if r.targets.Version > MaxVersion {
				continue // Encode has a limit of its own
			}
			want = strings.TrimPrefix(want, "targets.json: signed.")
			if _, err := Encode(f, r.targets); (err == nil) != (want == "") || err != nil && !sameText(err, want) {
				t.Errorf("%s: %s: signed:\n got %v\nwant %s", f.Name(), c.name, err, want)
			}
		}
	}
}

// TestRootNotes takes roots that vehicles take and the key server does not, and
// says so.
func TestRootNotes(t *testing.T) {
	const server = "the key server refuses the file for it, vehicles do not"
	for _, c := range []struct {
		name, old, new string
		file           bool // what stands outside the signed part
		want           string
	}{
		{"an honest root", `"version":1}`, `"version":1}`, false, ""},
		{"spec_version", `"version":1}`, `"spec_version":"1.0.0","version":1}`, false, "signed.spec_version: an extra field: " + server},
		{"another field", `"version":1}`, `"version":1,"x-a":{}}`, false, "signed.x-a: an extra field: " + server},
		{"a field of a role", `"threshold":1`, `"threshold":1,"x":0`, false, "signed.roles.snapshot.x: an extra field: " + server},
		{"a scheme", `}},`, `},"scheme":"ed25519"},`, false, ": spelled otherwise than OTA CE spells it: " + server},
		{"keytype in lower case", `"ED25519"`, `"ed25519"`, false, ": spelled otherwise than OTA CE spells it: " + server},
		{"method of RSA", `"method":"ed25519"`, `"method":"rsassa-pss-sha256"`, true, `signatures[0].method: got "rsassa-pss-sha256", want "ed25519": ` + server},
		{"method in capitals", `"method":"ed25519"`, `"method":"ED25519"`, true, `signatures[0].method: got "ED25519", want "ed25519": ` + server},
	} {
		r := newRepo(t, OTACE)
		if !c.file {
			r.changes["root"] = change{c.old, c.new}
		}
		r.publish()
		if c.file {
			r.edit("root", 1, c.old, c.new)
		}
		client, err := r.verify(nil)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		notes := strings.Join(texts(client), "\n")
		if c.want == "" && notes != "" || !strings.Contains(notes, c.want) {
			t.Errorf("%s: notes %q, want %q", c.name, notes, c.want)
		}
		for _, o := range client.File("root").Objections() {
			if !o.Note {
				t.Errorf("%s: %s refuses", c.name, o)
			}
		}
	}
}

// TestOddExpiresNoted takes what Sigstore's roots contain, and notes it.
func TestOddExpiresNoted(t *testing.T) {
	r := newRepo(t, TUF)
	r.changes["targets"] = change{`T12:00:00Z"`, `T12:00:00.5Z"`}
	client, err := r.publish().verify(nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := `1.targets.json: signed.expires: got "2027-11-23T12:00:00.5Z", which python-tuf and others refuse`; !strings.Contains(client.Report().String(), want) {
		t.Errorf("the report lacks %s:\n%s", want, client.Report())
	}
}

// TestObjectionsBound bounds what is said of a file in which everything is
// wrong.
func TestObjectionsBound(t *testing.T) {
	body := newRepo(t, OTACE).targets
	for i := range 1000 {
		body.Images = append(body.Images, Image{Path: fmt.Sprint(i)})
	}
	if n := len(Objections(OTACE, body)); n != maxObjections {
		t.Errorf("%d objections", n)
	}
	if n := len(Objections(TUF, body)); n != 0 {
		t.Errorf("tuf: %d objections", n)
	}
}

// TestSameContentOfOddities compares with what is signed, whoever objects to
// it: else nobody could mend it.
func TestSameContentOfOddities(t *testing.T) {
	a, b := newRepo(t, OTACE).targets, newRepo(t, OTACE).targets
	a.Images[0].Custom = nil
	if same, err := SameContent(OTACE, a, b); same || err != nil {
		t.Errorf("got %t, %v", same, err)
	}
}

// sameText compares an error with what it should say. Names that are too long for
// an error are cut in their middle.
func sameText(err error, want string) bool {
	got := err.Error()
	begin, end, cut := strings.Cut(got, "…(")
	if !cut {
		return got == want
	}
	_, end, _ = strings.Cut(end, ")…")
	return strings.HasPrefix(want, begin) && strings.HasSuffix(want, end) && len(want) > len(begin)+len(end)
}
