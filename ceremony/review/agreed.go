package review

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/roles"
)

// Agreed is the consent to one signature.
type Agreed struct {
	reviewed *Reviewed
	name     string
	key      roles.Key
}

// Signing is the step in which a key signs.
type Signing struct {
	Step   int
	Key    string // its name
	Who    string // custodian
	Token  string // name in site.yaml
	Counts string // what the signature counts for, and how far that is
}

// Question is what the custodian of a key is asked before it signs a file. Where
// the hash of the bytes to sign is not known yet, it has blanks.
func Question(file plan.File, sum digest.SHA256, s Signing) room.Question {
	who, first := s.Who, Blank
	if who == "" {
		who = "custodian of " + s.Key
	}
	if !sum.IsZero() {
		first = words.Of(sum[:2])
	}
	return room.Question{
		Step: s.Step, Who: s.Who,
		What: fmt.Sprintf("%s: sign %s %d with %s (token %s).\n  expires  %s\n  counts   %s\n  words    %s",
			who, file.Role, file.Version, s.Key, s.Token, roles.FormatTime(file.Expires), s.Counts, wordsOf(sum)),
		Phrase: fmt.Sprintf("sign %s %d %s", file.Role, file.Version, first),
	}
}

// Agree lets consent decide about one signature. Without an error there was
// consent, and it stands in the transcript.
func (r *Reviewed) Agree(s Signing, consent func(room.Question) error) (*Agreed, error) {
	key, ok := r.signers[s.Key]
	if !ok {
		return nil, fault.Errorf(fault.Usage, "plan.yaml: step %d signs with %s, which no step of the review names", s.Step, s.Key)
	}
	if err := consent(Question(r.file, r.sum, s)); err != nil {
		return nil, err
	}
	return &Agreed{r, s.Key, key}, nil
}

// Public is the public key whose private half is to sign.
func (a *Agreed) Public() roles.Key { return a.key }

// Sign has the token sign. It is the only place that sends metadata to an HSM.
// The key must be, by its value, the one that was frozen at the review; under it
// the signature is verified with the Go standard library.
func (a *Agreed) Sign(ctx context.Context, signer *hsm.Key) (transcript.Signed, error) {
	if err := a.is(signer); err != nil {
		return transcript.Signed{}, err
	}
	value, err := signer.Sign(ctx, a.reviewed.draft.Signed) // which verifies it under that key
	if err != nil {
		return transcript.Signed{}, err
	}
	return transcript.Signed{
		Role: a.reviewed.file.Role, Version: a.reviewed.file.Version, Key: a.name,
		Fingerprint: digest.SHA256(a.key.Fingerprint), SHA256: a.reviewed.sum, Signature: base64.StdEncoding.EncodeToString(value),
	}, nil
}

// is refuses any key but the one that was frozen.
func (a *Agreed) is(signer *hsm.Key) error {
	der, err := x509.MarshalPKIXPublicKey(signer.Public())
	if err != nil {
		return err
	}
	if got := digest.Of(der); got != digest.SHA256(a.key.Fingerprint) {
		return fault.Errorf(fault.Token, "the token has another key than was reviewed; got SHA-256 %s, want %s", got, digest.SHA256(a.key.Fingerprint))
	}
	return nil
}

// Check verifies a signature that was made before: it must sign exactly what was
// reviewed now, by the key of that name as it is now.
func (r *Reviewed) Check(name string, s transcript.Signed) error {
	value, err := r.value(name, s)
	if err != nil {
		return err
	}
	return roles.VerifySignature(r.signers[name], r.draft.Signed, value)
}

// value is a signature that says it is of these bytes by that key.
func (r *Reviewed) value(name string, s transcript.Signed) ([]byte, error) {
	key, ok := r.signers[name]
	switch {
	case !ok:
		return nil, fmt.Errorf("key %s does not sign %s", name, r.file.Role)
	case s.Role != r.file.Role || s.Version != r.file.Version || s.Key != name:
		return nil, fmt.Errorf("is of %s %d by %s, want %s %d by %s", s.Role, s.Version, s.Key, r.file.Role, r.file.Version, name)
	case s.SHA256 != r.sum:
		return nil, fmt.Errorf("signs other bytes; got SHA-256 %s, want %s", s.SHA256, r.sum)
	case s.Fingerprint != digest.SHA256(key.Fingerprint):
		return nil, fmt.Errorf("is by another key; got SHA-256 %s, want %s", s.Fingerprint, digest.SHA256(key.Fingerprint))
	}
	return base64.StdEncoding.Strict().DecodeString(s.Signature)
}

// Seal joins signatures to the file, and counts them as every client will.
func (r *Reviewed) Seal(signatures []transcript.Signed) (*roles.File, error) {
	var list []roles.SignedBy
	for _, s := range signatures {
		value, err := r.value(s.Key, s)
		if err != nil {
			return nil, fault.Errorf(fault.Unverified, "signature by %s: %w", s.Key, err)
		}
		list = append(list, roles.SignedBy{Key: r.signers[s.Key], Value: value})
	}
	data, err := r.draft.Seal(list)
	if err != nil {
		return nil, fault.Errorf(fault.Unverified, "%s: %w", r.file.Path, err)
	}
	file, err := roles.Read(r.draft.Format, r.draft.Type, data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.file.Path, err)
	}
	if !bytes.Equal(file.Signed, r.draft.Signed) {
		return nil, errors.New(r.file.Path + " reads back with other bytes to sign")
	}
	if err := file.VerifySignatures(slices.Collect(maps.Values(r.signers))); err != nil {
		return nil, fault.Errorf(fault.Unverified, "%s: %w", r.file.Path, err)
	}
	return file, r.count(file)
}
