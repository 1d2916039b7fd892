package derive

import (
	"errors"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/words"
)

// absent are keys of a quorum that are not asked to sign, by the reason: each wants
// something else to be done.
type absent struct {
	other   []string // held here, but wanted with a scheme that tokens do not sign by
	left    []string // held here, but left out by --signers
	dropped []string // no longer in trust.yaml
	away    []string // not held here
}

// absent sorts the keys of a role that are not asked to sign.
func (d *derivation) absent(role string) (a absent) {
	for _, key := range slices.Sorted(slices.Values(scene.Candidates(d.Quorums(role)))) {
		_, here := d.plan.Room.Held[key]
		switch {
		case d.reach(role, key) != nowhere:
		case here && d.otherScheme(role, key):
			a.other = append(a.other, key)
		case here:
			a.left = append(a.left, key)
		case !slices.Contains(d.Repo.KeyNames, key):
			a.dropped = append(a.dropped, key)
		default:
			a.away = append(a.away, key)
		}
	}
	return a
}

// whyAbsent adds to the error of a quorum that cannot be reached why keys of it are
// not asked to sign.
func (d *derivation) whyAbsent(role string, err error) error {
	var refusal *fault.Error
	if !errors.As(err, &refusal) {
		return err
	}
	a := d.absent(role)
	for _, key := range a.other {
		refusal.Hint("%s is held here, but %s lists it with the scheme %s, by which keyrite has no token sign; name a key of another name in its place in trust.yaml",
			key, d.Lister(role), d.Key(role, key).Scheme)
	}
	if a.other != nil && role == "root" {
		refusal.Hint("the root that is signed now wants its signature once more: take it out of site.yaml, declare it as external: keys/NAME.yaml, sign with the token's own tools, and bring that in")
	}
	if a.left != nil {
		refusal.Hint("held here, but left out by --signers: %s", words.List(a.left))
	}
	if a.dropped != nil {
		refusal.Hint("no longer in trust.yaml, but wanted by the root that is signed now: %s; keep below keys in site.yaml until the new root is signed: %s", words.List(a.dropped), entries(a.dropped))
	}
	if a.away != nil {
		refusal.Hint("not held here: %s; where a token here holds one, add below keys in site.yaml: %s; where another site does, below elsewhere with its name", words.List(a.away), entries(a.away))
	}
	if a.dropped != nil || a.away != nil {
		refusal.Hint("of a key that lives in a file, a KMS or on a server, the signature can be brought in: declare it in trust.yaml as NAME: {external: keys/NAME.yaml}")
	}
	return refusal
}

// entries are lines of site.yaml in which the token has to be written.
func entries(keys []string) string { return strings.Join(keys, ": TOKEN, ") + ": TOKEN" }
