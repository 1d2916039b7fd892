package ceremonytest

import (
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/derive"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// Now is when the tests begin.
var Now = time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)

// Software is a workspace whose keys lie in software, so that planning can be
// tested over many ceremonies without a token.
type Software struct {
	T   testing.TB
	Dir string
	Now time.Time
}

// Trust is the trust.yaml of a Software workspace.
const Trust = `version: 1
fleet: test
repositories:
  image:
    format: tuf
    policy: tuf
    keys:
      root-a: {type: ed25519, custodian: a}
      root-b: {type: ed25519, custodian: b}
      targets-a: {type: ed25519, custodian: c}
      snapshot-a: {type: ed25519, custodian: d}
      timestamp-a: {type: ed25519, custodian: e}
    roles:
      root: {keys: [root-a, root-b], threshold: 2, expires: 365d}
      targets: {keys: [targets-a], threshold: 1, expires: 90d, images: images.yaml}
      snapshot: {keys: [snapshot-a], threshold: 1, expires: 30d}
      timestamp: {keys: [timestamp-a], threshold: 1, expires: 14d}
    waivers:
      - {check: ROOT-CUSTODY, reason: test, person: test}
      - {check: TOKEN-QUORUM, reason: test, person: test}
`

const site = `version: 1
site: main
modules: {soft: {path: /soft.so, sha256: 00000000000000000000000000000000000000000000000000000000000000ff}}
tokens: {all: {module: soft, uri: "pkcs11:token=all", pin: ask}}
keys: {root-a: all, root-b: all, root-c: all, targets-a: all, snapshot-a: all, snapshot-b: all, timestamp-a: all}
`

// NewSoftware makes a workspace in which nothing is signed.
func NewSoftware(t testing.TB) *Software {
	s := &Software{T: t, Dir: t.TempDir(), Now: Now}
	s.Write(workspace.TrustFile, Trust)
	s.Write(workspace.SiteFile, site)
	s.Write("images.yaml", ImagesYAML("app.bin"))
	s.AddKeys("root-a", "root-b", "targets-a", "snapshot-a", "timestamp-a")
	return s
}

// SignedSoftware makes one in which everything is signed.
func SignedSoftware(t testing.TB) *Software {
	s := NewSoftware(t)
	s.CarryOut(plan.Request{})
	return s
}

// Path is a file of the workspace.
func (s *Software) Path(name string) string { return filepath.Join(s.Dir, name) }

// Write writes a file of the workspace, and the folders above it.
func (s *Software) Write(name, text string) {
	s.T.Helper()
	MakeDir(s.T, filepath.Dir(s.Path(name)))
	if err := os.WriteFile(s.Path(name), []byte(text), 0o600); err != nil {
		s.T.Fatal(err)
	}
}

// Read reads a file of the workspace.
func (s *Software) Read(name string) string {
	s.T.Helper()
	return Content(s.T, s.Dir, name)
}

// Edit replaces text that a file has once. Pairs are old and new.
func (s *Software) Edit(name string, pairs ...string) {
	s.T.Helper()
	text := s.Read(name)
	for i := 0; i < len(pairs); i += 2 {
		if strings.Count(text, pairs[i]) != 1 {
			s.T.Fatalf("%s has %q %d times, want once", name, pairs[i], strings.Count(text, pairs[i]))
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	s.Write(name, text)
}

// Key is the private key of that name.
func Key(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(name))
	return ed25519.NewKeyFromSeed(seed[:])
}

// Fingerprint is that of the key of that name, in hexadecimal.
func Fingerprint(t testing.TB, name string) string {
	t.Helper()
	print, err := FingerprintOf(name)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", print)
}

// FingerprintOf is that of the key of that name.
func FingerprintOf(name string) (roles.Fingerprint, error) {
	record, err := workspace.NewKeyRecord(name, Key(name).Public(), Now)
	if err != nil {
		return roles.Fingerprint{}, err
	}
	return record.Fingerprint(), nil
}

// AddKeys writes the records of keys.
func (s *Software) AddKeys(names ...string) {
	s.T.Helper()
	for _, name := range names {
		record, err := workspace.NewKeyRecord(name, Key(name).Public(), Now)
		if err != nil {
			s.T.Fatal(err)
		}
		data, err := record.Encode()
		if err != nil {
			s.T.Fatal(err)
		}
		s.Write(workspace.KeyPath(name), string(data))
	}
}

// Open opens the workspace until the test ends.
func (s *Software) Open() *workspace.Workspace {
	s.T.Helper()
	return Open(s.T, s.Dir)
}

// Make makes a plan for the repository, at the workspace's own time.
func (s *Software) Make(r plan.Request) (*plan.Plan, error) {
	s.T.Helper()
	r.Repository, r.Now = "image", s.Now
	made, err := derive.Make(s.Open(), r)
	if err != nil {
		return nil, err
	}
	return made.Plan, nil
}

// MustMake is Make where there is something to do.
func (s *Software) MustMake(r plan.Request) *plan.Plan {
	s.T.Helper()
	p, err := s.Make(r)
	if err != nil || p == nil {
		s.T.Fatalf("got plan %v, %v", p, err)
	}
	return p
}

// CarryOut makes a plan and does what it says, with the keys that it names.
func (s *Software) CarryOut(r plan.Request) *plan.Plan {
	s.T.Helper()
	p := s.MustMake(r)
	text, err := p.Encode()
	if err != nil {
		s.T.Fatal(err)
	}
	again, err := derive.Again(s.Open(), p, digest.Of(text))
	if err != nil {
		s.T.Fatal(err)
	}
	now := again.Scene
	for _, file := range p.Files {
		made, err := now.Draft(file.Next())
		if err != nil {
			s.T.Fatal(err)
		}
		draft := made.Bytes
		if !file.SHA256.IsZero() && file.SHA256 != made.SHA256 {
			s.T.Errorf("%s: SHA-256 %s, but the plan says %s", file.Path, made.SHA256, file.SHA256)
		}
		var signers []string
		for _, step := range p.Signing(file.Role) {
			signers = append(signers, step.Key)
		}
		data := Sealed(s.T, draft, signers...)
		s.Write(file.Path, string(data))
		signed, err := roles.Read(draft.Format, draft.Type, data)
		if err != nil {
			s.T.Fatal(err)
		}
		now.Put(file.Role, file.Path, signed)
	}
	return p
}

// Sealed signs a draft with software keys.
func Sealed(t testing.TB, draft *roles.Draft, signers ...string) []byte {
	t.Helper()
	data, err := seal(draft, signers...)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func seal(draft *roles.Draft, signers ...string) ([]byte, error) {
	var signatures []roles.SignedBy
	for _, name := range signers {
		private := Key(name)
		key, err := roles.NewKey(draft.Format, private.Public())
		if err != nil {
			return nil, err
		}
		signatures = append(signatures, roles.SignedBy{Key: key, Value: ed25519.Sign(private, draft.Signed)})
	}
	return draft.Seal(signatures)
}

// Unnumber makes the image repository one without consistent snapshots, of which all
// is signed once: a root that says so, and no other file with its number.
func (s *Software) Unnumber() {
	s.T.Helper()
	file, err := roles.Read(roles.TUF, roles.TypeRoot, []byte(s.Read("image/metadata/1.root.json")))
	if err != nil {
		s.T.Fatal(err)
	}
	file.Body.(*roles.Root).ConsistentSnapshot = false
	draft, err := roles.Encode(roles.TUF, file.Body)
	if err != nil {
		s.T.Fatal(err)
	}
	s.Write("image/metadata/1.root.json", string(Sealed(s.T, draft, "root-a", "root-b")))
	for _, role := range []string{"targets", "snapshot"} {
		s.Write("image/metadata/"+role+".json", s.Read("image/metadata/1."+role+".json"))
		s.Remove("image/metadata/1." + role + ".json")
	}
}

// SupplierFile is a delegated targets file as a supplier makes it.
func SupplierFile(t testing.TB, version int64, expires time.Time, signers ...string) string {
	t.Helper()
	return SuppliedImages(t, roles.TUF, version, expires, nil, signers...)
}

// Delegating is a SupplierFile that delegates everything on to a role, by a key.
func Delegating(t testing.TB, version int64, expires time.Time, role, key string, signers ...string) string {
	t.Helper()
	body := &roles.Targets{Delegations: &roles.Delegations{}}
	body.Version, body.Expires = version, expires
	public, err := roles.NewKey(roles.TUF, Key(key).Public())
	if err != nil {
		t.Fatal(err)
	}
	body.Delegations.Add(roles.DelegatedRole{Role: roles.Role{Name: role, Threshold: 1}, Paths: []string{"brakes/*"}}, []roles.Key{public})
	draft, err := roles.Encode(roles.TUF, body)
	if err != nil {
		t.Fatal(err)
	}
	return string(Sealed(t, draft, signers...))
}

// SuppliedImages is a SupplierFile that lists images, each of which is its own path.
func SuppliedImages(t testing.TB, f roles.Format, version int64, expires time.Time, paths []string, signers ...string) string {
	t.Helper()
	body := &roles.Targets{}
	body.Version, body.Expires = version, expires
	for _, path := range paths {
		body.Images = append(body.Images, roles.Image{Path: path, Length: int64(len(path)), Hashes: roles.HashesOf([]byte(path)), Custom: []byte(`{"hardwareIds":["hw"]}`)})
	}
	draft, err := roles.Encode(f, body)
	if err != nil {
		t.Fatal(err)
	}
	return string(Sealed(t, draft, signers...))
}

// Files lists what a plan signs: role and version.
func Files(p *plan.Plan) string {
	var list []string
	for _, f := range p.Files {
		list = append(list, fmt.Sprintf("%s %d", f.Role, f.Version))
	}
	return strings.Join(list, ", ")
}

// Hinted stands in a text between an error and a hint.
const Hinted = "\nhint: "

// WantError demands an error with a code and a text in it; behind Hinted, a hint too.
func WantError(t testing.TB, err error, code fault.Code, text string) {
	t.Helper()
	text, hint, _ := strings.Cut(text, Hinted)
	if fault.CodeOf(err) != code || !strings.Contains(fmt.Sprint(err), text) {
		t.Errorf("got %v (code %d), want %s (code %d)", err, fault.CodeOf(err), text, code)
	}
	if hints := strings.Join(fault.Hints(err), "\n"); !strings.Contains(hints, hint) {
		t.Errorf("%v: got the hints %q, want %q", err, hints, hint)
	}
}

// ImagesYAML is an images.yaml with those paths.
func ImagesYAML(paths ...string) string {
	var b strings.Builder
	b.WriteString("version: 1\nimages:\n")
	for _, path := range paths {
		fmt.Fprintf(&b, "  - path: %q\n    length: 10\n    sha256: %s\n    sha512: %s\n", path, strings.Repeat("ab", 32), strings.Repeat("cd", 64))
	}
	return b.String()
}
