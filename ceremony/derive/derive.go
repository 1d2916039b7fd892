package derive

import (
	"slices"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/foresight"
	"github.com/uptane/keyrite/ceremony/kit"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/policies"
	"github.com/uptane/keyrite/roles"
)

// Derived is a plan with what it was derived from.
type Derived struct {
	Plan    *plan.Plan // nil when nothing is to be done
	Scene   *scene.Scene
	Changes []roles.Change
	Policy  policies.Result
	Past    *ceremonies.Past // what it was derived beside

	Suppliers []plan.Supplier // what is to be known of them, also when nothing is to be done
}

// derivation is a plan in the making.
type derivation struct {
	*scene.Scene
	past *ceremonies.Past
	plan *plan.Plan
	kit  *kit.Kit       // that is completed; nil for none
	all  []roles.Change // changes of all files
}

// maxFirst is how many changes stand in the plan itself.
const maxFirst = 20

// derive compares trust.yaml with the metadata that is signed now and makes the
// ceremony that makes them equal. blank holds what the plan is asked for and
// nothing else. The same scene, past and request make the same plan. A supplier's new
// file that the policy refuses is passed over, as one that is not signed as it should be.
func derive(s *scene.Scene, past *ceremonies.Past, blank plan.Plan) (*Derived, error) {
	s.In(blank.Room)
	if err := s.Signed.Verify(); err != nil {
		return nil, err
	}
	if blank.Gradual {
		blank.Then = s.Gradually()
	}
	var refusal error // the first, which says all that is wrong
	for {
		derived, err := deriveOnce(s, past, blank)
		if err == nil {
			return derived, nil
		}
		if refusal == nil {
			refusal = err
		}
		if !passOver(s, blank.Room, derived) {
			return nil, refusal
		}
	}
}

func deriveOnce(s *scene.Scene, past *ceremonies.Past, blank plan.Plan) (*Derived, error) {
	d := &derivation{Scene: s, past: past, plan: &blank}
	d.plan.Fleet, d.plan.Format = s.Trust.Fleet, s.Repo.Format
	d.plan.Files, d.plan.Outputs = []plan.File{}, []string{} // lists, also where a key is only destroyed
	d.plan.Custodians, d.plan.Witnesses = s.Repo.Custodians(), s.Trust.People.WitnessKeys
	if err := d.checkRequest(); err != nil {
		return nil, err
	}
	if err := d.openKit(); err != nil {
		return nil, err
	}
	if err := d.considerAll(); err != nil {
		return nil, err
	}
	if d.plan.Emergency == "" { // which publishes nothing
		d.suppliers()
		d.server()
	}
	if err := d.notices(); err != nil {
		return nil, err
	}
	if len(d.plan.Files) == 0 && len(d.plan.Destroy) == 0 {
		return &Derived{Scene: s, Past: past, Suppliers: d.plan.Suppliers}, d.stillStolen()
	}
	if err := d.number(); err != nil {
		return nil, err
	}
	result, err := d.checkPolicy()
	if err != nil {
		return &Derived{Policy: result}, err
	}
	if err := d.vouched(); err != nil {
		return nil, err
	}
	return &Derived{d.plan, s, d.all, result, past, d.plan.Suppliers}, d.sum()
}

// stillStolen refuses to have nothing to do while a stolen key is trusted.
func (d *derivation) stillStolen() error {
	if len(d.plan.Stolen) == 0 {
		return nil
	}
	_, err := d.checkPolicy()
	return err
}

// considerAll considers every role that is signed here, when it is clear that what was
// signed is there and that new keys have a token.
func (d *derivation) considerAll() error {
	here := slices.DeleteFunc(slices.Clone(d.Repo.Order()), d.Served)
	if d.plan.Emergency != "" {
		here = []string{"root"}
	}
	for _, role := range here {
		if err := d.ownLost(role); err != nil {
			return err
		}
		if err := d.remembered(role); err != nil {
			return err
		}
	}
	if err := d.homeless(); err != nil {
		return err
	}
	for _, role := range here {
		if err := d.fileIfDue(role); err != nil {
			return err
		}
	}
	return nil
}

// checkPolicy stops a bad ceremony before a key is touched.
func (d *derivation) checkPolicy() (policies.Result, error) {
	s := &foresight.Subject{Scene: d.Scene, Plan: d.plan, Room: d.plan.Room, Now: d.plan.Created}
	result, err := s.Check()
	if err != nil {
		return result, err
	}
	for _, f := range result.Findings {
		d.plan.Findings = append(d.plan.Findings, transcript.FindingOf(f))
	}
	return result, scene.RefusedBy(result)
}

// sum states the changes: the first of them, and the hash of all.
func (d *derivation) sum() error {
	data, err := plan.EncodeChanges(d.all)
	d.plan.Changes = plan.Changes{Count: len(d.all), SHA256: digest.Of(data), First: slices.Clone(d.all[:min(maxFirst, len(d.all))])}
	return err
}

func (d *derivation) checkRequest() error {
	for flag, names := range map[string][]string{"renew": d.plan.Renew, "later": d.plan.Later} {
		for _, role := range names {
			if !slices.Contains(d.Repo.Order(), role) {
				return fault.Errorf(fault.Usage, "--%s %s: no such role in repository %s; want one of %s", flag, role, d.Repo.Name, words.List(d.Repo.Order())).Suggest(role, d.Repo.Order())
			}
		}
	}
	for _, key := range d.plan.Destroy {
		if err := d.mayDestroy(key); err != nil {
			return err
		}
	}
	if err := d.mayBeKit(); err != nil {
		return err
	}
	if _, err := d.Losses(d.plan.Stolen, d.plan.Lost); err != nil {
		return err
	}
	for _, key := range d.plan.Signers {
		if d.Ring.Keys[key].ID == "" {
			return fault.Errorf(fault.Usage, "--signers %s: no such key in repository %s; want some of %s", key, d.Repo.Name, words.List(d.Repo.KeyNames)).Suggest(key, d.Repo.KeyNames)
		}
	}
	return nil
}

// number puts key generation in front, destruction last, when the repository has
// been verified without those keys, and gives every step its number.
func (d *derivation) number() error {
	var generate []plan.Step
	for _, name := range d.Repo.KeyNames {
		if d.Ring.Planned(name) {
			generate = append(generate, plan.Step{Do: plan.Generate, Key: name, Type: d.Repo.Keys[name].Type, Backup: d.Repo.Keys[name].Backup})
		}
	}
	d.plan.Steps = append(generate, d.plan.Steps...)
	if d.plan.Emergency == "" {
		d.plan.Steps = append(d.plan.Steps, plan.Step{Do: plan.Verify})
	}
	for _, name := range d.plan.Destroy {
		d.plan.Steps = append(d.plan.Steps, plan.Step{Do: plan.Destroy, Key: name})
	}
	d.locate()
	for i := range d.plan.Steps {
		s := &d.plan.Steps[i]
		s.Step = i + 1
		if output := s.Output(); output != "" {
			d.plan.Outputs = append(d.plan.Outputs, output)
		}
	}
	d.plan.Ledgers = ledgersOf(d.plan.Steps, d.Ring.Record)
	return nil
}
