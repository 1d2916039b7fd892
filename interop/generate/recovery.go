package generate

import "github.com/uptane/keyrite/roles"

// fastForward are the versions to which a thief drives what he can sign.
const fastForward = 1<<31 - 1

// recovered is a repository after its server was broken into: the thief has spent
// the versions of snapshot and timestamp, and root has replaced all keys of both.
func recovered() []Case {
	return []Case{
		{Name: "online-keys-replaced", Good: true, Remembers: true, Before: (*Repository).rob, Bend: func(r *Repository) { r.recover(r.Spare) },
			Says: "root 4 replaces all keys of snapshot and timestamp, whose versions a thief had spent: they begin anew"},
	}
}

// robbedAgain is the same repository, in which the thief signs on.
func robbedAgain() []Case {
	return []Case{
		{Name: "replaced-keys", ClientOnly: true, Says: "root 4 replaces all keys of snapshot and timestamp, and the old ones sign both", Bend: func(r *Repository) {
			r.recover(append(r.Snapshot.Signers, r.Timestamp.Signers...))
		}},
		{Name: "replaced-keys-snapshot", ClientOnly: true, Says: "the same, and only snapshot is signed by the old ones", Bend: func(r *Repository) {
			r.recover(append(r.Snapshot.Signers, r.Spare[2:]...))
		}},
	}
}

// rob drives up the versions that the keys of a server can.
func (r *Repository) rob() { r.versions(3, 2, fastForward, fastForward) }

// recover adds a root with the spare keys for snapshot and timestamp, two each, and
// has these signed by four keys.
func (r *Repository) recover(signers []*Key) {
	old := r.Roots[2].Body.(*roles.Root)
	root := roles.NewRoot(r.Format)
	root.Head = head(4)
	for _, role := range []string{"root", "targets"} {
		root.SetRole(role, 2, keysOf(old, role))
	}
	root.SetRole("snapshot", 2, publics(r.Spare[:2]))
	root.SetRole("timestamp", 2, publics(r.Spare[2:]))
	r.Roots = append(r.Roots, &File{Body: root, Signers: r.Roots[2].Signers[:2]})
	r.Snapshot.Signers, r.Timestamp.Signers = signers[:2], signers[2:]
	r.versions(4, 2, 1, 1)
}

func keysOf(root *roles.Root, role string) (keys []roles.Key) {
	for _, id := range root.Role(role).KeyIDs {
		for _, k := range root.Keys {
			if k.ID == id {
				keys = append(keys, k)
			}
		}
	}
	return keys
}
