// What lies on a token under the id of a key, whole or in halves, and destroying it.

package hsm

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/miekg/pkcs11"
)

// begunArgs is a generation that was begun: its id, and where the label may be
// looked for too, that.
type begunArgs struct {
	ID    []byte `json:"id"`
	Label string `json:"label,omitempty"`
}

// wireLeftovers is what the token holds of a generation.
type wireLeftovers struct {
	ID      []byte   `json:"id"`
	Public  int      `json:"public"`
	Private int      `json:"private"`
	Key     *wireKey `json:"key,omitempty"`
}

// leftovers looks for what an interrupted generation may have left: under its id,
// and where there is nothing under its label, since a token may give ids of its own.
func (t *openToken) leftovers(args begunArgs, _ []byte) (wireLeftovers, error) {
	left, err := t.begun(args)
	if err != nil {
		return wireLeftovers{}, err
	}
	found := wireLeftovers{ID: args.ID, Public: len(left.publics), Private: len(left.privates)}
	if objects := slices.Concat(left.privates, left.publics); len(objects) > 0 {
		a, err := t.attributes(objects[0], pkcs11.CKA_ID)
		if err != nil {
			return wireLeftovers{}, err
		}
		found.ID = a[pkcs11.CKA_ID]
	}
	if len(left.publics) == 1 && len(left.privates) == 1 {
		key, err := t.pair(objectPair{left.publics[0], left.privates[0]})
		if err != nil {
			return wireLeftovers{}, err
		}
		found.Key = &key
	}
	return found, nil
}

// begun finds the keys under an id, and where there are none, those under a label.
func (t *openToken) begun(args begunArgs) (found, error) {
	f, err := t.under(args.ID)
	if err == nil && args.Label != "" && f.keys() == 0 {
		f, err = t.with(pkcs11.CKA_LABEL, []byte(args.Label))
	}
	return f, err
}

// under finds the keys under an id.
func (t *openToken) under(id []byte) (found, error) {
	if err := t.needLogin(); err != nil {
		return found{}, err
	}
	if len(id) == 0 {
		return found{}, faultf(ErrUsage, "the id is empty")
	}
	return t.with(pkcs11.CKA_ID, id)
}

// destroy removes both halves, or the one half there is, and makes sure that
// they are gone.
func (t *openToken) destroy(id []byte, _ []byte) (int, error) {
	there, err := t.under(id)
	if err != nil {
		return 0, err
	}
	objects := slices.Concat(there.privates, there.publics)
	if len(objects) == 0 {
		return 0, faultf(ErrKeyNotFound, "no object with id %x", id)
	}
	if destroyed, err := t.destroyObjects(objects); err != nil {
		return destroyed, err
	}
	if there, err = t.under(id); err != nil {
		return len(objects), err
	}
	if left := there.keys(); left > 0 {
		return len(objects), faultf(ErrFailed, "%d objects with id %x are still on the token", left, id)
	}
	return len(objects), nil
}

// destroyObjects destroys objects and says how many.
func (t *openToken) destroyObjects(objects []pkcs11.ObjectHandle) (int, error) {
	clear(t.pairs)
	t.names = nil
	for i, object := range objects {
		if err := t.raw.DestroyObject(t.session, object); err != nil {
			return i, withText(failed("C_DestroyObject", err), fmt.Sprintf("after %d of %d objects were destroyed", i, len(objects)))
		}
	}
	return len(objects), nil
}

// removeHalves removes what a failed generation may have left, under its id or, as
// no object had it before, its label. It says how many objects that were.
func (t *openToken) removeHalves(args generateArgs) (int, error) {
	left, err := t.begun(begunArgs{args.ID, args.Label})
	if err != nil {
		return 0, err
	}
	return t.destroyObjects(slices.Concat(left.privates, left.publics))
}

// isOther reports whether one of the handles is that of an older object, as in a module
// that hands them out again: no object had this id or label before.
func (t *openToken) isOther(args generateArgs, made objectPair) (bool, error) {
	for _, object := range []pkcs11.ObjectHandle{made.private, made.public} {
		a, err := t.attributes(object, pkcs11.CKA_ID, pkcs11.CKA_LABEL)
		if err != nil || !bytes.Equal(a[pkcs11.CKA_ID], args.ID) && string(a[pkcs11.CKA_LABEL]) != args.Label {
			return true, err
		}
	}
	return false, nil
}

// destroyMade destroys a new pair by its handles, or where they are not its own by id
// and label.
func (t *openToken) destroyMade(args generateArgs, made objectPair) error {
	other, err := t.isOther(args, made)
	switch {
	case err != nil:
		return err
	case other:
		_, err = t.removeHalves(args)
	default:
		_, err = t.destroyObjects([]pkcs11.ObjectHandle{made.private, made.public})
	}
	return err
}
