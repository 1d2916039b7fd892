package plan

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// software is a workspace whose keys lie in software, so that planning can be
// tested over many ceremonies without a token.
type software struct {
	t   *testing.T
	dir string
	now time.Time
}

const softwareTrust = `version: 1
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

const softwareSite = `version: 1
modules: {soft: {path: /soft.so}}
tokens: {all: {module: soft, uri: "pkcs11:token=all", pin: ask}}
keys: {root-a: all, root-b: all, root-c: all, targets-a: all, snapshot-a: all, snapshot-b: all, timestamp-a: all}
`

// newSoftware makes a workspace in which nothing is signed.
func newSoftware(t *testing.T) *software {
	s := &software{t: t, dir: t.TempDir(), now: testNow}
	s.write(workspace.TrustFile, softwareTrust)
	s.write(workspace.SiteFile, softwareSite)
	s.write("images.yaml", imagesYAML("app.bin"))
	s.addKeys("root-a", "root-b", "targets-a", "snapshot-a", "timestamp-a")
	return s
}

// signedSoftware makes one in which everything is signed.
func signedSoftware(t *testing.T) *software {
	s := newSoftware(t)
	s.carryOut(Request{})
	return s
}

func (s *software) path(name string) string { return filepath.Join(s.dir, name) }

func (s *software) write(name, text string) {
	s.t.Helper()
	mkdir(s.t, filepath.Dir(s.path(name)))
	if err := os.WriteFile(s.path(name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s *software) read(name string) string {
	s.t.Helper()
	data, err := os.ReadFile(s.path(name))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(data)
}

// edit replaces text that a file has once. Pairs are old and new.
func (s *software) edit(name string, pairs ...string) {
	s.t.Helper()
	text := s.read(name)
	for i := 0; i < len(pairs); i += 2 {
		if strings.Count(text, pairs[i]) != 1 {
			s.t.Fatalf("%s has %q %d times, want once", name, pairs[i], strings.Count(text, pairs[i]))
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	s.write(name, text)
}

func softwareKey(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(name))
	return ed25519.NewKeyFromSeed(seed[:])
}

func (s *software) addKeys(names ...string) {
	s.t.Helper()
	for _, name := range names {
		record, err := workspace.NewKeyRecord(name, softwareKey(name).Public(), testNow)
		if err != nil {
			s.t.Fatal(err)
		}
		data, err := record.Encode()
		if err != nil {
			s.t.Fatal(err)
		}
		s.write(workspace.KeyPath(name), string(data))
	}
}

func (s *software) open() *workspace.Workspace {
	s.t.Helper()
	ws, err := workspace.Open(s.dir)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { ws.Close() })
	return ws
}

// derive makes a plan for the repository, at the workspace's own time.
func (s *software) derive(r Request) (*Plan, error) {
	s.t.Helper()
	r.Repository, r.Now = "image", s.now
	return Derive(s.open(), r)
}

func (s *software) mustDerive(r Request) *Plan {
	s.t.Helper()
	plan, err := s.derive(r)
	if err != nil || plan == nil {
		s.t.Fatalf("got plan %v, %v", plan, err)
	}
	return plan
}

// carryOut derives a plan and does what it says, with the keys that it names.
func (s *software) carryOut(r Request) *Plan {
	s.t.Helper()
	plan, ws := s.mustDerive(r), s.open()
	trust, err := ws.Trust()
	if err != nil {
		s.t.Fatal(err)
	}
	for _, file := range plan.Files {
		state, want, err := Declared(ws, trust.Repositories["image"], s.now)
		if err != nil {
			s.t.Fatal(err)
		}
		body, err := want.Body(file.Role, state)
		if err != nil {
			s.t.Fatal(err)
		}
		draft, err := DraftFile(want.Format, body, file)
		if err != nil {
			s.t.Fatal(err)
		}
		if sum := draft.SHA256(); file.SHA256 != "" && file.SHA256 != hex.EncodeToString(sum[:]) {
			s.t.Errorf("%s: SHA-256 %x, but the plan says %s", file.Path, sum, file.SHA256)
		}
		var signers []string
		for _, step := range plan.Steps {
			if step.Do == DoSign && step.Role == file.Role {
				signers = append(signers, step.Key)
			}
		}
		s.write(file.Path, string(sealed(s.t, draft, signers...)))
	}
	return plan
}

// sealed signs a draft with software keys.
func sealed(t *testing.T, draft *roles.Draft, signers ...string) []byte {
	t.Helper()
	var signatures []roles.SignedBy
	for _, name := range signers {
		private := softwareKey(name)
		key, err := roles.NewKey(draft.Format, private.Public())
		if err != nil {
			t.Fatal(err)
		}
		signatures = append(signatures, roles.SignedBy{Key: key, Value: ed25519.Sign(private, draft.Signed)})
	}
	data, err := draft.Seal(signatures)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// supplierFile is a delegated targets file as a supplier makes it.
func supplierFile(t *testing.T, version int64, expires time.Time, signers ...string) string {
	t.Helper()
	body := &roles.Targets{}
	body.Version, body.Expires = version, expires
	draft, err := roles.Encode(roles.TUF, body)
	if err != nil {
		t.Fatal(err)
	}
	return string(sealed(t, draft, signers...))
}

// files lists what a plan signs: role and version.
func files(plan *Plan) string {
	var list []string
	for _, f := range plan.Files {
		list = append(list, fmt.Sprintf("%s %d", f.Role, f.Version))
	}
	return strings.Join(list, ", ")
}

// wantError demands an error with a code and a text in it.
func wantError(t *testing.T, err error, code fault.Code, text string) {
	t.Helper()
	if fault.CodeOf(err) != code || !strings.Contains(fmt.Sprint(err), text) {
		t.Errorf("got %v (code %d), want %s (code %d)", err, fault.CodeOf(err), text, code)
	}
}
