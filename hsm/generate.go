// Generating key pairs: the strictest template that the token takes, read back
// before anybody relies on it.

package hsm

import (
	"slices"

	"github.com/miekg/pkcs11"
)

// generateArgs is a KeySpec on its way to the helper.
type generateArgs struct {
	ID    []byte  `json:"id"`
	Label string  `json:"label"`
	Type  KeyType `json:"type"`

	Backup bool `json:"backup"`

	Template int `json:"template"` // place in templates of the first to try
}

// generated is a new pair, or that a template was refused, and half a pair that
// the attempt left was destroyed: a fresh helper goes on with the template Next.
type generated struct {
	Key  *wireKey `json:"key,omitempty"`
	Next int      `json:"next,omitempty"`
}

// generate makes a pair.
func (t *openToken) generate(args generateArgs, _ []byte) (generated, error) {
	if err := t.needLogin(); err != nil {
		return generated{}, err
	}
	if err := t.checkNew(args); err != nil {
		return generated{}, err
	}
	m, err := t.choose(args.Type)
	if err != nil {
		return generated{}, err
	}
	made := args.Type.recipe()
	if !t.mechanisms[made.mechanism] {
		return generated{}, faultf(ErrUnsupported, "%s keys are not generated: no %s", args.Type, mechanismName(made.mechanism))
	}
	return t.tryTemplates(args, made, templates(args, made.keyType, m))
}

// tryTemplates tries templates from strict to portable, because no two modules
// refuse the same attributes. What a refused attempt left behind is removed
// before the next one, which is then for another helper: see lifetime.
func (t *openToken) tryTemplates(args generateArgs, made recipe, tries []template) (_ generated, err error) {
	gen := []*pkcs11.Mechanism{pkcs11.NewMechanism(made.mechanism, nil)}
	for i := min(max(args.Template, 0), len(tries)-1); i < len(tries); i++ {
		public := slices.Concat(tries[i].public, made.public)
		if _, _, err = t.raw.GenerateKeyPair(t.session, gen, public, tries[i].private); err == nil {
			key, err := t.readBack(args, tries[i].name)
			return generated{Key: &key}, err
		}
		removed, cleanErr := t.removeHalves(args.ID)
		if cleanErr != nil {
			return generated{}, cleanErr
		}
		if !refusesTemplate(err) {
			break
		}
		if removed > 0 && i+1 < len(tries) {
			return generated{Next: i + 1}, nil
		}
	}
	return generated{}, failed("C_GenerateKeyPair", err)
}

// checkNew refuses a label or an id that the token holds already.
func (t *openToken) checkNew(args generateArgs) error {
	if err := checkLabel(args.Label, 64); err != nil {
		return err
	}
	if len(args.ID) != 16 {
		return faultf(ErrUsage, "id; got %d bytes, want 16", len(args.ID))
	}
	for _, attribute := range []*pkcs11.Attribute{withID(args.ID), pkcs11.NewAttribute(pkcs11.CKA_LABEL, args.Label)} {
		found, err := t.objects(attribute)
		if err != nil {
			return err
		}
		if len(found) > 0 {
			return faultf(ErrExists, "%d objects with label %q or id %x are on the token", len(found), args.Label, args.ID)
		}
	}
	return nil
}

// checkLabel refuses what tokens cut, pad or fail to compare.
func checkLabel(label string, most int) error {
	for _, r := range label {
		if r < ' ' || r > '~' {
			return faultf(ErrUsage, "label; got %q, want printable ASCII", label)
		}
	}
	if label == "" || len(label) > most || label[0] == ' ' || label[len(label)-1] == ' ' {
		return faultf(ErrUsage, "label; got %q, want 1 to %d characters without a space at either end", label, most)
	}
	return nil
}

// removeHalves removes what a failed generation may have left, and says how many
// objects that were.
func (t *openToken) removeHalves(id []byte) (int, error) {
	removed, err := t.destroy(id, nil)
	if isKind(err, ErrKeyNotFound) {
		return 0, nil
	}
	return removed, err
}

// readBack loads the new pair and refuses one that is less than was asked for.
func (t *openToken) readBack(args generateArgs, templateName string) (wireKey, error) {
	found, err := t.leftovers(args.ID, nil)
	if err != nil {
		return wireKey{}, err
	}
	if found.Key == nil {
		return wireKey{}, faultf(ErrEvidence, "after generation the token shows %d public and %d private objects with id %x, want 1 and 1",
			found.Public, found.Private, args.ID)
	}
	key := *found.Key
	key.Evidence.Template = templateName
	if e := key.Evidence; e.Sensitive && e.Extractable == args.Backup && (e.WrapWithTrusted || !args.Backup) {
		return key, nil
	}
	err = faultf(ErrEvidence, "the new key is %s; want %s; it was destroyed", key.Evidence.protection(), wantedProtection(args.Backup))
	if _, destroyErr := t.destroy(args.ID, nil); destroyErr != nil {
		err = faultf(ErrEvidence, "the new key is not safe, and destroying it failed (%v): id %x is on the token", destroyErr, args.ID)
	}
	return wireKey{}, err
}
