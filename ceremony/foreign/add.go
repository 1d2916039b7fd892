package foreign

import (
	"crypto"
	"encoding/base64"
	"errors"
	"io/fs"
	"slices"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/review"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/roles"
)

// open is a step that waits for its signature, with what it has to sign.
type open struct {
	step     plan.Step
	reviewed *review.Reviewed
	key      roles.Key
}

// Add takes a signature in: in raw bytes, base64, hexadecimal or JSON, alone or in a
// signed file. It must be of exactly the bytes that a step waits for, by exactly its
// key; key narrows the steps down, "" takes the one that it fits.
func (d *Desk) Add(where string, data []byte, key string) (*transcript.Signed, error) {
	waiting, err := d.waiting(key)
	if err != nil {
		return nil, err
	}
	brought, err := decode(d.Scene.Format, data)
	if err != nil {
		return nil, fault.Errorf(fault.Unverified, "%s: %w", where, err)
	}
	for _, o := range waiting {
		for _, value := range brought.values {
			if brought.covers(o.reviewed.ToSign()) && o.good(value) == nil {
				return d.keep(o, value)
			}
		}
	}
	return nil, fault.Errorf(fault.Unverified, "%s: %w", where, d.refusal(waiting, brought)).
		Hint("keyrite sign-request %s --key %s says what to sign, and how", d.Plan.Ceremony, waiting[0].step.Key)
}

// good verifies a signature, down to the form that every client takes.
func (o *open) good(value []byte) error {
	if err := roles.VerifySignature(o.key, o.reviewed.ToSign(), value); err != nil {
		return err
	}
	return checkSalt(o.key, value)
}

// waiting are the steps without a signature whose bytes are known.
func (d *Desk) waiting(key string) ([]*open, error) {
	steps, err := d.awaited(key)
	if err != nil {
		return nil, err
	}
	var list []*open
	var unknown error
	for _, s := range steps {
		signed, err := d.Workspace.Exists(d.Plan.SignaturePath(d.site.Name, s))
		if err != nil {
			return nil, err
		}
		if signed || d.Placed[s.Role] || d.HasFromOthers(s) {
			continue
		}
		reviewed, err := d.review(s.Role)
		if err != nil {
			unknown = errors.Join(unknown, err)
			continue
		}
		list = append(list, &open{s, reviewed, reviewed.Signer(s.Key)})
	}
	switch {
	case len(list) > 0:
		return list, nil
	case unknown != nil:
		return nil, unknown
	}
	return nil, fault.Errorf(fault.Usage, "%s waits for no signature any more that is brought in", d.Plan.Ceremony).
		Hint("go on: keyrite run %s", d.Plan.Ceremony)
}

// Wait is a signature that a ceremony waits for.
type Wait struct {
	Key    string
	Public crypto.PublicKey
	Bytes  []byte // to sign
}

// Waiting are the signatures that can be made now, and that nobody has brought.
func (d *Desk) Waiting() (list []Wait, err error) {
	waiting, err := d.waiting("")
	if code := fault.CodeOf(err); code == fault.Usage || code == fault.Incomplete {
		return nil, nil // none is asked for, or none can be made yet
	}
	for _, o := range waiting {
		list = append(list, Wait{o.step.Key, o.key.Public, o.reviewed.ToSign()})
	}
	return list, err
}

// keep makes the signature durable where the run of this site looks for it.
func (d *Desk) keep(o *open, value []byte) (*transcript.Signed, error) {
	signed := transcript.Signed{
		Role: o.step.Role, Version: o.step.Version, Key: o.step.Key,
		Fingerprint: digest.SHA256(o.key.Fingerprint), SHA256: o.reviewed.SHA256(),
		Signature: base64.StdEncoding.EncodeToString(value), External: true,
	}
	if err := o.reviewed.Check(o.step.Key, signed); err != nil {
		return nil, err
	}
	data, err := strict.JSON(signed)
	if err != nil {
		return nil, err
	}
	err = d.Workspace.Create(d.Plan.SignaturePath(d.site.Name, o.step), append(data, '\n'))
	if errors.Is(err, fs.ErrExist) {
		return nil, fault.Errorf(fault.Usage, "step %d has its signature already", o.step.Step).Hint("go on: keyrite run %s", d.Plan.Ceremony)
	}
	return &signed, err
}

// others are the keys of the workspace that a signature could be by.
func (d *Desk) others(than roles.Key) []roles.Key {
	var keys []roles.Key
	for _, k := range d.Scene.Ring.Keys {
		if k.Fingerprint != than.Fingerprint {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b roles.Key) int { return slices.Compare(a.Fingerprint[:], b.Fingerprint[:]) })
	return keys
}
