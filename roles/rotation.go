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
	// Beside is a key that goes with a stolen one: of a role that lies where the stolen
	// one lay; or of snapshot or timestamp, where a thief may have spent versions of
	// both, which vehicles forget when no key of either is kept (Uptane Standard
	// 2.1.0 §5.4.4.3, 4).
	Beside Loss = "beside a stolen one"
)

// Rotation is the least that leaves a thief nothing: the stolen and the lost keys go
// from every role, and so do those beside a stolen one.
// Who can sign a root has everything, and no rotation takes it from him.
func (t *Trusted) Rotation(l Losses) (list []Replace) {
	beside := t.beside(l)
	for _, h := range t.trustedRoles() {
		for _, k := range h.keys {
			why := Loss("")
			switch {
			case l.Stolen[k.Fingerprint]:
				why = IsStolen
			case l.Lost[k.Fingerprint]:
				why = IsLost
			case len(h.chain) == 0 && slices.Contains(beside, h.name):
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

// beside are the top-level roles that keep no key.
func (t *Trusted) beside(l Losses) (list []string) {
	for _, h := range t.trustedRoles() {
		if len(h.chain) > 0 {
			continue
		}
		stolen := h.count(l.Stolen)
		if stolen > 0 && slices.Contains(t.Together, h.name) {
			list = append(list, t.Together...)
		}
		if stolen >= h.threshold && (h.name == "snapshot" || h.name == "timestamp") {
			list = append(list, "snapshot", "timestamp")
		}
	}
	return list
}
