// Attribute templates of new keys, from strict to portable: no two modules refuse
// the same attributes. PKCS#11 v3.0 §4.8, §4.9.

package hsm

import (
	"errors"
	"slices"

	"github.com/miekg/pkcs11"
)

// template is a set of attributes for a new pair.
type template struct {
	name            string
	public, private []*pkcs11.Attribute
}

// restored is the name for a pair that came from a backup.
const restored = "restored"

// portable is what every module takes.
func portable(args generateArgs, keyType uint) template {
	a := pkcs11.NewAttribute
	common := []*pkcs11.Attribute{
		a(pkcs11.CKA_KEY_TYPE, keyType), a(pkcs11.CKA_TOKEN, true), a(pkcs11.CKA_ID, args.ID), a(pkcs11.CKA_LABEL, args.Label),
	}
	pair := template{"portable",
		slices.Concat(common, []*pkcs11.Attribute{
			ofClass(pkcs11.CKO_PUBLIC_KEY), a(pkcs11.CKA_PRIVATE, false), a(pkcs11.CKA_VERIFY, true),
		}),
		slices.Concat(common, []*pkcs11.Attribute{
			ofClass(pkcs11.CKO_PRIVATE_KEY), a(pkcs11.CKA_PRIVATE, true), a(pkcs11.CKA_SENSITIVE, true), a(pkcs11.CKA_SIGN, true),
			a(pkcs11.CKA_UNWRAP, false), a(pkcs11.CKA_DERIVE, false), a(pkcs11.CKA_EXTRACTABLE, args.Backup),
		}),
	}
	if args.Backup {
		pair.private = append(pair.private, a(pkcs11.CKA_WRAP_WITH_TRUSTED, true))
	}
	return pair
}

// templates returns what to try, best first. A locked key signs as keyrite does, or a
// service that hashes for itself, and in no other way.
func templates(args generateArgs, keyType uint) []template {
	a := pkcs11.NewAttribute
	base := portable(args, keyType)
	strict := template{"strict",
		slices.Concat(base.public, []*pkcs11.Attribute{
			a(pkcs11.CKA_ENCRYPT, false), a(pkcs11.CKA_WRAP, false), a(pkcs11.CKA_MODIFIABLE, false),
		}),
		slices.Concat(base.private, []*pkcs11.Attribute{
			a(pkcs11.CKA_DECRYPT, false), a(pkcs11.CKA_SIGN_RECOVER, false), a(pkcs11.CKA_MODIFIABLE, false),
		}),
	}
	locked := template{"locked", strict.public, slices.Concat(strict.private, []*pkcs11.Attribute{
		a(pkcs11.CKA_COPYABLE, false), a(pkcs11.CKA_ALLOWED_MECHANISMS, mechanismList(args.Type.mechanisms())),
	})}
	return []template{locked, strict, base}
}

// mechanismList is an array of CK_MECHANISM_TYPE.
func mechanismList(list []mechanism) (value []byte) {
	for _, m := range list {
		value = append(value, pkcs11.NewAttribute(0, uint(m)).Value...)
	}
	return value
}

// spelled returns the templates with what describes the key, in every spelling of
// each before the next one.
func spelled(tries []template, made recipe) (all []template) {
	for _, try := range tries {
		for _, public := range made.public {
			all = append(all, template{try.name, slices.Concat(try.public, public), try.private})
		}
	}
	return all
}

// refusesTemplate reports whether another template, or another spelling of the curve,
// may succeed. A TPM answers CKR_GENERAL_ERROR to an attribute that it does not know.
func refusesTemplate(err error) bool {
	var ckr pkcs11.Error
	return errors.As(err, &ckr) && slices.Contains([]pkcs11.Error{
		pkcs11.CKR_ATTRIBUTE_TYPE_INVALID, pkcs11.CKR_ATTRIBUTE_VALUE_INVALID, pkcs11.CKR_ATTRIBUTE_READ_ONLY,
		pkcs11.CKR_TEMPLATE_INCONSISTENT, pkcs11.CKR_TEMPLATE_INCOMPLETE, pkcs11.CKR_ARGUMENTS_BAD, pkcs11.CKR_GENERAL_ERROR,
		pkcs11.CKR_CURVE_NOT_SUPPORTED, pkcs11.CKR_DOMAIN_PARAMS_INVALID,
	}, ckr)
}
