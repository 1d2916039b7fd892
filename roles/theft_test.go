package roles

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// robbed is a small repository of which every set of keys is stolen in turn.
type robbed struct {
	*repo
	by     map[string]quorumOf
	honest map[string][]byte
	seen   memory // what a vehicle remembers
}

// quorumOf is who signs for a role, by the numbers of test keys, and how many must.
type quorumOf struct {
	keys      []byte
	threshold int
}

var robbedRoles = []string{"firmware", "targets", "snapshot", "timestamp", "root"} // in the order of signing

// newRobbed has root 2 of 2, targets 2 of 2 and a key for each other role.
func newRobbed(t *testing.T) *robbed {
	return robbedOf(t, map[string]quorumOf{"root": {[]byte{0, 1}, 2}, "targets": {[]byte{3, 4}, 2}, "snapshot": {[]byte{5}, 1}, "timestamp": {[]byte{6}, 1}, "firmware": {[]byte{7}, 1}})
}

func robbedOf(t *testing.T, by map[string]quorumOf) *robbed {
	r := &robbed{repo: newRepo(t, TUF), by: by, seen: memory{}}
	for _, role := range []string{"root", "targets", "snapshot", "timestamp"} {
		r.root.SetRole(role, by[role].threshold, r.keys(by[role].keys...))
		r.signers[role] = by[role].keys
	}
	r.delegate("targets", "firmware", by["firmware"].keys[0], false, "fw/*").Images = []Image{image("fw/1")}
	r.targets.Delegations = &Delegations{}
	r.targets.Delegations.Add(DelegatedRole{Role: Role{Name: "firmware", Threshold: by["firmware"].threshold}, Paths: []string{"fw/*"}}, r.keys(by["firmware"].keys...))
	r.signers["firmware"] = by["firmware"].keys
	for role, months := range map[string]int{"root": 12, "targets": 6, "firmware": 5, "snapshot": 3, "timestamp": 1} {
		r.head(role).Expires = now.AddDate(0, months, 0)
	}
	r.publish()
	if _, err := r.verify(r.seen); err != nil {
		t.Fatal(err)
	}
	r.honest = maps.Clone(r.files)
	return r
}

func (r *robbed) head(role string) *Head { return HeadOf(r.body(role)) }

func (r *robbed) body(role string) Body {
	switch role {
	case "root":
		return r.root
	case "targets":
		return r.targets
	case "snapshot":
		return r.snapshot
	case "timestamp":
		return r.timestamp
	}
	return r.delegated[role]
}

// trusted is what the repository trusts, for the question what a thief can do.
func (r *robbed) trusted() *Trusted {
	return &Trusted{Root: r.root, Snapshot: r.snapshot, Timestamp: r.timestamp, Targets: map[string]*Targets{"targets": r.targets, "firmware": r.delegated["firmware"]}}
}

// forgery is what a thief signs, and what is asked of a vehicle.
type forgery struct {
	roles    []string // whose files he makes anew
	at       time.Time
	forgets  bool // the vehicle remembers nothing
	versions int64
	server   bool // signs snapshot and timestamp over what it finds
}

// try makes the files and has a vehicle look at them.
func (r *robbed) try(stolen []byte, f forgery) (*Client, error) {
	thief := newRobbedBodies(r)
	thief.files = maps.Clone(r.honest)
	for _, role := range robbedRoles {
		by := slices.Contains(f.roles, role)
		served := f.server && (role == "snapshot" || role == "timestamp")
		if !by && !served {
			continue
		}
		signers := r.by[role].keys
		if by {
			signers = slices.DeleteFunc(slices.Clone(signers), func(k byte) bool { return !slices.Contains(stolen, k) })
		}
		thief.forge(role, f.versions, signers)
	}
	c, err := NewClient(thief.files["1.root.json"], thief, f.at)
	if err != nil {
		return nil, err
	}
	if c.State = maps.Clone(r.seen); f.forgets {
		c.State = memory{}
	}
	return c, c.Refresh()
}

// newRobbedBodies has bodies of its own, as they were signed.
func newRobbedBodies(r *robbed) *repo {
	copied := *r.repo
	root, targets, snapshot, timestamp, firmware := *r.root, *r.targets, *r.snapshot, *r.timestamp, *r.delegated["firmware"]
	root.Keys, root.Roles = slices.Clone(root.Keys), slices.Clone(root.Roles)
	snapshot.Meta = slices.Clone(snapshot.Meta)
	copied.root, copied.targets, copied.snapshot, copied.timestamp = &root, &targets, &snapshot, &timestamp
	copied.delegated, copied.signers, copied.asked = map[string]*Targets{"firmware": &firmware}, map[string][]byte{}, nil
	return &copied
}

func (r *repo) forge(role string, versions int64, signers []byte) {
	r.signers[role] = signers
	far := now.AddDate(3, 0, 0)
	next := func(h *Head) { h.Version, h.Expires = h.Version+versions, far }
	switch role {
	case "root":
		next(&r.root.Head)
		r.root.SetRole("root", 1, r.keys(20))
		r.signers[role] = append(signers, 20)
		r.sign(role, r.root)
	case "targets":
		next(&r.targets.Head)
		r.targets.Images = []Image{image("evil")}
		r.restate(r.sign(role, r.targets))
	case "firmware":
		next(&r.delegated[role].Head)
		r.delegated[role].Images = []Image{image("fw/evil")}
		r.restate(r.sign(role, r.delegated[role]))
	case "snapshot":
		next(&r.snapshot.Head)
		r.timestamp.Snapshot = r.sign(role, r.snapshot)
	case "timestamp":
		next(&r.timestamp.Head)
		r.sign(role, r.timestamp)
	}
}

// restate has the next snapshot state a file.
func (r *repo) restate(meta Meta) {
	for i := range r.snapshot.Meta {
		if r.snapshot.Meta[i].Name == meta.Name {
			r.snapshot.Meta[i] = meta
		}
	}
}

// any says whether some choice of files to forge fools a vehicle.
func (r *robbed) any(stolen []byte, f forgery, fooled func(*Client, error) bool) bool {
	var mine []string
	for _, role := range robbedRoles {
		if slices.ContainsFunc(r.by[role].keys, func(k byte) bool { return slices.Contains(stolen, k) }) {
			mine = append(mine, role)
		}
	}
	for choice := range 1 << len(mine) {
		f.roles = nil
		for i, role := range mine {
			if choice>>i&1 == 1 {
				f.roles = append(f.roles, role)
			}
		}
		if c, err := r.try(stolen, f); fooled(c, err) {
			return true
		}
	}
	return false
}

// lists says of a client that it finds an image.
func lists(path string) func(*Client, error) bool {
	return func(c *Client, err error) bool {
		if err != nil {
			return false
		}
		_, _, err = c.Find(path)
		return err == nil
	}
}

// TestPowers holds what is said of a thief against everything that he can try with
// each of 128 sets of keys.
func TestPowers(t *testing.T) {
	newRobbed(t).tryAll()
}

// TestPowersAnywhere does so with trusts in which keys serve several roles and
// thresholds are what they are.
func TestPowersAnywhere(t *testing.T) {
	for seed := range uint64(12) {
		rng := rand.New(rand.NewPCG(seed, 4))
		by := map[string]quorumOf{}
		for _, role := range robbedRoles {
			keys := []byte{0, 1, 2, 3}
			rng.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
			keys = keys[:1+rng.IntN(3)]
			by[role] = quorumOf{keys, 1 + rng.IntN(len(keys))}
		}
		t.Run(fmt.Sprint(by), func(t *testing.T) { robbedOf(t, by).tryAll() })
	}
}

// every are the keys of a repository.
func (r *robbed) every() (list []byte) {
	for _, role := range robbedRoles {
		list = append(list, r.by[role].keys...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// tryAll steals every set of keys.
func (r *robbed) tryAll() {
	every := r.every()
	for set := range 1 << len(every) {
		stolen, prints := []byte{}, map[Fingerprint]bool{}
		for i, k := range every {
			if set>>i&1 == 1 {
				stolen = append(stolen, k)
				prints[r.keys(k)[0].Fingerprint] = true
			}
		}
		r.compare(stolen, r.trusted().Powers(Losses{Stolen: prints}))
	}
}

func (r *robbed) compare(stolen []byte, powers []Power) {
	r.Helper()
	said := map[string]Power{}
	for _, p := range powers {
		said[fmt.Sprint(p.What, " ", p.Role, " ", p.Published)] = p
	}
	check := func(power string, f forgery, fooled func(*Client, error) bool) {
		r.Helper()
		p, is := said[power]
		if f.at.IsZero() {
			f.at = now
		}
		if f.versions == 0 {
			f.versions = 1
		}
		if can := r.any(stolen, f, fooled); can != is {
			r.Errorf("stolen %v: %s is said to be %v, and is %v", stolen, power, is, can)
		}
		if !is || p.Until.IsZero() {
			return
		}
		if f.at = p.Until.Add(-time.Second); !r.any(stolen, f, fooled) {
			r.Errorf("stolen %v: %s ends before %s", stolen, power, p.Until)
		}
		if f.at = p.Until; r.any(stolen, f, fooled) {
			r.Errorf("stolen %v: %s goes on after %s", stolen, power, p.Until)
		}
	}
	root := func(c *Client, err error) bool { return c != nil && c.Root().Version == 2 }
	check("take-over root false", forgery{}, root)
	if _, all := said["take-over root false"]; all {
		return // whatever else is true, it is the least of it
	}
	check("install targets false", forgery{}, lists("evil"))
	if _, alone := said["install targets false"]; alone {
		return // he lists what others may, too
	}
	check("install firmware false", forgery{}, lists("fw/evil"))
	check("hold timestamp false", forgery{at: r.timestamp.Expires}, func(c *Client, err error) bool { return err == nil })
	check("spend timestamp false", forgery{versions: 1 << 20}, func(c *Client, err error) bool { return err == nil && c.Timestamp().Version > 1<<20 })
	if _, online := said["mix snapshot false"]; !online {
		check("install targets true", forgery{server: true}, lists("evil"))
		if _, every := said["install targets true"]; !every {
			check("install firmware true", forgery{server: true}, lists("fw/evil"))
		}
	}
}

// TestMix shows a vehicle that remembers nothing what was signed once.
func TestMix(t *testing.T) {
	r := newRobbed(t)
	old := maps.Clone(r.honest)
	r.targets.Version, r.snapshot.Version, r.timestamp.Version = 2, 2, 2
	r.publish()
	maps.Copy(r.files, old) // both versions are known to everybody
	r.honest = maps.Clone(r.files)
	for _, stolen := range [][]byte{nil, {5}, {6}, {5, 6}} {
		thief := newRobbedBodies(r)
		thief.files = maps.Clone(r.honest)
		for i := range thief.snapshot.Meta {
			if thief.snapshot.Meta[i].Name == "targets.json" {
				thief.snapshot.Meta[i].Version, thief.snapshot.Meta[i].Hashes, thief.snapshot.Meta[i].Length = 1, HashesOf(old["1.targets.json"]), int64(len(old["1.targets.json"]))
			}
		}
		for role, key := range map[string]byte{"snapshot": 5, "timestamp": 6} {
			thief.signers[role] = nil
			if slices.Contains(stolen, key) {
				thief.signers[role] = []byte{key}
			}
		}
		thief.snapshot.Version, thief.timestamp.Version = 3, 3
		thief.timestamp.Snapshot = thief.sign("snapshot", thief.snapshot)
		thief.sign("timestamp", thief.timestamp)
		c, err := NewClient(thief.files["1.root.json"], thief, now)
		if err != nil {
			t.Fatal(err)
		}
		err = c.Refresh()
		prints := map[Fingerprint]bool{}
		for _, k := range stolen {
			prints[r.keys(k)[0].Fingerprint] = true
		}
		said := slices.ContainsFunc(r.trusted().Powers(Losses{Stolen: prints}), func(p Power) bool { return p.What == Mix })
		if said != (err == nil) {
			t.Errorf("stolen %v: mixing is said to be %v, and the vehicle says %v", stolen, said, err)
		}
	}
}

// TestQuorums counts who is left.
func TestQuorums(t *testing.T) {
	r := newRobbed(t)
	print := func(n byte) Fingerprint { return r.keys(n)[0].Fingerprint }
	l := Losses{Stolen: map[Fingerprint]bool{print(0): true, print(7): true}, Lost: map[Fingerprint]bool{print(3): true}}
	got := fmt.Sprint(r.trusted().Quorums(l))
	if want := "[{root 1 2 1 0} {targets 1 2 0 1} {firmware 0 1 1 0}]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, q := range r.trusted().Quorums(l) {
		if q.Reached() {
			t.Errorf("%+v is said to be enough", q)
		}
	}
	if got := r.trusted().Quorums(Losses{}); got != nil {
		t.Errorf("of nothing lost: %v", got)
	}
}

// TestPowersAlone are those over a Director whose snapshot nobody reads.
func TestPowersAlone(t *testing.T) {
	r := newRobbed(t)
	trusted := r.trusted()
	trusted.Alone = true
	stolen := map[Fingerprint]bool{}
	for _, k := range []byte{3, 4, 6} {
		stolen[r.keys(k)[0].Fingerprint] = true
	}
	var got []string
	for _, p := range trusted.Powers(Losses{Stolen: stolen}) {
		got = append(got, fmt.Sprint(p.What, " ", p.Role, " ", p.Published))
	}
	if want := "install targets false, spend targets false"; strings.Join(got, ", ") != want {
		t.Errorf("got %s, want %s", strings.Join(got, ", "), want)
	}
}

// TestPowerText says each deed in words.
func TestPowerText(t *testing.T) {
	for want, p := range map[string]Power{
		"root: he can sign a root of his own: every vehicle follows it, and no later root of yours brings one back":                                                                                {What: TakeOver, Role: "root"},
		"acme: he can list images of his own under a/*, b, once a server signs snapshot and timestamp over them; a vehicle that he keeps from newer files believes him until 2026-11-23T12:00:00Z": {What: Install, Role: "acme", Paths: []string{"a/*", "b"}, Published: true, Until: now},
		"targets: he can list images of his own; a vehicle that he keeps from newer files believes him until 2026-11-23T12:00:00Z":                                                                 {What: Install, Role: "targets", Until: now},
		"snapshot: he can show older files together that were signed once, to vehicles that remember none newer":                                                                                   {What: Mix, Role: "snapshot"},
		"timestamp: he can show what is signed now as if it were fresh":                                                                                                                            {What: Hold, Role: "timestamp"},
		"timestamp: he can spend the versions, so that vehicles refuse what you sign until they forget his":                                                                                        {What: Spend, Role: "timestamp"},
	} {
		if got := p.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
