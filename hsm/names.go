// Which ids and labels a token has: what is to be made gets neither.

package hsm

import "github.com/miekg/pkcs11"

// names count the objects of a token by their ids and labels.
type names map[string]int

func (n names) add(id []byte, label string) {
	if n != nil {
		n["id "+string(id)]++
		n["label "+label]++
	}
}

// taken counts the objects, of whatever class, that have the id or the label of a new
// key. For the first key of a lifetime it searches. Who makes several may make many:
// then the names of all objects are read once, which costs as much as a few searches do.
func (t *openToken) taken(args generateArgs) (int, error) {
	if !t.raw.made {
		return t.searchNames(withID(args.ID), pkcs11.NewAttribute(pkcs11.CKA_LABEL, args.Label))
	}
	if err := t.readNames(); err != nil {
		return 0, err
	}
	return max(t.names["id "+string(args.ID)], t.names["label "+args.Label]), nil
}

func (t *openToken) searchNames(wanted ...*pkcs11.Attribute) (int, error) {
	for _, name := range wanted {
		there, err := t.with(name.Type, name.Value)
		if n := there.keys() + len(there.others); n > 0 || err != nil {
			return n, err
		}
	}
	return 0, nil
}

// readNames reads the names of all objects, once in a lifetime that destroys nothing.
func (t *openToken) readNames() error {
	if t.names != nil {
		return nil
	}
	objects, err := t.objects()
	if err != nil {
		return err
	}
	read := names{}
	for _, object := range objects {
		a, err := t.attributes(object, pkcs11.CKA_ID, pkcs11.CKA_LABEL)
		if err != nil {
			return err
		}
		read.add(a[pkcs11.CKA_ID], unpadded(string(a[pkcs11.CKA_LABEL])))
	}
	t.names = read
	return nil
}
