package takeover

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

const vectors = "../../roles/testdata/vectors/"

// emptyRoom has a new folder and a person who answers as asked.
func emptyRoom(t *testing.T) room.Room {
	return roomIn(t, t.TempDir())
}

func roomIn(t *testing.T, dir string) room.Room {
	return room.Room{
		Workspace: ceremonytest.Open(t, dir),
		Prompter:  &ceremonytest.Person{Answers: []string{ceremonytest.AsAsked}},
		Now:       func() time.Time { return ceremonytest.Now },
	}
}

// TestImport takes repositories of other tools over, down to the last byte.
func TestImport(t *testing.T) {
	for _, test := range []struct {
		from    string
		want    string // roles and versions
		keys    string // that are external
		missing string
	}{
		{"tuf/ok-mixed", "root 1, root 2, root 3, firmware 2, targets 3, snapshot 5, timestamp 9", "root-1 root-2 root-3 targets-1 targets-2 targets-3", ""},
		{"ota-ce/ok/repo", "root 1, root 2, apps 2, targets 3, snapshot 5, timestamp 5", "root-1 targets-1", ""},
		{"ota-ce/ok/director", "root 1, root 2, targets 2, snapshot 5, timestamp 5", "root-1", ""},
		{"sigstore", "root 1, root 2, root 3, root 4, root 5", "root-1 root-2 root-3 root-4 root-5", "targets snapshot timestamp"},
	} {
		r := emptyRoom(t)
		taken, err := Import(t.Context(), r, Request{Repository: "image", From: []string{vectors + test.from}, Fleet: "f"})
		if err != nil {
			t.Errorf("%s: %v", test.from, err)
			continue
		}
		var external []string
		for _, k := range taken.Keys {
			if k.External {
				external = append(external, k.Name)
			}
		}
		if got := versions(taken); got != test.want {
			t.Errorf("%s: got %s, want %s", test.from, got, test.want)
		}
		if got := strings.Join(external, " "); got != test.keys || strings.Join(taken.Missing, " ") != test.missing {
			t.Errorf("%s: got external %s, missing %s", test.from, got, taken.Missing)
		}
		if _, err := scene.Read(r.Workspace, "image", ceremonytest.Now); err != nil {
			t.Errorf("%s: %v", test.from, err)
		}
		past, err := ceremonies.ReadPast(r.Workspace, "image", "")
		if newest, _ := past.Newest("root"); err != nil || newest.Version != int64(strings.Count(test.want, "root")) {
			t.Errorf("%s: the past knows root %d, %v", test.from, newest.Version, err)
		}
	}
}

func versions(t *Taken) string {
	var list []string
	for _, f := range t.Files {
		list = append(list, f.Role+" "+string(rune('0'+f.Version)))
	}
	return strings.Join(list, ", ")
}

// TestImportRefuses leaves a folder as it was.
func TestImportRefuses(t *testing.T) {
	mixed := vectors + "tuf/ok-mixed/metadata/"
	copied := func(change func(dir string)) string {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(mixed)); err != nil {
			t.Fatal(err)
		}
		change(dir)
		return dir
	}
	remove := func(names ...string) string {
		return copied(func(dir string) {
			for _, name := range names {
				os.Remove(filepath.Join(dir, name))
			}
		})
	}
	edited := func(name, old, new string) string {
		return copied(func(dir string) {
			ceremonytest.Rewrite(t, dir, name, func(text string) string { return strings.Replace(text, old, new, 1) })
		})
	}
	secret := copied(func(dir string) {
		os.WriteFile(filepath.Join(dir, "root.pem"), []byte("-----BEGIN PRIVATE KEY-----"), 0o600)
	})
	for _, test := range []struct {
		from []string
		root string
		code fault.Code
		want string
	}{
		{[]string{"no-such-folder"}, "", fault.Usage, "no-such-folder"},
		{[]string{t.TempDir()}, "", fault.Usage, "there is no metadata"},
		{[]string{vectors + "ota-ce/ok"}, "", fault.Unverified, "are two different files of root 1\nhint: name the folder or the files of one repository"},
		{[]string{mixed, vectors + "ota-ce/ok/repo"}, "", fault.Unverified, "format is ota-ce, but other files are in format tuf\nhint: name the folder or the files of one repository"},
		{[]string{remove("2.root.json")}, "", fault.Incomplete, "there is root 3, but no root 2"},
		{[]string{remove("1.root.json", "2.root.json")}, "", fault.Incomplete, "there is root 3, but no root 1\nhint: get them from the server (1.root.json, 2.root.json, …) and name them beside the others"},
		{[]string{remove("1.root.json", "2.root.json", "3.root.json")}, "", fault.Incomplete, "there is no root"},
		{[]string{remove("2.firmware.json")}, "", fault.Unverified, "firmware.json"},
		{[]string{edited("2.root.json", `"threshold"`, `"Threshold"`)}, "", fault.Unverified, "2.root.json"},
		{[]string{edited("3.targets.json", `"length"`, `"lenght"`)}, "", fault.Unverified, "3.targets.json"},
		{[]string{edited("3.targets.json", `readme.txt`, `readmi.txt`)}, "", fault.Unverified, "3.targets.json"},
		{[]string{secret}, "", fault.Refused, "root.pem: holds a private key, and keyrite takes none\nhint: take it out, and bring in signatures by it: keyrite sign-request, keyrite signature add"},
		{[]string{mixed}, strings.Repeat("ab", 32), fault.Unverified, "root 1 is another one than you trust"},
	} {
		r := emptyRoom(t)
		q := Request{Repository: "image", From: test.from, Fleet: "f"}
		if test.root != "" {
			q.Root, _ = digest.Parse(test.root)
		}
		_, err := Import(t.Context(), r, q)
		ceremonytest.WantError(t, err, test.code, test.want)
		if names, _ := r.Workspace.List("."); slices.ContainsFunc(names, func(n string) bool { return n != ".lock-image" }) {
			t.Errorf("%s: left %q", test.want, names)
		}
	}
}

// TestImportDeclined writes nothing but that somebody said no.
func TestImportDeclined(t *testing.T) {
	r := emptyRoom(t)
	r.Prompter = prompt.Nobody(&bytes.Buffer{})
	_, err := Import(t.Context(), r, Request{Repository: "image", From: []string{vectors + "tuf/ok-mixed"}, Fleet: "f"})
	if there, _ := r.Workspace.Exists(workspace.TrustFile); err == nil || there {
		t.Errorf("got %v, trust.yaml is there: %t", err, there)
	}
}

// TestImportSecond adds a repository to a workspace and leaves what people wrote.
func TestImportSecond(t *testing.T) {
	s := ceremonytest.SignedSoftware(t)
	r := roomIn(t, s.Dir)
	before := s.Read("trust.yaml")
	_, err := Import(t.Context(), r, Request{Repository: "image", From: []string{vectors + "tuf/ok-rsa"}})
	ceremonytest.WantError(t, err, fault.Usage, "has a repository image already")
	taken, err := Import(t.Context(), r, Request{Repository: "other", From: []string{vectors + "tuf/ok-rsa"}})
	if err != nil {
		t.Fatal(err)
	}
	if after := s.Read("trust.yaml"); !strings.HasPrefix(after, before) || !strings.Contains(after, "\n  other:\n") {
		t.Errorf("trust.yaml is %s", after)
	}
	if taken.Keys[3].Name != "targets-1" {
		t.Errorf("got %+v", taken.Keys)
	}
	s.Write("trust.yaml", before+"people: {witnesses: 1}\n")
	r = roomIn(t, s.Dir)
	_, err = Import(t.Context(), r, Request{Repository: "third", From: []string{vectors + "tuf/ok-ecdsa"}})
	ceremonytest.WantError(t, err, fault.Usage, "trust.yaml")
}

// TestUpdate takes in what was signed elsewhere since.
func TestUpdate(t *testing.T) {
	here := ceremonytest.SignedSoftware(t)
	there := &ceremonytest.Software{T: t, Dir: ceremonytest.Copy(t, here.Dir), Now: here.Now.Add(time.Hour)}
	there.CarryOut(plan.Request{Renew: []string{"targets"}})
	r := roomIn(t, here.Dir)
	taken, err := Update(r, "image", []string{there.Path("image/metadata")})
	if err != nil {
		t.Fatal(err)
	}
	if got := versions(taken); got != "targets 2, snapshot 2, timestamp 2" {
		t.Errorf("got %s", got)
	}
	for _, f := range taken.Files {
		if here.Read(f.Path) != there.Read(f.Path) {
			t.Errorf("%s differs", f.Path)
		}
	}
	if kept, err := r.Workspace.List("custody/replaced"); err != nil || len(kept) != 1 || !strings.HasSuffix(kept[0], "-timestamp.json") {
		t.Errorf("kept %q, %v", kept, err)
	}
	if taken, err = Update(r, "image", []string{there.Path("image/metadata")}); err != nil || len(taken.Files) != 0 {
		t.Errorf("the second time: %+v, %v", taken, err)
	}
	old := &ceremonytest.Software{T: t, Dir: ceremonytest.Copy(t, here.Dir), Now: there.Now}
	os.Remove(here.Path("image/metadata/timestamp.json"))
	_, err = here.Make(plan.Request{})
	ceremonytest.WantError(t, err, fault.Unverified, "there is no timestamp, but ceremony import of image signed version 2 of it")

	// The online side says something else under a version that is here.
	old.Now = old.Now.Add(time.Hour)
	old.CarryOut(plan.Request{Renew: []string{"timestamp"}})
	again := &ceremonytest.Software{T: t, Dir: ceremonytest.Copy(t, there.Dir), Now: old.Now.Add(time.Hour)}
	again.CarryOut(plan.Request{Renew: []string{"timestamp"}})
	_, err = Update(roomIn(t, old.Dir), "image", []string{again.Path("image/metadata")})
	ceremonytest.WantError(t, err, fault.Unverified, "differs from the timestamp 3 that is in image/metadata already")
}

// TestUpdateOfOne takes in what a supplier signed, before anybody states it.
func TestUpdateOfOne(t *testing.T) {
	s := ceremonytest.SignedSoftware(t)
	s.AddKeys("acme")
	s.Edit("trust.yaml", "    roles:\n", "      acme: {public: keys/acme.yaml, fingerprint: "+ceremonytest.Fingerprint(t, "acme")+"}\n    roles:\n",
		"    waivers:\n", "    delegations:\n      - {role: acme, keys: [acme], threshold: 1, paths: [\"acme/*\"], expires: 90d}\n    waivers:\n")
	year := s.Now.AddDate(1, 0, 0)
	s.Write("image/metadata/1.acme.json", ceremonytest.SupplierFile(t, 1, year, "acme"))
	s.CarryOut(plan.Request{})
	s.Now = s.Now.Add(time.Hour)
	stick := t.TempDir()
	bring := func(by string, version int64) error {
		os.WriteFile(filepath.Join(stick, "acme.json"), []byte(ceremonytest.SupplierFile(t, version, year, by)), 0o600)
		_, err := Update(roomIn(t, s.Dir), "image", []string{filepath.Join(stick, "acme.json")})
		return err
	}
	if err := bring("acme", 2); err != nil {
		t.Fatal(err)
	}
	if s.Read("image/metadata/2.acme.json") != ceremonytest.Content(t, stick, "acme.json") {
		t.Error("it is another file")
	}
	if got := ceremonytest.Files(s.MustMake(plan.Request{})); got != "snapshot 3, timestamp 3" {
		t.Errorf("then %s is signed", got)
	}
	ceremonytest.WantError(t, bring("root-a", 3), fault.Unverified, "acme.json: 0 of 1 signatures")
}

// TestUpdateMends puts a supplier's file into the place of one that is of no use, and
// keeps that aside.
func TestUpdateMends(t *testing.T) {
	for name, junk := range map[string]string{"no JSON": "{", "nothing": "", "by a stranger": ceremonytest.SuppliedImages(t, roles.OTACE, 1, ceremonytest.Now.AddDate(1, 0, 0), []string{"acme/9"}, "root-a")} {
		s := withAcme(t)
		const where = "image/metadata/delegations/acme.json"
		s.Write(where, junk)
		next := filepath.Join(t.TempDir(), "acme.json")
		os.WriteFile(next, []byte(ceremonytest.SuppliedImages(t, roles.OTACE, 2, s.Now.AddDate(1, 0, 0), []string{"acme/1", "acme/2"}, "acme")), 0o600)
		if _, err := Update(roomIn(t, s.Dir), "image", []string{next}); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if s.Read(where) != ceremonytest.Content(t, filepath.Dir(next), "acme.json") {
			t.Errorf("%s: it is another file", name)
		}
		if s.Read(signed.Replaced(where, digest.Of([]byte(junk)))) != junk {
			t.Errorf("%s: it is not kept", name)
		}
	}
}

// TestUpdateKeeps shows what a supplier changed against what is published, which Update
// has kept aside.
func TestUpdateKeeps(t *testing.T) {
	s := withAcme(t)
	next := filepath.Join(t.TempDir(), "acme.json")
	for version := int64(2); version <= 3; version++ { // the second is never published
		os.WriteFile(next, []byte(ceremonytest.SuppliedImages(t, roles.OTACE, version, s.Now.AddDate(1, 0, 0), []string{"acme/1", "acme/2"}, "acme")), 0o600)
		if _, err := Update(roomIn(t, s.Dir), "image", []string{next}); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, c := range s.MustMake(plan.Request{}).Changes.First {
		got = append(got, c.Role+" "+c.What+" "+c.Subject)
	}
	if strings.Join(got, ", ") != "acme version , acme image acme/2" {
		t.Errorf("changes %q", got)
	}
}

// withAcme is a signed repository in format ota-ce in which a supplier's file is published.
func withAcme(t *testing.T) *ceremonytest.Software {
	s := ceremonytest.NewSoftware(t)
	s.Edit("trust.yaml", "format: tuf", "format: ota-ce")
	s.Edit("images.yaml", "    length: 10\n", "    length: 10\n    custom: {hardwareIds: [hw]}\n")
	s.CarryOut(plan.Request{})
	s.AddKeys("acme")
	s.Edit("trust.yaml", "    roles:\n", "      acme: {public: keys/acme.yaml, fingerprint: "+ceremonytest.Fingerprint(t, "acme")+"}\n    roles:\n",
		"    waivers:\n", "    delegations:\n      - {role: acme, keys: [acme], threshold: 1, paths: [\"acme/*\"], expires: 90d}\n    waivers:\n")
	s.Write("image/metadata/delegations/acme.json", ceremonytest.SuppliedImages(t, roles.OTACE, 1, s.Now.AddDate(1, 0, 0), []string{"acme/1"}, "acme"))
	s.CarryOut(plan.Request{})
	return s
}

// TestUpdateByReplacedKey takes nothing that a key signed which root has replaced.
func TestUpdateByReplacedKey(t *testing.T) {
	s := ceremonytest.SignedSoftware(t)
	thief := &ceremonytest.Software{T: t, Dir: ceremonytest.Copy(t, s.Dir), Now: s.Now.Add(2 * time.Hour)}
	thief.CarryOut(plan.Request{Renew: []string{"snapshot"}})
	s.AddKeys("snapshot-b")
	s.Edit("trust.yaml", "snapshot-a: {type", "snapshot-b: {type", "[snapshot-a]", "[snapshot-b]")
	s.Now = s.Now.Add(time.Hour)
	s.CarryOut(plan.Request{})
	thief.Now = thief.Now.Add(time.Hour)
	thief.CarryOut(plan.Request{Renew: []string{"snapshot"}})
	_, err := Update(roomIn(t, s.Dir), "image", []string{thief.Path("image/metadata/3.snapshot.json")})
	ceremonytest.WantError(t, err, fault.Unverified, "3.snapshot.json: snapshot 3 is signed by keys that root 2 has replaced")
}

// TestUpdateRefuses takes nothing that the roots here do not vouch for.
func TestUpdateRefuses(t *testing.T) {
	s := ceremonytest.SignedSoftware(t)
	r := roomIn(t, s.Dir)
	_, err := Update(r, "image", []string{vectors + "tuf/ok-mixed"})
	ceremonytest.WantError(t, err, fault.Unverified, "differs from the root 1")
	_, err = Update(r, "image", []string{vectors + "tuf/ok-mixed/metadata/timestamp.json"})
	ceremonytest.WantError(t, err, fault.Unverified, "timestamp.json: 0 of 1 signatures")
	_, err = Update(r, "image", []string{vectors + "ota-ce/ok/repo"})
	ceremonytest.WantError(t, err, fault.Unverified, "format is ota-ce, want tuf")
	_, err = Update(r, "other", []string{"."})
	ceremonytest.WantError(t, err, fault.Usage, "other")
}

// TestUpdateVoid takes what the server signs with new keys in the place of what its old
// ones signed, though a thief has spent the versions, and takes nothing by the old ones.
func TestUpdateVoid(t *testing.T) {
	here := ceremonytest.NewSoftware(t)
	here.GiveToServer("snapshot-a", "timestamp-a")
	here.CarryOut(plan.Request{})
	here.Serve(1<<31-2, 1<<31-2)
	thief := ceremonytest.Copy(t, here.Dir)
	here.Replace("snapshot-a", "snapshot-z")
	here.Replace("timestamp-a", "timestamp-z")
	here.CarryOut(plan.Request{})
	there := &ceremonytest.Software{T: t, Dir: ceremonytest.Copy(t, here.Dir), Now: here.Now}
	there.Remove("image/metadata/2147483646.snapshot.json", "image/metadata/timestamp.json")
	there.Serve(3, 4)
	update := func(from string) (*Taken, error) {
		return Update(roomIn(t, here.Dir), "image", []string{filepath.Join(from, "image/metadata")})
	}
	taken, err := update(there.Dir)
	if err != nil || versions(taken) != "snapshot 3, timestamp 4" {
		t.Fatalf("got %v, %v", taken, err)
	}
	if taken, err := update(there.Dir); err != nil || len(taken.Files) != 0 {
		t.Errorf("the second time: %v, %v", taken, err)
	}
	here.Write("images.yaml", ceremonytest.ImagesYAML("b.bin"))
	if p := here.MustMake(plan.Request{}); len(p.Server) != 2 || p.Server[0].Version != 4 || p.Server[1].Version != 5 {
		t.Errorf("then the server must sign %v", p.Server)
	}
	_, err = update(thief)
	ceremonytest.WantError(t, err, fault.Unverified, "is signed by keys that root 2 has replaced")
}
