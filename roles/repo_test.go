package roles

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
)

// repo is a repository made for a test: root 2 of 3, targets 2 of 2, snapshot
// and timestamp 1 of 1, delegations as the test adds them. Everything in it can
// be bent before, and every file after, it is published.
type repo struct {
	testing.TB
	f         Format
	files     map[string][]byte // by name in the metadata folder
	asked     []string
	root      *Root
	targets   *Targets
	delegated map[string]*Targets
	snapshot  *Snapshot
	timestamp *Timestamp
	signers   map[string][]byte // numbers of the test keys that sign for a role
	twins     map[string]KeyID  // a second key id under which the first of them signs again
	changes   map[string]change // of the text of a role's signed part, before it is signed
}

type change struct{ old, new string }

func newRepo(t testing.TB, f Format) *repo {
	head := Head{Version: 1, Expires: now.AddDate(1, 0, 0), SpecVersion: f.spec()}
	r := &repo{
		TB: t, f: f, files: map[string][]byte{},
		root:      NewRoot(f),
		targets:   &Targets{Head: head, Delegations: &Delegations{}, Images: []Image{image("top.bin")}},
		delegated: map[string]*Targets{},
		snapshot:  &Snapshot{Head: head},
		timestamp: &Timestamp{Head: head},
		signers:   map[string][]byte{"root": {0, 1}, "targets": {3, 4}, "snapshot": {5}, "timestamp": {6}},
		twins:     map[string]KeyID{},
		changes:   map[string]change{},
	}
	r.root.Head = head
	r.root.SetRole("root", 2, r.keys(0, 1, 2))
	r.root.SetRole("targets", 2, r.keys(3, 4))
	r.root.SetRole("snapshot", 1, r.keys(5))
	r.root.SetRole("timestamp", 1, r.keys(6))
	return r
}

// image lists content that is its own path.
func image(path string) Image {
	i := Image{Path: path, Length: int64(len(path)), Hashes: HashesOf([]byte(path)), Custom: []byte(`{"hardwareIds":["hw"]}`)}
	i.Hashes.SHA512 = nil
	return i
}

func (r *repo) keys(numbers ...byte) (keys []Key) {
	for _, n := range numbers {
		k, _ := testKey(r, r.f, n)
		keys = append(keys, k)
	}
	return keys
}

// delegate adds a role below another, signed by one key.
func (r *repo) delegate(from, name string, key byte, terminating bool, patterns ...string) *Targets {
	parent := r.targets
	if from != "targets" {
		parent = r.delegated[from]
	}
	if parent.Delegations == nil {
		parent.Delegations = &Delegations{}
	}
	parent.Delegations.Add(DelegatedRole{Role: Role{Name: name, Threshold: 1}, Paths: patterns, Terminating: terminating}, r.keys(key))
	if r.delegated[name] == nil {
		r.delegated[name] = &Targets{Head: r.targets.Head}
		r.signers[name] = []byte{key}
	}
	return r.delegated[name]
}

// publish signs everything that is there now.
func (r *repo) publish() *repo {
	r.sign("root", r.root)
	r.snapshot.Meta = []Meta{r.sign("targets", r.targets)}
	for _, name := range slices.Sorted(maps.Keys(r.delegated)) {
		r.snapshot.Meta = append(r.snapshot.Meta, r.sign(name, r.delegated[name]))
	}
	slices.SortFunc(r.snapshot.Meta, func(a, b Meta) int { return strings.Compare(a.Name, b.Name) })
	return r.publishSnapshot()
}

// publishSnapshot signs snapshot and timestamp.
func (r *repo) publishSnapshot() *repo {
	r.timestamp.Snapshot = r.sign("snapshot", r.snapshot)
	r.sign("timestamp", r.timestamp)
	return r
}

// sign makes the file of a role, without the checks of Encode and Seal, puts it
// where clients look for it and returns what another file states of it. No
// text of a test needs an escape, so the file holds the signed bytes.
func (r *repo) sign(role string, body Body) Meta {
	signed := r.signedOf(body)
	if change, ok := r.changes[role]; ok {
		signed = r.replace(signed, change)
	}
	var signatures []signature
	for _, n := range r.signers[role] {
		k, private := testKey(r, r.f, n)
		signatures = append(signatures, signature{k.ID, r.f.method(k), ed25519.Sign(private, signed)})
	}
	if id, ok := r.twins[role]; ok {
		signatures = append(signatures, signature{id, signatures[0].method, signatures[0].value})
	}
	version := HeadOf(body).Version
	data := r.join(signed, signatures...)
	r.files[r.f.MetadataPath(role, version)] = data
	return Meta{Name: role + ".json", Version: version, Length: int64(len(data)), Hashes: HashesOf(data)}
}

func (r *repo) signedOf(body Body) []byte {
	w := newWriter(r.f, nil)
	body.write(r.f, w)
	if w.err != nil {
		r.Fatal(w.err)
	}
	return w.out
}

type signature struct {
	id     KeyID
	method string
	value  []byte
}

// join makes a file of a signed part and signatures, good or bad.
func (r *repo) join(signed []byte, signatures ...signature) []byte {
	list := []map[string]string{}
	for _, s := range signatures {
		entry := map[string]string{"keyid": string(s.id), "sig": r.f.encodeSignature(s.value)}
		if r.f == OTACE {
			entry["method"] = s.method
		}
		list = append(list, entry)
	}
	text, err := json.Marshal(list)
	if err != nil {
		r.Fatal(err)
	}
	return fmt.Appendf(nil, `{"signatures":%s,"signed":%s}`, text, signed)
}

// rotate makes a root with new keys, 10 and 11, for itself.
func (r *repo) rotate(version int64, signers ...byte) {
	r.root.Version = version
	r.root.SetRole("root", 2, r.keys(10, 11))
	r.signers["root"] = signers
	r.sign("root", r.root)
}

// edit changes a published file and leaves its signatures as they are.
func (r *repo) edit(role string, version int64, old, new string) {
	name := r.f.MetadataPath(role, version)
	r.files[name] = r.replace(r.files[name], change{old, new})
}

func (r *repo) replace(data []byte, c change) []byte {
	if !bytes.Contains(data, []byte(c.old)) {
		r.Fatalf("no %s in %s", c.old, data)
	}
	return bytes.Replace(data, []byte(c.old), []byte(c.new), 1)
}

// asking guards what repositories were asked for: a Source serves several at once.
var asking sync.Mutex

// Get makes the repository a Source.
func (r *repo) Get(name string, _ int64) ([]byte, error) {
	asking.Lock()
	r.asked = append(r.asked, name)
	asking.Unlock()
	data, ok := r.files[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return data, nil
}

// verify does everything that a client of the first root can do.
func (r *repo) verify(state State) (*Client, error) {
	r.asked = nil
	c, err := NewClient(r.files[r.f.MetadataPath("root", 1)], r, now)
	if err != nil {
		return nil, err
	}
	c.State = state
	if err := c.Refresh(); err != nil {
		return c, err
	}
	_, err = c.All()
	return c, err
}
