package roles

import "testing"

// TestRotation leaves a thief nothing, takes no key away without a reason, and no
// other set that is smaller leaves him nothing.
func TestRotation(t *testing.T) {
	r := newRobbed(t)
	every := r.every()
	for set := range 1 << len(every) {
		l := Losses{Stolen: map[Fingerprint]bool{}, Lost: map[Fingerprint]bool{}}
		for i, k := range every {
			if set>>i&1 == 1 {
				l.Stolen[r.keys(k)[0].Fingerprint] = true
			}
		}
		rotation := r.trusted().Rotation(l)
		after := newRobbedBodies(r)
		for i, out := range rotation {
			after.swap(out, byte(100+i))
		}
		trusted := &Trusted{Root: after.root, Snapshot: r.snapshot, Targets: map[string]*Targets{"targets": after.targets, "firmware": r.delegated["firmware"]}}
		if powers, left := trusted.Powers(l), trusted.Quorums(l); powers != nil || left != nil {
			t.Errorf("set %b: afterwards he can %v, and roles lack %v", set, powers, left)
		}
		stolen, beside := 0, r.trusted().beside(l) != nil
		for _, out := range rotation {
			if out.Why == IsStolen {
				stolen++
			}
			if isOnline := out.Role == "snapshot" || out.Role == "timestamp"; l.Stolen[out.Key.Fingerprint] != (out.Why == IsStolen) || out.Why == Beside && !(isOnline && beside) {
				t.Errorf("set %b: %s of %s goes, %s", set, out.Key.ID, out.Role, out.Why)
			}
		}
		if stolen != len(l.Stolen) {
			t.Errorf("set %b: %d stolen keys go, want %d", set, stolen, len(l.Stolen))
		}
	}
	lost := Losses{Lost: map[Fingerprint]bool{r.keys(6)[0].Fingerprint: true}}
	if got := r.trusted().Rotation(lost); len(got) != 1 || got[0].Why != IsLost || got[0].Role != "timestamp" {
		t.Errorf("of a lost key: %v", got)
	}
}

// swap gives a role a new key in the place of another.
func (r *repo) swap(out Replace, number byte) {
	if out.Role != "firmware" {
		var keys []Key
		for _, id := range r.root.Role(out.Role).KeyIDs {
			if id != out.Key.ID {
				keys = append(keys, keysByID(r.root.Keys, []KeyID{id})...)
			}
		}
		r.root.SetRole(out.Role, r.root.Role(out.Role).Threshold, append(keys, r.keys(number)...))
		return
	}
	d := &Delegations{}
	d.Add(DelegatedRole{Role: Role{Name: "firmware", Threshold: 1}, Paths: []string{"fw/*"}}, r.keys(number))
	r.targets.Delegations = d
}
