package derive

import (
	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/roles"
)

// next is the next version of a role: above what is signed, above what any ceremony
// signed and did not put in place, since other bytes may carry it, and not below the
// floor of trust.yaml. Root cannot pass over one: vehicles want exactly the next
// (TUF 1.0.34 §5.3.5), so a person has to say why it is signed again.
func (d *derivation) next(role string, signers []signer) (int64, error) {
	next := d.Signed.Version(role) + 1
	past, known := d.past.Newest(role)
	if signed.RoleType(role) == roles.TypeRoot {
		if known && past.Version >= next {
			return next, d.burnt(next, past, signers)
		}
		return next, nil
	}
	for d.past.Signed(role, next) {
		next++
	}
	next = max(next, d.Repo.Floor(role))
	if known && past.Version >= next {
		return 0, d.gap(role, next, past)
	}
	return next, nil
}

// gap refuses to go on from a version that one ceremony states while nothing else
// leads up to it. Whoever has the disk can write such a line, and vehicles never
// take a version below one that they have seen.
func (d *derivation) gap(role string, next int64, past ceremonies.Signature) error {
	return fault.Errorf(fault.Unverified, "%s says that it signed version %d of %s, but nothing here signed version %d", past.Ceremony, past.Version, role, next).
		Hint("bring the folders of the other sites' ceremonies here; or, if version %d is known to be out there, set floor: %d for %s in trust.yaml", past.Version, past.Version+1, role)
}
