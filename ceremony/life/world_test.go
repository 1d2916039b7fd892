package life

import (
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
	"github.com/uptane/keyrite/roles"
	"pgregory.net/rapid"
)

// world is a repository with all that is around it.
type world struct {
	*rapid.T
	dir string // of the workspace
	rig rig
	now time.Time

	format   string
	others   []string // names of sites beside main, whose workspaces lie beside this one
	declared map[string]*role
	images   int
	made     int // keys that were ever named
	lost     []string
	stolen   []string

	published map[string][]byte // metadata, by name
	vehicles  []*vehicle
	disks     []string // copies of the workspace, the oldest first
	past      bool     // this is an old disk
	over      bool     // the past was signed over: people have to decide how it goes on

	planned  map[string]bool              // what plans asked for: role, version and expiry
	signed   map[string][sha256.Size]byte // what was signed: by key, role and version
	held     int                          // ceremonies that came to their end
	together int                          // of them at several sites
	refused  int                          // plans that were not made
	wrong    []string                     // what the tokens signed that is not right
	written  int                          // metadata that was signed, where the rig is watched
	ran      int                          // attempts to run a plan
}

// role is what trust.yaml says of one.
type role struct {
	keys      []string
	threshold int
	days      int
}

// rig is the tokens of a world.
type rig interface {
	site(dir string, keys []string) string // site.yaml, with all keys on one token
	failAt(n int)
	watched() bool // the witness is told what the tokens sign
	close()
}

// newWorld makes a workspace in which nothing is signed.
func newWorld(t *rapid.T, rigged func(w *world) rig) *world {
	dir, err := os.MkdirTemp("", "life")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{
		T: t, dir: filepath.Join(dir, "ws"), now: ceremonytest.Now, images: 1,
		format:  rapid.SampledFrom([]string{"tuf", "ota-ce"}).Draw(t, "format"),
		planned: map[string]bool{}, signed: map[string][sha256.Size]byte{}, declared: map[string]*role{},
	}
	if os.Getenv("KEYRITE_LIFE_WALKS") != "" { // other clients go by the clock
		w.format, w.now = "tuf", time.Now().UTC().Truncate(time.Second)
	}
	w.check(os.MkdirAll(filepath.Join(w.dir, "keys"), 0o755))
	for name, days := range map[string]int{"root": 365, "targets": 90, "snapshot": 30, "timestamp": 14, supplier: 60} {
		if name != supplier || rapid.Bool().Draw(t, "delegates") {
			w.declared[name] = &role{threshold: 1, days: days}
		}
	}
	w.others = otherSites[:rapid.SampledFrom([]int{0, 0, 0, 1, 1, 2}).Draw(t, "other sites")] // each costs as much as a life of its own
	for _, name := range w.order() {
		w.addKey(name)
	}
	w.addKey("root")
	w.declared["root"].threshold = 2
	w.rig = rigged(w)
	w.declare()
	return w
}

// supplier is the name of the delegated role, where there is one.
const supplier = "acme"

// order is that of trust.yaml.
func (w *world) order() []string {
	list := []string{"root", "targets", "snapshot", "timestamp"}
	if w.declared[supplier] != nil {
		list = append(list, supplier)
	}
	return list
}

// close takes the world away.
func (w *world) close() {
	w.rig.close()
	os.RemoveAll(filepath.Dir(w.dir))
}

func (w *world) check(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// addKey declares one more key of a role.
func (w *world) addKey(name string) string {
	w.made++
	key := fmt.Sprintf("%s-%d", name, w.made)
	w.declared[name].keys = append(w.declared[name].keys, key)
	return key
}

// keys are those that roles list.
func (w *world) keys() (list []string) {
	for _, name := range w.order() {
		list = append(list, w.declared[name].keys...)
	}
	return list
}

// declare writes trust.yaml, site.yaml and images.yaml.
func (w *world) declare() {
	w.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "version: 1\nfleet: life\nrepositories:\n  image:\n    format: %s\n    policy: tuf\n    keys:\n", w.format)
	for i, key := range w.keys() {
		fmt.Fprintf(&b, "      %s: {type: ed25519, custodian: officer %d}\n", key, i)
	}
	b.WriteString("    roles:\n")
	for _, name := range w.order() {
		r, images := w.declared[name], ""
		switch name {
		case "targets":
			images = ", images: images.yaml"
		case supplier:
			continue
		}
		fmt.Fprintf(&b, "      %s: {keys: [%s], threshold: %d, expires: %dd%s}\n", name, strings.Join(r.keys, ", "), r.threshold, r.days, images)
	}
	if r := w.declared[supplier]; r != nil {
		fmt.Fprintf(&b, "    delegations:\n      - {role: %s, keys: [%s], threshold: %d, paths: [\"%[1]s/*\"], expires: %[4]dd, images: %[1]s.yaml}\n", supplier, strings.Join(r.keys, ", "), r.threshold, r.days)
	}
	b.WriteString("    waivers:\n")
	for _, check := range []string{"ROOT-UNATTENDED", "TOKEN-QUORUM", "KEYS-TOGETHER", "TARGETS-LIFETIME", "ROOT-LIFETIME"} {
		fmt.Fprintf(&b, "      - {check: %s, reason: test, person: test}\n", check)
	}
	w.write("trust.yaml", b.String())
	w.write("site.yaml", w.site("main"))
	w.write("images.yaml", w.list("app", w.images))
	w.write(supplier+".yaml", w.list(supplier+"/abs", w.images))
}

// list is an images.yaml. Each image is its own path.
func (w *world) list(name string, n int) string {
	var b strings.Builder
	b.WriteString("version: 1\nimages:\n")
	for i := range n {
		path := fmt.Sprintf("%s-%d.bin", name, i)
		hashes := roles.HashesOf([]byte(path))
		fmt.Fprintf(&b, "  - path: %q\n    length: %d\n    custom: {hardwareIds: [hw], releaseCounter: 1}\n    sha256: %x\n    sha512: %x\n", path, len(path), *hashes.SHA256, *hashes.SHA512)
	}
	return b.String()
}

func (w *world) write(name, text string) {
	w.Helper()
	w.check(os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o600))
}

// copyDisk copies the workspace, and swapDisk puts a copy in its place.
func (w *world) copyDisk() string {
	w.Helper()
	to := fmt.Sprintf("%s-%d", w.dir, len(w.disks))
	w.copyAll(w.dir, to)
	w.disks = append(w.disks, to)
	return to
}

func (w *world) copyAll(from, to string) {
	w.Helper()
	if out, err := exec.Command("cp", "-a", from, to).CombinedOutput(); err != nil {
		w.Fatalf("%v: %s", err, out)
	}
}

func (w *world) swapDisk(from string) {
	w.Helper()
	w.check(os.RemoveAll(w.dir))
	w.copyAll(from, w.dir)
}

// witness is told of every message that a token signs, also of those that keyrite
// knows nothing about.
func (w *world) witness(key ed25519.PublicKey, message []byte) {
	if len(message) > 0 && message[0] == 0 {
		return // a proof or a self-test, which can never be metadata
	}
	format, _ := roles.FormatByName(w.format)
	file, t, err := parseSigned(format, message)
	if err != nil {
		w.wrong = append(w.wrong, fmt.Sprintf("a token signed what is no metadata: %.60q", message))
		return
	}
	head, role := roles.HeadOf(file), string(t)
	if targets, is := file.(*roles.Targets); is && len(targets.Images) > 0 && strings.HasPrefix(targets.Images[0].Path, supplier+"/") {
		role = supplier
	}
	if asked := wanted(role, head.Version, head.Expires); !w.planned[asked] {
		w.wrong = append(w.wrong, "a token signed "+asked+", which no plan asked for")
	}
	at := fmt.Sprintf("%x %s %d", key[:4], role, head.Version)
	sum := sha256.Sum256(message)
	if before, there := w.signed[at]; there && before != sum {
		w.wrong = append(w.wrong, "signed twice with other bytes: "+at)
	}
	w.signed[at] = sum
	w.written++
}

func wanted(role string, version int64, expires time.Time) string {
	return fmt.Sprintf("%s %d until %s", role, version, roles.FormatTime(expires))
}

// parseSigned reads a signed part, of whichever type it is.
func parseSigned(f roles.Format, message []byte) (roles.Body, roles.Type, error) {
	for _, t := range roles.TopLevel {
		file, err := roles.Read(f, t, fmt.Appendf(nil, `{"signatures":[],"signed":%s}`, message))
		if err == nil {
			return file.Body, t, nil
		}
	}
	return nil, "", fmt.Errorf("no metadata")
}

// soft is tokens in Go.
type soft struct {
	*hsmtest.Soft
	uri   hsm.URI
	label string
}

func (s soft) site(dir string, keys []string) string {
	var held []string
	for _, key := range keys {
		held = append(held, key+": all")
	}
	return fmt.Sprintf(`version: 1
site: main
modules: {soft: {path: %s, sha256: 00000000000000000000000000000000000000000000000000000000000000ff}}
tokens: {all: {module: soft, uri: %q, pin: "file:%s/pin", unattended: [root, targets, snapshot, timestamp, acme]}}
keys: {%s}
`, hsmtest.SoftPath, s.uri, filepath.Dir(dir), strings.Join(held, ", "))
}

func (s soft) failAt(n int)  { s.FailAt(n) }
func (s soft) watched() bool { return true }
func (s soft) close()        { s.Remove(s.label) }

// refusedRight says whether an error is one that keyrite may answer a history with.
func refusedRight(err error) bool {
	return slices.Contains([]fault.Code{fault.Refused, fault.Usage, fault.Incomplete, fault.Unverified, fault.Token}, fault.CodeOf(err))
}

// request is what the next plan is asked for.
func (w *world) request() plan.Request {
	r := plan.Request{Repository: "image", Reason: "life", Now: w.now, Lost: w.lostHere(), Stolen: w.stolen}
	for _, name := range w.order() {
		if rapid.IntRange(0, 3).Draw(w.T, "renew "+name) == 0 {
			r.Renew = append(r.Renew, name)
		}
	}
	return r
}

// lostHere are the lost keys that have a record.
func (w *world) lostHere() (list []string) {
	for _, key := range w.lost {
		if _, err := os.Stat(filepath.Join(w.dir, "keys", key+".yaml")); err == nil {
			list = append(list, key)
		}
	}
	return list
}

// metadata reads what lies in the metadata folder of main, and metadataAt in that of a site.
func (w *world) metadata() map[string][]byte { return w.metadataAt("main") }

func (w *world) metadataAt(site string) map[string][]byte {
	w.Helper()
	found := map[string][]byte{}
	for _, below := range []string{"*.json", "*/*.json"} { // ota-ce has delegated files in a folder of their own
		names, err := filepath.Glob(filepath.Join(w.siteDir(site), "image/metadata", below))
		w.check(err)
		for _, name := range names {
			data, err := os.ReadFile(name)
			w.check(err)
			rel, err := filepath.Rel(filepath.Join(w.siteDir(site), "image/metadata"), name)
			w.check(err)
			found[rel] = data
		}
	}
	return found
}
