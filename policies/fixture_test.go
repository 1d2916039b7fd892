package policies

import (
	"crypto/ed25519"
	"fmt"
	"testing"
	"time"

	"github.com/uptane/keyrite/roles"
)

// now is the clock of every test.
var now = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// fixture is an Image repository that follows the policy uptane-image to the
// letter, in the ceremony that signs version 2 of everything but the supplier's
// file. No check finds anything in it or lacks anything.
type fixture struct {
	*Subject
	keys map[string]roles.Key // by name
}

// keyNames are the keys of each role.
var keyNames = map[string][]string{
	"root":      {"root-1", "root-2", "root-3", "root-4", "root-5", "root-6", "root-7", "root-8"},
	"targets":   {"targets-1", "targets-2", "targets-3", "targets-4"},
	"snapshot":  {"snapshot-1", "snapshot-2"},
	"timestamp": {"timestamp-1", "timestamp-2"},
	"acme":      {"acme-1", "acme-2"},
	"brake":     {"brake-1", "brake-2"},
}

var thresholds = map[string]int{"root": 5, "targets": 3, "snapshot": 1, "timestamp": 1, "acme": 1, "brake": 1}

var lifetimes = map[string]time.Duration{"root": 365 * day, "targets": 90 * day, "snapshot": 30 * day, "timestamp": 7 * day, "acme": 60 * day, "brake": 60 * day}

func newFixture(t testing.TB) *fixture {
	f := &fixture{keys: map[string]roles.Key{}, Subject: &Subject{
		Repository: "image",
		Format:     roles.TUF,
		Now:        now,
		NotBefore:  now.Add(-day),
		Roots:      []int64{1, 2},
		Keys:       map[roles.Fingerprint]KeyFacts{},
		Elsewhere:  map[roles.Fingerprint]string{},
		Unattended: []string{"snapshot", "timestamp"},
		Stranded:   []Stranded{},
		People: &People{
			Administrators: 1, Officers: map[string]int{"root": 5, "targets": 3}, Witnesses: 1,
			Present: []Person{{Name: "Ada", Part: Administrator}, {Name: "Wil", Part: Witness}},
		},
	}}
	for _, role := range []string{"root", "targets", "snapshot", "timestamp", "acme", "brake"} {
		for _, name := range keyNames[role] {
			f.addKey(t, name)
			f.People.Present = append(f.People.Present, Person{Name: "Officer of " + name, Part: Officer, Custodian: "custodian of " + name})
		}
	}
	f.Previous, f.Next = f.set(1), f.set(2)
	for _, role := range []string{"acme", "brake"} {
		f.Next.Delegated[role].Version = 1
	}
	f.Signing = map[string][]roles.Fingerprint{}
	for _, role := range []string{"root", "targets", "snapshot", "timestamp"} {
		f.Signing[role] = f.prints(keyNames[role][:thresholds[role]]...)
	}
	return f
}

// officer is who takes the part of a custodian.
func (f *fixture) officer(custodian string) *Person {
	for i, p := range f.People.Present {
		if p.Custodian == custodian {
			return &f.People.Present[i]
		}
	}
	return nil
}

// addKey makes a key of a name, always the same, with all that may be known.
func (f *fixture) addKey(t testing.TB, name string) {
	seed := make([]byte, ed25519.SeedSize)
	copy(seed, name)
	f.addPublic(t, name, "ed25519", ed25519.NewKeyFromSeed(seed).Public())
}

func (f *fixture) addPublic(t testing.TB, name, kind string, public any) {
	k, err := roles.NewKey(f.Format, public)
	if err != nil {
		t.Fatal(err)
	}
	f.keys[name] = k
	f.Keys[k.Fingerprint] = KeyFacts{
		Name: name, Type: kind, Custodian: "custodian of " + name, Token: "token of " + name, Possession: true,
		Evidence: &Evidence{Local: true, Sensitive: true, AlwaysSensitive: true, NeverExtractable: true},
	}
}

func (f *fixture) list(names ...string) []roles.Key {
	var keys []roles.Key
	for _, name := range names {
		keys = append(keys, f.keys[name])
	}
	return keys
}

func (f *fixture) prints(names ...string) []roles.Fingerprint {
	var prints []roles.Fingerprint
	for _, k := range f.list(names...) {
		prints = append(prints, k.Fingerprint)
	}
	return prints
}

// set makes the metadata of one version.
func (f *fixture) set(version int64) *Set {
	head := func(role string) roles.Head {
		return roles.Head{Version: version, Expires: now.Add(lifetimes[role]), SpecVersion: "1.0.0"}
	}
	root := roles.NewRoot(f.Format)
	root.Head = head("root")
	for _, t := range roles.TopLevel {
		root.SetRole(string(t), thresholds[string(t)], f.list(keyNames[string(t)]...))
	}
	targets := &roles.Targets{Head: head("targets"), Images: []roles.Image{image("gateway-1.bin", "gateway", 4)}}
	targets.Delegations = f.delegate("acme", "acme/*")
	acme := &roles.Targets{Head: head("acme"), Images: []roles.Image{image("acme/lamp-1.bin", "lamp", 2)}}
	acme.Delegations = f.delegate("brake", "acme/brake-*")
	brake := &roles.Targets{Head: head("brake"), Images: []roles.Image{image("acme/brake-1.bin", "brake", 9)}}
	s := &Set{
		Root: root, Targets: targets,
		Snapshot:  &roles.Snapshot{Head: head("snapshot"), Meta: []roles.Meta{{Name: "acme.json"}, {Name: "brake.json"}, {Name: "targets.json"}}},
		Timestamp: &roles.Timestamp{Head: head("timestamp")},
		Delegated: map[string]*roles.Targets{"acme": acme, "brake": brake},
		Bytes:     map[string]int64{},
	}
	for role := range thresholds {
		s.Bytes[role] = 2000
	}
	return s
}

func (f *fixture) delegate(role string, paths ...string) *roles.Delegations {
	d := &roles.Delegations{}
	d.Add(roles.DelegatedRole{Role: roles.Role{Name: role, Threshold: thresholds[role]}, Paths: paths}, f.list(keyNames[role]...))
	return d
}

func image(path, hardware string, counter int64) roles.Image {
	return roles.Image{
		Path: path, Length: 10, Hashes: roles.HashesOf([]byte(path)),
		Custom: fmt.Appendf(nil, `{"hardwareIds":[%q],"releaseCounter":%d}`, hardware, counter),
	}
}

// facts changes what is known of a key.
func (f *fixture) facts(name string, change func(*KeyFacts)) {
	k := f.Keys[f.keys[name].Fingerprint]
	change(&k)
	f.Keys[f.keys[name].Fingerprint] = k
}

// acme is the delegation to the supplier in Next.
func (f *fixture) acme() *roles.DelegatedRole { return &f.Next.Targets.Delegations.Roles[0] }

// setRole changes keys and threshold of a top-level role, before and after, so
// that the old root is no matter.
func (f *fixture) setRole(role string, threshold int, names ...string) {
	for _, s := range []*Set{f.Previous, f.Next} {
		s.Root.SetRole(role, threshold, f.list(names...))
	}
	if f.Signing[role] != nil {
		f.Signing[role] = f.prints(names[:threshold]...)
	}
}

func mustPreset(t testing.TB, name string) *Policy {
	p, err := Preset(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// mustNew makes a policy of a file's text, as ceremony does.
func mustNew(t testing.TB, text string) *Policy {
	p, err := newPolicy(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func newPolicy(text string) (*Policy, error) {
	var doc Document
	if err := decodeOnto(&doc, []byte(text)); err != nil {
		return nil, err
	}
	return New(doc)
}
