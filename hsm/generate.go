// Generating key pairs: the strictest template that the token takes, read back
// before anybody relies on it.

package hsm

import (
	"crypto/x509"
	"fmt"

	"github.com/miekg/pkcs11"
)

// generateArgs is a KeySpec on its way to the helper.
type generateArgs struct {
	ID    []byte  `json:"id"`
	Label string  `json:"label"`
	Type  KeyType `json:"type"`

	Backup   bool `json:"backup"`
	Unproven bool `json:"unproven,omitempty"`

	Template int `json:"template"` // place of the first to try, among the templates in every spelling
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
	if err := t.loadMechanisms(); err != nil {
		return generated{}, err
	}
	made := args.Type.recipe()
	if !t.mechanisms[made.mechanism] {
		return generated{}, faultf(ErrUnsupported, "%s keys are not generated: no %s", args.Type, mechanismName(made.mechanism))
	}
	return t.tryTemplates(args, made.mechanism, spelled(templates(args, made.keyType), made))
}

// tryTemplates tries templates from strict to portable, because no two modules
// refuse the same attributes. What a refused attempt left behind is removed
// before the next one, which is then for another helper: see lifetime.
func (t *openToken) tryTemplates(args generateArgs, mechanism uint, tries []template) (_ generated, err error) {
	gen := []*pkcs11.Mechanism{pkcs11.NewMechanism(mechanism, nil)}
	for i := min(max(args.Template, 0), len(tries)-1); i < len(tries); i++ {
		var pair objectPair
		if pair.public, pair.private, err = t.raw.GenerateKeyPair(t.session, gen, tries[i].public, tries[i].private); err == nil {
			key, err := t.readBack(args, tries[i].name, pair)
			return generated{Key: &key}, err
		}
		removed, cleanErr := t.removeHalves(args)
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
	err = failed("C_GenerateKeyPair", err)
	if isKind(err, ErrNotLoggedIn) {
		err = withHint(err, "some tokens, such as OpenPGP cards, make keys for their security officer only: make this one with the token's own tool. "+
			"Others have lost the login: run the same command again")
	}
	return generated{}, err
}

// checkNew refuses a label or an id that the token holds already, and a token that
// takes nothing new.
func (t *openToken) checkNew(args generateArgs) error {
	if err := t.raw.writing(); err != nil {
		return err
	}
	if err := checkLabel(args.Label, 64); err != nil {
		return err
	}
	if len(args.ID) != 16 {
		return faultf(ErrUsage, "id; got %d bytes, want 16", len(args.ID))
	}
	n, err := t.taken(args)
	if err == nil && n > 0 {
		err = faultf(ErrExists, "%d objects with label %q or id %x are on the token", n, args.Label, args.ID)
	}
	return err
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

// readBack finds a new pair by the very path that signing uses, and refuses one that
// is not found or is less than was asked for: such a pair is destroyed. Its id may be
// one of the token's own.
func (t *openToken) readBack(args generateArgs, templateName string, made objectPair) (wireKey, error) {
	key, err := t.foundAgain(args, made)
	if err == nil {
		key.Evidence.Template = templateName
		err = judgeNew(args, key.Evidence)
	}
	if err == nil {
		return key, nil
	}
	if destroyErr := t.destroyMade(args, made); destroyErr != nil {
		return wireKey{}, t.stillThere(args, err, destroyErr)
	}
	return wireKey{}, adding(err, "the new pair was destroyed")
}

// foundAgain finds the pair of two new objects as signing will.
func (t *openToken) foundAgain(args generateArgs, made objectPair) (wireKey, error) {
	other, err := t.isOther(args, made)
	if err == nil && other {
		err = faultf(ErrEvidence, "the handles that the token gave for the new pair are those of another")
	}
	if err != nil {
		return wireKey{}, err
	}
	key, err := t.pair(made)
	if err != nil {
		return wireKey{}, err
	}
	pub, err := x509.ParsePKIXPublicKey(key.SPKI)
	if err != nil {
		return wireKey{}, faultf(ErrFailed, "%v", err)
	}
	again, under, err := t.seekMade(pub, made)
	if isKind(err, ErrKeyNotFound) || isKind(err, ErrAmbiguous) {
		return wireKey{}, withHint(faultf(ErrUnsupported, "the token does not find the pair again that it has just made: %v", err),
			"keys of this module cannot be used; make them with the vendor's tool, and try `keyrite key list`, or take another module")
	}
	if err != nil {
		return wireKey{}, err
	}
	if len(under.publics) != 1 {
		return wireKey{}, faultf(ErrEvidence, "after generation the token shows %d public and %d private objects with id %x, want 1 and 1",
			len(under.publics), len(under.privates), key.ID)
	}
	if again != made { // other handles of the same objects
		if key, err = t.pair(again); err != nil {
			return wireKey{}, err
		}
	}
	t.pairs[string(key.SPKI)] = key
	t.names.add(key.ID, key.Label)
	return key, nil
}

// judgeNew refuses a new key that is less than was asked for, and one of which the
// token does not say so, unless what it is for wants no evidence.
func judgeNew(args generateArgs, e Evidence) error {
	if !e.Sensitive || e.Extractable != args.Backup || args.Backup && !e.WrapWithTrusted {
		return withHint(faultf(ErrEvidence, "the new key is %s; want %s", e.protection(), wantedProtection(args.Backup)),
			"the token grants less than it was asked for, whatever the key; take another token")
	}
	if args.Unproven || e.Template == restored || e.Local && (e.NeverExtractable || args.Backup) {
		return nil
	}
	return withHint(faultf(ErrEvidence, "the token does not say that the new key was made in it and never leaves; got local: %v, never extractable: %v",
		e.Local, e.NeverExtractable),
		"the module gives no evidence of where its keys are made, whatever the key (NSS is one): take another token. "+
			"Such keys are made for roles of trust.yaml whose policy wants no evidence (keyrite policy show), such as those of an online service")
}

// stillThere says that a pair which cannot be used is on the token.
func (t *openToken) stillThere(args generateArgs, err, destroyErr error) error {
	return adding(err, fmt.Sprintf("destroying the new pair failed (%v): objects with label %q or id %x are on the token", destroyErr, args.Label, args.ID))
}
