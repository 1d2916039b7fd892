// Generating key pairs: the strictest template that the token takes, read back
// before anybody relies on it.

package hsm

import (
	"errors"
	"fmt"
	"slices"

	"github.com/miekg/pkcs11"
)

// ckaAllowedMechanisms limits a key to mechanisms; miekg/pkcs11 has the number
// but no encoding for the array.
const ckaAllowedMechanisms = pkcs11.CKA_ALLOWED_MECHANISMS

// template is a set of attributes for a new pair.
type template struct {
	name            string
	public, private []*pkcs11.Attribute
}

// generateArgs is a KeySpec on its way to the helper.
type generateArgs struct {
	ID    []byte  `json:"id"`
	Label string  `json:"label"`
	Type  KeyType `json:"type"`
}

// generate makes a pair. Templates are tried from strict to portable, because
// no two modules refuse the same attributes; what a refused attempt may have
// left behind is removed before the next one.
func (t *openToken) generate(args generateArgs, _ []byte) (wireKey, error) {
	if err := t.needLogin(); err != nil {
		return wireKey{}, err
	}
	if err := t.checkNew(args); err != nil {
		return wireKey{}, err
	}
	m, err := t.choose(args.Type)
	if err != nil {
		return wireKey{}, err
	}
	made := args.Type.recipe()
	if !t.mechanisms[made.mechanism] {
		return wireKey{}, faultf(ErrUnsupported, "%s keys are not generated: no %s", args.Type, mechanismName(made.mechanism))
	}
	gen := []*pkcs11.Mechanism{pkcs11.NewMechanism(made.mechanism, nil)}
	for _, try := range templates(args, made, m) {
		if _, _, err = t.raw.GenerateKeyPair(t.session, gen, try.public, try.private); err == nil {
			return t.readBack(args, try.name)
		}
		if err := t.removeHalves(args.ID); err != nil {
			return wireKey{}, err
		}
		if !refusesTemplate(err) {
			break
		}
	}
	return wireKey{}, failed("C_GenerateKeyPair", err)
}

// templates returns what to try, best first.
func templates(args generateArgs, made recipe, m mechanism) []template {
	a := pkcs11.NewAttribute
	common := []*pkcs11.Attribute{
		a(pkcs11.CKA_KEY_TYPE, made.keyType), a(pkcs11.CKA_TOKEN, true),
		a(pkcs11.CKA_ID, args.ID), a(pkcs11.CKA_LABEL, args.Label),
	}
	portable := template{"portable",
		slices.Concat(common, made.public, []*pkcs11.Attribute{
			ofClass(pkcs11.CKO_PUBLIC_KEY), a(pkcs11.CKA_PRIVATE, false), a(pkcs11.CKA_VERIFY, true),
		}),
		slices.Concat(common, []*pkcs11.Attribute{
			ofClass(pkcs11.CKO_PRIVATE_KEY), a(pkcs11.CKA_PRIVATE, true), a(pkcs11.CKA_SENSITIVE, true),
			a(pkcs11.CKA_EXTRACTABLE, false), a(pkcs11.CKA_SIGN, true), a(pkcs11.CKA_UNWRAP, false), a(pkcs11.CKA_DERIVE, false),
		}),
	}
	strict := template{"strict",
		slices.Concat(portable.public, []*pkcs11.Attribute{
			a(pkcs11.CKA_ENCRYPT, false), a(pkcs11.CKA_WRAP, false), a(pkcs11.CKA_MODIFIABLE, false),
		}),
		slices.Concat(portable.private, []*pkcs11.Attribute{
			a(pkcs11.CKA_DECRYPT, false), a(pkcs11.CKA_SIGN_RECOVER, false), a(pkcs11.CKA_MODIFIABLE, false),
		}),
	}
	locked := template{"locked", strict.public, slices.Concat(strict.private, []*pkcs11.Attribute{
		a(pkcs11.CKA_COPYABLE, false), a(ckaAllowedMechanisms, uint(m)),
	})}
	return []template{locked, strict, portable}
}

// refusesTemplate reports whether another template may succeed. A TPM answers
// CKR_GENERAL_ERROR to an attribute that it does not know.
func refusesTemplate(err error) bool {
	var ckr pkcs11.Error
	return errors.As(err, &ckr) && slices.Contains([]pkcs11.Error{
		pkcs11.CKR_ATTRIBUTE_TYPE_INVALID, pkcs11.CKR_ATTRIBUTE_VALUE_INVALID, pkcs11.CKR_ATTRIBUTE_READ_ONLY,
		pkcs11.CKR_TEMPLATE_INCONSISTENT, pkcs11.CKR_TEMPLATE_INCOMPLETE, pkcs11.CKR_ARGUMENTS_BAD, pkcs11.CKR_GENERAL_ERROR,
	}, ckr)
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

// removeHalves removes what a failed generation may have left.
func (t *openToken) removeHalves(id []byte) error {
	_, err := t.destroy(id, nil)
	var f *fault
	if errors.As(err, &f) && f.kind == ErrKeyNotFound {
		return nil
	}
	return err
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
	if key.Evidence.Sensitive && !key.Evidence.Extractable {
		return key, nil
	}
	err = faultf(ErrEvidence, "the new key is sensitive: %v, extractable: %v; want true, false; it was destroyed",
		key.Evidence.Sensitive, key.Evidence.Extractable)
	if _, destroyErr := t.destroy(args.ID, nil); destroyErr != nil {
		err = faultf(ErrEvidence, "the new key is not safe, and destroying it failed (%v): id %x is on the token", destroyErr, args.ID)
	}
	return wireKey{}, err
}

// countText says how far a series of irreversible steps went.
func countText(done, all int) string {
	return fmt.Sprintf("after %d of %d objects were destroyed", done, all)
}
