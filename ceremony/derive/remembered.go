package derive

import (
	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/roles"
)

// remembered refuses to go on from less than what a ceremony of this workspace
// has put in place: a file that is gone is never begun again at version 1, and
// an old one is never built on.
func (d *derivation) remembered(role string) error {
	past, known := d.past.Newest(role)
	version := d.Signed.Version(role)
	switch {
	case version == 0 && d.past.Missing(role) && d.signedHere(role):
		return fault.Errorf(fault.Incomplete, "%s: the repository was taken over without its %s, whose version nobody here knows", d.Signed.Dir, role).
			Hint("take it in first: keyrite import --update --repository %s FILE", d.Repo.Name)
	case known && past.Placed && version == 0:
		return fault.Errorf(fault.Unverified, "%s: there is no %s, but ceremony %s signed version %d of it", d.Signed.Dir, role, past.Ceremony, past.Version).
			Hint("restore the file from the last bundle; what was signed once is not begun again")
	case known && past.Placed && version < past.Version:
		return fault.Errorf(fault.Unverified, "%s: %s is version %d, but ceremony %s signed version %d", d.Signed.Dir, role, version, past.Ceremony, past.Version).
			Hint("restore the newer file from the last bundle")
	}
	if err := d.ours(role, past); err != nil {
		return err
	}
	return d.recorded(role)
}

// ours refuses to build on a void file that no ceremony of this workspace signed:
// whoever has the keys that were replaced may have made it.
func (d *derivation) ours(role string, past ceremonies.Signature) error {
	by, void := d.Signed.Void(role)
	if !void || past.Version == d.Signed.Version(role) && past.SHA256 == digest.Of(d.Signed.File(role).Signed) {
		return nil
	}
	return fault.Errorf(fault.Unverified, "%s: its keys were replaced after root %d, and no ceremony here signed this file", d.Signed.Paths[role], by).
		Hint("restore the file from the last bundle")
}

// recorded refuses to plan a new key where the signed root or targets lists one
// whose record is gone: that is a loss to be made good, and no rotation.
func (d *derivation) recorded(role string) error {
	if role != "root" && role != "targets" {
		return nil
	}
	for of, keys := range d.nameless(role) {
		names, _ := d.Repo.Signers(of)
		for _, name := range names {
			if d.Ring.Planned(name) && len(keys) > 0 {
				return fault.Errorf(fault.Unverified, "the signed %s lists a key for %s (%s) that no record in keys/ names, and %s has no record", role, of, keys[0].ID, name).
					Hint("restore keys/%s.yaml; or, if a token holds that key: keyrite key adopt %s --token TOKEN", name, name).
					Hint("if it is somebody else's key that goes, give it a name first: keyrite key import NAME FILE")
			}
		}
	}
	return nil
}

// nameless are the keys of a signed file that have no record, by the role that
// they sign.
func (d *derivation) nameless(role string) map[string][]roles.Key {
	found := map[string][]roles.Key{}
	add := func(of string, keys []roles.Key) {
		for _, k := range keys {
			if _, named := d.Ring.NameOf(k); !named {
				found[of] = append(found[of], k)
			}
		}
	}
	if root := d.Signed.RootBody(); role == "root" && root != nil {
		for _, r := range root.Roles {
			add(r.Name, scene.Listed(root, r.Name))
		}
	}
	if t := d.Signed.Targets("targets"); role == "targets" && t != nil && t.Delegations != nil {
		for _, r := range t.Delegations.Roles {
			add(r.Name, scene.WithIDs(t.Delegations.Keys, r.KeyIDs))
		}
	}
	return found
}

// vouched refuses a key that enters a role and of which nobody here can say whose
// it is: no token holds it, and nobody has compared its fingerprint.
func (d *derivation) vouched() error {
	for _, name := range d.Entering() {
		if left, is := d.past.Left(digest.SHA256(d.Ring.Keys[name].Fingerprint)); is {
			return leftOver(left)
		}
		if _, err := d.Voucher(name, d.plan.Room); err != nil {
			return err
		}
	}
	return nil
}

// leftOver refuses to take what an aborted ceremony left, before somebody has said that
// it is good.
func leftOver(l ceremonies.Left) error {
	return fault.Errorf(fault.Refused, "key %s was made by ceremony %s, which was aborted then", l.Key, l.Ceremony).
		Hint("take it: keyrite key adopt %s --token TOKEN", l.Key).
		Hint("or name another key in its place in trust.yaml, and destroy it: keyrite key destroy %s", l.Key)
}
