package roles

import "slices"

// Replace is a key that has to leave a role.
type Replace struct {
	Role string
	Key  Key
	Why  Loss
}

// Loss is why a key has to go.
type Loss string

const (
	IsStolen Loss = "stolen"
	IsLost   Loss = "lost"
	// Beside is a key of snapshot or timestamp: a thief may have spent versions of
	// both, which vehicles forget when no key of either is kept (Uptane Standard
	// 2.1.0 §5.4.4.3, 4).
	Beside Loss = "beside a stolen one"
)

// Rotation is the least that leaves a thief nothing: the stolen and the lost keys go
// from every role, and where he could sign snapshot or timestamp, all keys of both.
// Who can sign a root has everything, and no rotation takes it from him.
func (t *Trusted) Rotation(l Losses) (list []Replace) {
	beside := t.signsOnline(l)
	for _, h := range t.trustedRoles() {
		for _, k := range h.keys {
			why := Loss("")
			switch {
			case l.Stolen[k.Fingerprint]:
				why = IsStolen
			case l.Lost[k.Fingerprint]:
				why = IsLost
			case beside && (h.name == "snapshot" || h.name == "timestamp"):
				why = Beside
			}
			r := Replace{h.name, k, why}
			if why != "" && !slices.ContainsFunc(list, func(o Replace) bool { return o.Role == r.Role && o.Key.Fingerprint == k.Fingerprint }) {
				list = append(list, r)
			}
		}
	}
	return list
}

// signsOnline says whether a thief meets the threshold of snapshot or timestamp.
func (t *Trusted) signsOnline(l Losses) bool {
	return slices.ContainsFunc(t.trustedRoles(), func(h trustedRole) bool {
		return (h.name == "snapshot" || h.name == "timestamp") && len(h.chain) == 0 && h.count(l.Stolen) >= h.threshold
	})
}
