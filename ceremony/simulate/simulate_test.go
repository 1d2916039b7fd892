package simulate_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/simulate"
	"github.com/uptane/keyrite/roles"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// fleet is a repository with two roots, both published, and what comes.
type fleet struct {
	testing.TB
	*simulate.Publication
	root *roles.Root
}

// key is a public key of that name.
func key(t testing.TB, f roles.Format, name string) roles.Key {
	t.Helper()
	seed := sha256.Sum256([]byte(name))
	k, err := roles.NewKey(f, ed25519.NewKeyFromSeed(seed[:]).Public())
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func newFleet(t testing.TB, f roles.Format, director bool) *fleet {
	l := &fleet{t, &simulate.Publication{Repository: "image", Format: f, Director: director, Now: now, Served: roles.Served{}}, roles.NewRoot(f)}
	for _, role := range roles.TopLevel {
		l.rekey(string(role), string(role)+"-a")
	}
	for version := range int64(2) {
		l.now("root", version+1)
	}
	for _, role := range []string{"targets", "snapshot", "timestamp"} {
		l.now(role, 1)
		l.now(role, 5)
	}
	return l
}

// rekey gives a role another key in the roots to come.
func (l *fleet) rekey(role, name string) {
	l.root.SetRole(role, 1, []roles.Key{key(l, l.Format, name)})
}

// file is a role's file of a version, signed by keys.
func (l *fleet) file(role string, version int64, expires time.Time, signers ...string) *roles.Foreseen {
	l.Helper()
	var body roles.Body
	switch role {
	case "root":
		root := *l.root
		root.Roles, root.Keys = slices.Clone(root.Roles), slices.Clone(root.Keys)
		body = &root
	case "targets":
		body = &roles.Targets{}
	case "snapshot":
		body = &roles.Snapshot{Meta: []roles.Meta{{Name: "targets.json", Version: version, Length: -1}}}
	case "timestamp":
		body = &roles.Timestamp{Snapshot: roles.Meta{Name: "snapshot.json", Version: version, Length: -1}}
	}
	roles.SetHead(l.Format, body, version, expires)
	draft, err := roles.Encode(l.Format, body)
	if err != nil {
		l.Fatal(err)
	}
	var keys []roles.Key
	for _, name := range signers {
		keys = append(keys, key(l, l.Format, name))
	}
	seen, err := draft.Foresee(body, keys)
	if err != nil {
		l.Fatal(err)
	}
	return seen
}

// now publishes a file, signed by its role's first key, before the plan.
func (l *fleet) now(role string, version int64) {
	l.Helper()
	seen := l.file(role, version, now.AddDate(0, 1, 0), role+"-a")
	l.Served[l.Format.MetadataPath(role, version)] = seen
	if role == "root" {
		l.Roots = append(l.Roots, seen)
	} else {
		l.Known = append(l.Known, simulate.Edition{role, seen})
	}
}

// comes adds a file to the plan.
func (l *fleet) comes(role string, version int64, signers ...string) {
	l.Helper()
	l.Add(role, l.Format.MetadataPath(role, version), false, l.file(role, version, now.AddDate(0, 1, 0), signers...))
}

// all lets the three roles below root come, signed by their keys of a letter.
func (l *fleet) all(version int64, letter string) {
	for _, role := range []string{"targets", "snapshot", "timestamp"} {
		l.comes(role, version, role+"-"+letter)
	}
}

// fates walks classes and says what becomes of each group.
func (l *fleet) fates(classes []simulate.Class) string {
	l.Helper()
	r, err := l.Walk(classes)
	if err != nil {
		l.Fatal(err)
	}
	var lines []string
	for _, g := range r.Groups() {
		line := g.Vehicles() + ": " + g.Outcome()
		if g.Waits != nil {
			line += fmt.Sprint(" ", g.Waits)
		}
		if !g.Along {
			line += ": " + g.Problem.Text
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// TestWalk says of plans who comes along.
func TestWalk(t *testing.T) {
	renewal := func(l *fleet) { l.all(6, "a") }
	for name, tt := range map[string]struct {
		director bool
		plan     func(l *fleet)
		want     string
	}{
		"renewal": {false, renewal, "full verification and root 1 to 2: come along"},
		"root's own keys": {false, func(l *fleet) {
			l.rekey("root", "root-b")
			l.comes("root", 3, "root-a", "root-b")
		}, "full verification and root 1 to 3: come along"},
		"without the old quorum": {false, func(l *fleet) {
			l.rekey("root", "root-b")
			l.comes("root", 3, "root-b")
		}, "full verification and root 1 to 2: stuck, need a workshop: 3.root.json: signatures: 0 of 1 signatures that role root needs by root 2; signature of key id ID does not count: it is not a key of role root (possible arbitrary software attack)\nfull verification and root 3: come along"},
		"a root is left out": {false, func(l *fleet) { l.comes("root", 4, "root-a"); l.all(6, "a") },
			"full verification and root 1 to 2: stuck, need a workshop: it stays with root 2, and does not take root 4\nfull verification and root 4: come along"},
		"online keys": {false, func(l *fleet) {
			l.rekey("timestamp", "timestamp-b")
			l.rekey("snapshot", "snapshot-b")
			l.comes("root", 3, "root-a")
			l.comes("targets", 6, "targets-a")
			l.comes("snapshot", 6, "snapshot-b")
			l.comes("timestamp", 6, "timestamp-b")
		}, "full verification and root 1 to 2: come along, after waiting [3]\nfull verification and root 3: come along"},
		"versions begin anew": {false, func(l *fleet) { l.all(2, "a") },
			"full verification and root 1 to 2: stuck: timestamp.json: signed.version: got 2, want at least 5, which was seen before (possible rollback attack)"},
		"partial": {true, func(l *fleet) {
			l.rekey("targets", "targets-b")
			l.comes("root", 3, "root-a")
			l.comes("targets", 6, "targets-b")
			l.comes("snapshot", 6, "snapshot-a")
			l.comes("timestamp", 6, "timestamp-a")
		}, `full verification and root 1 to 2: come along, after waiting [3]
partial verification and root 1 to 2: stuck, need a workshop: 6.targets.json: signatures: 0 of 1 signatures that role targets needs by root 1; signature of key id ID does not count: it is not a key of role targets (possible arbitrary software attack)
full verification and root 3: come along
partial verification and root 3: come along`},
	} {
		t.Run(name, func(t *testing.T) {
			l := newFleet(t, roles.TUF, tt.director)
			tt.plan(l)
			got := l.fates(l.Classes())
			for _, k := range l.root.Keys {
				got = strings.ReplaceAll(got, string(k.ID), "ID")
			}
			if got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// TestClientsFile refuses what people mistype, all of it, by line.
func TestClientsFile(t *testing.T) {
	for text, want := range map[string]string{
		"version: 2\nvehicles: [{name: a, count: 1, kind: full, root: 1}]": "version is 2, want 1",
		"version: 1\nvehicles: []": "vehicles are 0, want 1 to 10000",
		"version: 1\nvehicles: [{name: a, count: 0, kind: full, root: 1}]":                                           "vehicles[0].count is 0, want 1 to",
		"version: 1\nvehicles: [{name: a, count: 1, kind: half, root: 1}]":                                           `vehicles[0].kind is "half", want full or partial`,
		"version: 1\nvehicles: [{name: a, count: 1, kind: full, root: 0}]":                                           "vehicles[0].root is 0, want 1 to",
		"version: 1\nvehicles: [{name: \"a,b\", count: 1, kind: full, root: 1}]":                                     `vehicles[0].name is "a,b"`,
		"version: 1\nvehicles: [{name: a, count: 1, kind: full, root: 1, seen: yesterday}]":                          `vehicles[0].seen is "yesterday", want a date`,
		"version: 1\nvehicles: [{name: a, count: 1, kind: full, root: 1, remembers: {targets: -3}}]":                 "vehicles[0].remembers.targets is -3",
		"version: 1\nvehicles: [{name: a, count: 1, kind: full, root: 1, remembers: {delegated: {../x: 3}}}]":        `vehicles[0].remembers.delegated has "../x": 3, want names of delegated roles`,
		"version: 1\nvehicles: [{name: a, count: 1, kind: full, root: 1, remembers: {delegated: {acme: 0}}}]":        `vehicles[0].remembers.delegated has "acme": 0`,
		"version: 1\nvehicles: [{name: a, count: 1, kind: partial, root: 1, remembers: {snapshot: 3}}]":              "vehicles[0].remembers names more than targets",
		"version: 1\nvehicles: [{name: a, count: 1, kind: full, root: 1}, {name: a, count: 1, kind: full, root: 1}]": `vehicles[1].name is "a", as another one's`,
		"version: 1\nvehicles: [{name: a, count: 1, kind: full, root: 1, colour: red}]":                              "vehicles[0].colour is not a field",
		"version: 1\nvehicles: [{name: a, count: 1, kind: full}]":                                                    "vehicles[0].root is missing",
	} {
		_, err := simulate.ParseClients("fleet.yaml", []byte(text+"\n"))
		ceremonytest.WantError(t, err, fault.Usage, want)
	}
}

// TestOf finds the vehicles of a file at the roots that there are.
func TestOf(t *testing.T) {
	parse := func(text string) *simulate.Clients {
		c, err := simulate.ParseClients("fleet.yaml", []byte("version: 1\nvehicles:\n"+text))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	l := newFleet(t, roles.TUF, false)
	l.all(6, "a")
	_, err := l.Of(parse("  - {name: a, count: 1, kind: full, root: 3}\n"))
	ceremonytest.WantError(t, err, fault.Usage, "vehicles[0].root is 3, want 1 to 2")
	_, err = l.Of(parse("  - {name: a, count: 1, kind: partial, root: 1}\n"))
	ceremonytest.WantError(t, err, fault.Usage, "vehicles[0].kind is partial, want full")
	classes, err := l.Of(parse(`  - {name: new, count: 100, kind: full, root: 2}
  - {name: spent, count: 20, kind: full, root: 2, remembers: {timestamp: 4000}}
  - {name: ahead, count: 3, kind: full, root: 1, remembers: {timestamp: 6, snapshot: 6, targets: 6}, seen: 2025-11-30}
  - {name: same time, count: 4, kind: full, root: 1, remembers: {snapshot: 7}}
`))
	if err != nil {
		t.Fatal(err)
	}
	want := `new, full verification and root 2, timestamp 5, snapshot 5, targets 5: come along
spent, full verification and root 2, timestamp 4000: stuck: timestamp.json: signed.version: got 6, want at least 4000, which was seen before (possible rollback attack)
ahead, full verification and root 1, timestamp 6, snapshot 6, targets 6: come along
same time, full verification and root 1, snapshot 7: stuck: 6.snapshot.json: signed.version: got 6, want at least 7, which was seen before (possible rollback attack)`
	if got := l.fates(classes); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	r, err := l.Walk(classes)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := r.Verdict(), "24 of 127 vehicles stuck"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, wide := range []int{80, 40} {
		for _, line := range strings.Split(r.Text(wide).String(), "\n") {
			if len(line) > 79 && wide == 80 && !strings.Contains(line, "possible") {
				t.Errorf("%d columns: %s", len(line), line)
			}
		}
	}
}

// TestAges has a state for each timestamp of which somebody may have been told.
func TestAges(t *testing.T) {
	l := newFleet(t, roles.TUF, false)
	l.all(6, "a")
	var got []string
	for _, c := range l.Ages() {
		got = append(got, c.String())
	}
	want := []string{
		"full, root 1", "full, root 1, timestamp 5, snapshot 5, targets 5", "full, root 2", "full, root 2, timestamp 5, snapshot 5, targets 5",
		"full, root 1, timestamp 1, snapshot 1, targets 1", "full, root 2, timestamp 1, snapshot 1, targets 1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
