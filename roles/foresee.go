package roles

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"fmt"
	"time"
)

// Foreseen is a metadata file as a repository will serve it: one that is signed, or
// one that has yet to be, whose signatures count as if they were there. It is a type
// of its own, out of which no [File] comes: only a [Vehicle] reads it, and whatever
// verifies what is published finds no good signature in its bytes.
type Foreseen struct {
	file  *File
	bytes int // how many there are, or will be
}

// Foresee is a signed file.
func Foresee(file *File) (*Foreseen, error) {
	if file.published == nil {
		return &Foreseen{file, len(file.Raw)}, nil
	}
	published, err := Read(file.Format, file.Body.Type(), file.Published())
	return &Foreseen{published, len(file.Published())}, err
}

// Foresee is the file that a draft of body will be once these keys have signed it.
func (d *Draft) Foresee(body Body, signers []Key) (*Foreseen, error) {
	file := &File{Format: d.Format, Signed: d.Signed, Body: body, examined: true, message: &message{bytes: d.Signed, verdicts: map[verdict]error{}}}
	var blanks []SignedBy
	for _, k := range signers {
		blank := SignedBy{k, make([]byte, signatureSize(k))}
		blanks = append(blanks, blank)
		file.Signatures = append(file.Signatures, Signature{KeyID: k.ID, Method: d.Format.method(k), Value: blank.Value})
		file.message.verdicts[verdict{k.Fingerprint, k.Scheme, string(blank.Value)}] = nil // of this message alone
	}
	parts, err := d.parts(blanks)
	f := &Foreseen{file: file}
	for _, part := range parts {
		f.bytes += len(part)
	}
	if file.Raw = d.JSON; len(file.Raw) == 0 { // nothing reads it, but it says which file it is
		file.Raw = []byte("{}")
	}
	return f, err
}

// signatureSize is how many bytes a signature has, at most.
func signatureSize(k Key) int {
	switch public := k.Public.(type) {
	case *rsa.PublicKey:
		return public.Size()
	case *ecdsa.PublicKey:
		return 2*((public.Params().BitSize+7)/8+3) + 2 // two integers of DER
	}
	return 64
}

// Remembered is a file of which nothing is known but that a vehicle has it: it was
// signed by the keys of a root, and has this version. Of a snapshot and a timestamp,
// listed are the versions that it states. It does not expire.
func Remembered(f Format, root *Foreseen, t Type, version int64, listed []Meta) (*Foreseen, error) {
	var body Body
	switch t {
	case TypeTimestamp:
		body = &Timestamp{Snapshot: Meta{Name: "snapshot.json", Length: -1}}
		if listed != nil {
			body.(*Timestamp).Snapshot = listed[0]
		}
	case TypeSnapshot:
		body = &Snapshot{Meta: listed}
	case TypeTargets:
		body = &Targets{}
	default:
		return nil, fmt.Errorf("no vehicle remembers a %s", t)
	}
	SetHead(f, body, version, time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC))
	by := rootAuthority(root.file, t)
	return (&Draft{Format: f, Type: t}).Foresee(body, keysByID(by.keys, by.role.KeyIDs))
}

// RememberedDelegate is Remembered for a delegated role, by the keys of the file that
// delegates it; nil where that delegates no such role.
func RememberedDelegate(f Format, from *Foreseen, role string, version int64) (*Foreseen, error) {
	targets, is := from.file.Body.(*Targets)
	if !is {
		return nil, nil
	}
	for _, d := range targets.delegated() {
		if d.Name == role {
			body := &Targets{}
			SetHead(f, body, version, time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC))
			return (&Draft{Format: f, Type: TypeTargets}).Foresee(body, keysByID(targets.Delegations.Keys, d.KeyIDs))
		}
	}
	return nil, nil
}

// Head is what its signed part says of itself.
func (f *Foreseen) Head() *Head { return HeadOf(f.file.Body) }

// Signs says whether the keys of a root meet the threshold of a top-level file.
func (f *Foreseen) Signs(file *Foreseen) bool {
	_, err := rootAuthority(f.file, file.file.Body.Type()).check(file.file)
	return err == nil
}

// Names is the version that a timestamp states of snapshot, or a snapshot of a
// targets role; 0 for none.
func (f *Foreseen) Names(role string) int64 {
	switch b := f.file.Body.(type) {
	case *Timestamp:
		return b.Snapshot.Version
	case *Snapshot:
		if meta := b.Find(role); meta != nil {
			return meta.Version
		}
	}
	return 0
}
