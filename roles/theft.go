package roles

import (
	"slices"
	"strings"
	"time"
)

// Losses are keys that are not where they should be.
type Losses struct {
	Stolen map[Fingerprint]bool // a thief can sign with them
	Lost   map[Fingerprint]bool // nobody can
}

// Trusted is what a repository trusts now: its newest files.
type Trusted struct {
	Root      *Root
	Snapshot  *Snapshot           // nil where it is not known
	Targets   map[string]*Targets // by role
	Timestamp *Timestamp
	// Alone says that vehicles read targets without snapshot and timestamp, as
	// aktualizr does of a Director.
	Alone bool
	// Together are the top-level roles of which a thief is taken to have all keys who has
	// one; none: each key is a matter of its own.
	Together []string
}

// Power is something that a thief can do.
type Power struct {
	What Deed   `yaml:"what" json:"what"`
	Role string `yaml:"role" json:"role"` // whose threshold he meets
	// Paths are the patterns of the images that he can list; none stands for every
	// path.
	Paths []string `yaml:"paths,omitempty,flow" json:"paths,omitempty"`
	// Published says that he needs somebody who signs snapshot and timestamp over
	// his file: a server that takes uploads.
	Published bool `yaml:"published,omitempty" json:"published,omitempty"`
	// Until is how long a vehicle that he keeps from newer metadata believes him;
	// zero: for ever.
	Until time.Time `yaml:"until,omitempty" json:"until,omitzero"`
}

// Deed is what a Power does.
type Deed string

// Deeds, the worst first.
const (
	TakeOver Deed = "take-over" // a root of his own, which every vehicle follows
	Install  Deed = "install"   // images of his own
	Mix      Deed = "mix"       // older files that were signed once, together
	Hold     Deed = "hold"      // what is signed now, as if it were fresh
	Spend    Deed = "spend"     // the versions, so that vehicles refuse what comes
)

// Quorum is what is left of the keys of a role.
type Quorum struct {
	Role      string `yaml:"role" json:"role"`
	Left      int    `yaml:"left" json:"left"` // keys that are neither stolen nor lost
	Threshold int    `yaml:"threshold" json:"threshold"`
	Stolen    int    `yaml:"stolen,omitempty" json:"stolen,omitempty"`
	Lost      int    `yaml:"lost,omitempty" json:"lost,omitempty"`
}

// Reached says whether those who are left can sign.
func (q Quorum) Reached() bool { return q.Left >= q.Threshold }

// trustedRole is a role with its keys, and with the delegations that lead to it.
type trustedRole struct {
	name      string
	threshold int
	keys      []Key
	chain     []*DelegatedRole // from targets down to it, none for a top-level role
	parents   []string         // the roles that list those
}

// trustedRoles lists every role that is trusted, a delegated one once for each way to it,
// as far as clients follow.
func (t *Trusted) trustedRoles() []trustedRole {
	var all []trustedRole
	for _, r := range t.Root.Roles {
		if slices.Contains(TopLevel, Type(r.Name)) {
			all = append(all, trustedRole{name: r.Name, threshold: r.Threshold, keys: keysByID(t.Root.Keys, r.KeyIDs)})
		}
	}
	return append(all, t.below("targets", nil, nil)...)
}

func (t *Trusted) below(parent string, chain []*DelegatedRole, parents []string) (all []trustedRole) {
	file := t.Targets[parent]
	if file == nil || file.Delegations == nil || len(chain) >= MaxLevels || slices.Contains(parents, parent) {
		return nil
	}
	parents = append(slices.Clone(parents), parent)
	for i := range file.Delegations.Roles {
		d := &file.Delegations.Roles[i]
		way := append(slices.Clone(chain), d)
		all = append(all, trustedRole{d.Name, d.Threshold, keysByID(file.Delegations.Keys, d.KeyIDs), way, parents})
		all = append(all, t.below(d.Name, way, parents)...)
	}
	return all
}

func keysByID(all []Key, ids []KeyID) (keys []Key) {
	for _, k := range all {
		if slices.Contains(ids, k.ID) && k.Problem == nil {
			keys = append(keys, k)
		}
	}
	return keys
}

// count counts the different keys of a role that are in a set.
func (h trustedRole) count(in map[Fingerprint]bool) int {
	seen := map[Fingerprint]bool{}
	for _, k := range h.keys {
		if in[k.Fingerprint] {
			seen[k.Fingerprint] = true
		}
	}
	return len(seen)
}

// Quorums are what is left of each role's keys, of those roles that lost some.
func (t *Trusted) Quorums(l Losses) (list []Quorum) {
	for _, h := range t.trustedRoles() {
		every := map[Fingerprint]bool{}
		for _, k := range h.keys {
			every[k.Fingerprint] = !l.Stolen[k.Fingerprint] && !l.Lost[k.Fingerprint]
		}
		q := Quorum{h.name, h.count(every), h.threshold, h.count(l.Stolen), h.count(l.Lost)}
		if q.Stolen+q.Lost > 0 && !slices.Contains(list, q) {
			list = append(list, q)
		}
	}
	return list
}

// Powers are what a thief can do with the stolen keys, now, to a vehicle that
// verifies fully and remembers what is signed now (Uptane Standard 2.1.0 §5.4.4.2).
func (t *Trusted) Powers(l Losses) (list []Power) {
	mine := map[string]bool{}
	roles := t.trustedRoles()
	for _, h := range roles {
		if len(h.chain) == 0 {
			mine[h.name] = h.count(l.Stolen) >= h.threshold
		}
	}
	if mine["root"] {
		list = append(list, Power{What: TakeOver, Role: "root"})
	}
	online := mine["snapshot"] && mine["timestamp"] || t.Alone
	if mine["targets"] {
		list = append(list, Power{What: Install, Role: "targets", Published: !online, Until: t.until(nil)})
	}
	for _, h := range roles {
		if len(h.chain) > 0 && h.count(l.Stolen) >= h.threshold {
			list = append(list, Power{What: Install, Role: h.name, Paths: h.paths(), Published: !online, Until: t.until(h.parents)})
		}
	}
	return append(list, t.online(mine)...)
}

// online is what the keys of snapshot and timestamp are good for.
func (t *Trusted) online(mine map[string]bool) (list []Power) {
	if t.Alone {
		if mine["targets"] {
			list = append(list, Power{What: Spend, Role: "targets"})
		}
		return list
	}
	if mine["snapshot"] && mine["timestamp"] {
		list = append(list, Power{What: Mix, Role: "snapshot", Until: t.until(nil)})
	}
	if mine["timestamp"] {
		list = append(list, Power{What: Hold, Role: "timestamp", Until: t.holds(mine)}, Power{What: Spend, Role: "timestamp"})
	}
	return list
}

// holds is until when the files stand that a thief holds vehicles at, beyond those
// that he can sign anew.
func (t *Trusted) holds(mine map[string]bool) time.Time {
	until := t.until(nil)
	if t.Snapshot != nil && !mine["snapshot"] && t.Snapshot.Expires.Before(until) {
		until = t.Snapshot.Expires
	}
	if targets := t.Targets["targets"]; targets != nil && !mine["targets"] && targets.Expires.Before(until) {
		until = targets.Expires
	}
	return until
}

// until is the first expiry of root and of targets files.
func (t *Trusted) until(files []string) time.Time {
	until := t.Root.Expires
	for _, role := range files {
		if f := t.Targets[role]; f != nil && f.Expires.Before(until) {
			until = f.Expires
		}
	}
	return until
}

// paths are the patterns of the last delegation; the others narrow them.
func (h trustedRole) paths() []string { return h.chain[len(h.chain)-1].Paths }

// String is the deed in words.
func (p Power) String() string {
	text := p.Role + ": "
	switch p.What {
	case TakeOver:
		return text + "he can sign a root of his own: every vehicle follows it, and no later root of yours brings one back"
	case Install:
		text += "he can list images of his own"
		if len(p.Paths) > 0 {
			text += " under " + strings.Join(p.Paths, ", ")
		}
		if p.Published {
			text += ", once a server signs snapshot and timestamp over them"
		}
	case Mix:
		text += "he can show older files together that were signed once, to vehicles that remember none newer"
	case Hold:
		text += "he can show what is signed now as if it were fresh"
	case Spend:
		text += "he can spend the versions, so that vehicles refuse what you sign until they forget his"
	}
	if p.Until.IsZero() {
		return text
	}
	return text + "; a vehicle that he keeps from newer files believes him until " + FormatTime(p.Until)
}
