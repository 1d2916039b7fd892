package derive

import (
	"slices"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/declare"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/kit"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// An emergency kit is planned from trust.yaml as it would be once keys are replaced. What
// it signs stays below every threshold: of the old root, and of its own.

// TrustOf is trust.yaml as a request means it.
func TrustOf(ws *workspace.Workspace, r plan.Request) (*workspace.Trust, error) {
	return workspace.View{Files: declare.Replacing(ws.Folder, r.Repository, r.Replace)}.Trust()
}

// nameFree refuses to plan a kit under a name that another one has.
func nameFree(files workspace.Files, name string) error {
	names, err := kit.Names(files)
	if err == nil && slices.Contains(names, name) {
		return fault.Errorf(fault.Usage, "--emergency %s: %s is there already", name, kit.Path(name)).
			Hint("give the new kit another name; one that is of no use any more is destroyed, on paper too: rm %s", kit.Path(name))
	}
	return err
}

// mayBeKit refuses what a kit cannot be asked for.
func (d *derivation) mayBeKit() error {
	p := d.plan
	switch {
	case p.Emergency == "" && len(p.Replace) > 0:
		return fault.Errorf(fault.Usage, "--replace is for --emergency; what is meant now stands in trust.yaml")
	case p.Emergency == "":
		return nil
	case kit.CheckName(p.Emergency) != nil:
		return fault.Errorf(fault.Usage, "--emergency %w", kit.CheckName(p.Emergency))
	case len(p.Renew)+len(p.Later)+len(p.Destroy) > 0 || p.Gradual || p.Complete != "":
		return fault.Errorf(fault.Usage, "--emergency goes with --replace, --stolen, --lost, --signers, --override and --reason only")
	case d.Signed.Root() == nil:
		return fault.Errorf(fault.Incomplete, "%s: nothing is signed yet; a kit holds the root that comes after", d.Repo.Name).Hint("make the first root: keyrite plan %s", d.Repo.Name)
	}
	return nil
}

// presigners are the keys that sign a kit: those of --signers, or as many as there are,
// but of each threshold one less than it wants.
func (d *derivation) presigners(quorums []scene.Quorum, reached func(key string) reach) ([]signer, error) {
	c := choice{quorums: quorums, count: make([]int, len(quorums))}
	for _, q := range quorums {
		if q.Threshold < 2 {
			return nil, fault.Errorf(fault.Refused, "root: the threshold of %s is 1: whoever had the kit could publish it with one signature, or with none", q.Name).
				Hint("raise the threshold first")
		}
	}
	may := func(key string) bool {
		at := reached(key)
		return (at == onToken || at == atSite) && !slices.Contains(d.plan.Stolen, key)
	}
	if len(d.plan.Signers) == 0 {
		c.choose(func(key string) bool { return may(key) && c.below(key) }, false)
	}
	for _, key := range d.plan.Signers {
		switch {
		case len(countsFor(quorums, key)) == 0:
			return nil, fault.Errorf(fault.Usage, "--signers %s: its signature counts neither for the root that is signed now nor for the next one", key)
		case !may(key):
			return nil, fault.Errorf(fault.Refused, "--signers %s: no token here or at another site signs with it", key)
		case !c.below(key):
			return nil, fault.Errorf(fault.Refused, "--signers %s: a kit stays below every threshold, and with %s it would reach one", words.List(d.plan.Signers), key).
				Hint("leave one of them out: whoever gets the kit in his hands must need at least one more of you")
		}
		c.choose(func(other string) bool { return other == key }, false)
	}
	if len(c.chosen) == 0 {
		return nil, fault.Errorf(fault.Refused, "root: no key that could sign the kit is held here, nor at another site")
	}
	return c.chosen, d.completable(quorums)
}

// below says whether all thresholds stay unreached when a key signs too.
func (c *choice) below(key string) bool {
	return !slices.ContainsFunc(countsFor(c.quorums, key), func(i int) bool { return c.count[i]+1 >= c.quorums[i].Threshold })
}

// completable refuses a kit that nobody could complete on the day.
func (d *derivation) completable(quorums []scene.Quorum) error {
	for _, q := range quorums {
		left := slices.DeleteFunc(slices.Clone(q.Keys), d.plan.Gone)
		if len(left) < q.Threshold {
			return fault.Errorf(fault.Refused, "root: %s wants %d signatures, and only %s are left without %s: nobody could complete such a kit",
				q.Name, q.Threshold, words.List(left), words.List(slices.Concat(d.plan.Stolen, d.plan.Lost)))
		}
	}
	return nil
}

// burnt refuses to sign a version of root again that was signed before, wholly or in part:
// other bytes of it may be somewhere. A kit is sealed by keys that have not signed that
// version, and completed over its own bytes; otherwise a person says why.
func (d *derivation) burnt(next int64, newest ceremonies.Signature, signers []signer) error {
	if newest.Version > next {
		return d.signedAlready(newest)
	}
	var others []ceremonies.Signature
	for _, s := range d.past.At("root", next) {
		same := d.kit != nil && s.SHA256 == d.kit.SHA256
		apart := d.plan.Emergency != "" && !slices.ContainsFunc(signers, func(by signer) bool { return d.signed(s, by.key) })
		if !same && !apart {
			others = append(others, s)
		}
	}
	for _, s := range others {
		switch {
		case d.plan.Override == "":
			return d.signedAlready(s)
		case s.Kit != "" && !slices.Contains(d.plan.Void, s.Kit):
			d.plan.Void = append(d.plan.Void, s.Kit)
		}
	}
	return nil
}

// signed says whether a key signed what a ceremony marked.
func (d *derivation) signed(s ceremonies.Signature, key string) bool {
	print := digest.SHA256(d.Ring.Keys[key].Fingerprint)
	return slices.ContainsFunc(s.By, func(by transcript.MarkedKey) bool { return by.Key == print })
}

func (d *derivation) signedAlready(s ceremonies.Signature) error {
	if s.Kit == "" {
		return fault.Errorf(fault.Refused, "root %d was signed already (%s) and is not in place; its bytes had SHA-256 %s", s.Version, s.Ceremony, s.SHA256).
			Hint("if no vehicle and no server can have that file: keyrite plan %s --override REASON", d.Repo.Name)
	}
	return fault.Errorf(fault.Refused, "root %d is signed in part: the emergency kit %s holds it (%s)", s.Version, s.Kit, s.Ceremony).
		Hint("if this is the emergency: keyrite plan %s --complete %s", d.Repo.Name, s.Kit).
		Hint("to give the kit up: destroy its file and paper, then keyrite plan %s --override REASON; what was signed for it stays signed, and tokens remember it", d.Repo.Name)
}

// openKit reads the kit that is completed, and refuses one that does not fit.
func (d *derivation) openKit() error {
	if d.plan.Complete == "" {
		return nil
	}
	if slices.Contains(d.plan.Later, "root") || d.plan.Gradual {
		return fault.Errorf(fault.Usage, "--complete: the kit says what root is; --gradual and --later root do not go with it")
	}
	k, err := kit.Read(d.Files, d.plan.Complete)
	if err != nil {
		return err
	}
	if err := d.fits(k); err != nil {
		return err
	}
	d.kit = k
	return nil
}

// fits refuses a kit that cannot be completed. In a rehearsal, whose keys are others, its
// signatures are played.
func (d *derivation) fits(k *kit.Kit) error {
	if d.Signed.Rehearsal != nil {
		return nil
	}
	if why := kit.Unfit(d.Scene, d.past, k, d.plan.Created); why != nil {
		return k.Refuse(why)
	}
	return nil
}

// completers are the keys that have signed the kit, whose signatures are brought in, and
// the fewest besides that meet every threshold.
func (d *derivation) completers(quorums []scene.Quorum, reached func(key string) reach) ([]signer, error) {
	c := choice{quorums: quorums, count: make([]int, len(quorums))}
	c.choose(func(key string) bool { _, has := d.kit.SignedBy(key); return has }, true)
	for i := range c.chosen {
		c.chosen[i].sealed = true
	}
	return c.fill("root", reached)
}

// otherRoot refuses to seal the root that there is: no emergency is met by it.
func (d *derivation) otherRoot() error {
	body, err := d.Body("root")
	if err != nil {
		return err
	}
	old := roles.HeadOf(d.Signed.RootBody())
	roles.SetHead(d.Format, body, old.Version, old.Expires)
	if !slices.ContainsFunc(d.ChangesOf("root", body), deliberate) {
		return fault.Errorf(fault.Usage, "--emergency %s: the next root would be as this one; want --stolen, --lost or --replace: which keys does it replace?", d.plan.Emergency)
	}
	return nil
}
