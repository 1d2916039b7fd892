package derive

import (
	"errors"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/words"
)

// whyAbsent adds to the error of a quorum that cannot be reached why keys of it are
// not asked to sign: each reason wants something else to be done.
func (d *derivation) whyAbsent(role string, err error) error {
	var refusal *fault.Error
	if !errors.As(err, &refusal) {
		return err
	}
	var other, left, dropped, away []string
	for _, key := range slices.Sorted(slices.Values(scene.Candidates(d.Quorums(role)))) {
		_, here := d.plan.Room.Held[key]
		switch {
		case d.reach(role, key) != nowhere:
		case here && d.otherScheme(role, key):
			other = append(other, key)
		case here:
			left = append(left, key)
		case !slices.Contains(d.Repo.KeyNames, key):
			dropped = append(dropped, key)
		default:
			away = append(away, key)
		}
	}
	for _, key := range other {
		refusal.Hint("%s is held here, but %s lists it with the scheme %s, by which keyrite has no token sign; name a key of another name in its place in trust.yaml",
			key, d.Lister(role), d.Key(role, key).Scheme)
	}
	if other != nil && role == "root" {
		refusal.Hint("the root that is signed now wants its signature once more: take it out of site.yaml, declare it as external: keys/NAME.yaml, sign with the token's own tools, and bring that in")
	}
	if left != nil {
		refusal.Hint("held here, but left out by --signers: %s", words.List(left))
	}
	if dropped != nil {
		refusal.Hint("no longer in trust.yaml, but wanted by the root that is signed now: %s; keep below keys in site.yaml until the new root is signed: %s", words.List(dropped), entries(dropped))
	}
	if away != nil {
		refusal.Hint("not held here: %s; where a token here holds one, add below keys in site.yaml: %s; where another site does, below elsewhere with its name", words.List(away), entries(away))
	}
	if dropped != nil || away != nil {
		refusal.Hint("of a key that lives in a file, a KMS or on a server, the signature can be brought in: declare it in trust.yaml as NAME: {external: keys/NAME.yaml}")
	}
	return refusal
}

// entries are lines of site.yaml in which the token has to be written.
func entries(keys []string) string { return strings.Join(keys, ": TOKEN, ") + ": TOKEN" }
