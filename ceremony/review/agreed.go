package review

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/transcript"
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
	Key    string   // its name
	Who    string   // custodian
	Name   string   // of the person, by the roll-call
	Token  string   // name in site.yaml
	Signed []string // the keys that have signed the file
}

// person is who is asked: by name, and by post.
func (s Signing) person() string {
	switch who := s.Who; {
	case s.Name == "" || strings.EqualFold(s.Name, who):
		return who
	default:
		return s.Name + ", " + who
	}
}

// Question is what the custodian of a key is asked before it signs a file.
func (c Content) Question(s Signing) room.Question {
	card := screen.Card{Title: fmt.Sprintf("%s: token %s is asked for your signature.", s.person(), s.Token), Sum: c.SHA256}
	card.Facts = append(c.about(), c.progress(s)...)
	return room.Question{
		Step: s.Step, Who: s.Who, Name: s.Name, Phrase: fmt.Sprintf("sign %s %d with %s", c.File.Role, c.File.Version, s.Key),
		Card: card, Details: c.Details, Sum: c.SHA256,
	}
}

// progress is who has signed and who is missing, for each threshold.
func (c Content) progress(s Signing) (facts []screen.Fact) {
	for _, q := range c.Quorums {
		asked := c.signers(q)
		has := slices.DeleteFunc(slices.Clone(asked), func(key string) bool { return !slices.Contains(s.Signed, key) })
		then := slices.DeleteFunc(slices.Clone(asked), func(key string) bool { return key == s.Key || slices.Contains(s.Signed, key) })
		facts = append(facts, screen.Fact{Name: q.Name, Value: progressOf(q, s.Key, has, then, slices.Contains(asked, s.Key))})
	}
	return facts
}

func progressOf(q scene.Quorum, key string, has, then []string, counts bool) (spans []screen.Span) {
	for _, name := range has {
		spans = append(spans, screen.Span{Text: "✓ " + name, Style: screen.Good}, screen.Span{Text: "  "})
	}
	text := fmt.Sprintf("%s makes it %d of %d", key, len(has)+1, q.Threshold)
	if !counts {
		text = fmt.Sprintf("%d of %d; %s does not count for it", len(has), q.Threshold, key)
	}
	if len(then) > 0 {
		text += ", then " + strings.Join(then, ", ")
	}
	return append(spans, screen.Span{Text: text})
}

// Agree lets consent decide about one signature. Without an error there was
// consent, and it stands in the transcript.
func (r *Reviewed) Agree(s Signing, consent func(room.Question) error) (*Agreed, error) {
	key, ok := r.signers[s.Key]
	if !ok {
		return nil, fault.Errorf(fault.Usage, "plan.yaml: step %d signs with %s, which no step of the review names", s.Step, s.Key)
	}
	if err := consent(r.content.Question(s)); err != nil {
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
	draft := a.reviewed.draft
	value, err := signer.SignVerified(ctx, draft.Signed, func(signature []byte) error { return draft.Verify(a.key, signature) })
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
	return r.draft.Verify(r.signers[name], value)
}

// Check verifies a signature before anything was reviewed here: it says no more than
// that it is of these bytes, by this key.
func (c *Candidate) Check(key roles.Key, s transcript.Signed) error {
	value, err := c.valueBy(key, s)
	if err != nil {
		return err
	}
	return c.draft.Verify(key, value)
}

// value is a signature that says it is of these bytes by that key.
func (r *Reviewed) value(name string, s transcript.Signed) ([]byte, error) {
	key, ok := r.signers[name]
	switch {
	case !ok:
		return nil, fmt.Errorf("key %s does not sign %s", name, r.file.Role)
	case s.Key != name:
		return nil, fmt.Errorf("is by %s, want %s", s.Key, name)
	}
	return r.valueBy(key, s)
}

// valueBy is a signature that says it is of these bytes by a key of that value.
func (c *Candidate) valueBy(key roles.Key, s transcript.Signed) ([]byte, error) {
	switch {
	case s.Role != c.file.Role || s.Version != c.file.Version:
		return nil, fmt.Errorf("is of %s %d, want %s %d", s.Role, s.Version, c.file.Role, c.file.Version)
	case s.SHA256 != c.sum:
		return nil, fmt.Errorf("signs other bytes; got SHA-256 %s, want %s", s.SHA256, c.sum)
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
	file, err := r.draft.ReadBack(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.file.Path, err)
	}
	if err := file.VerifySignatures(slices.Collect(maps.Values(r.signers))); err != nil {
		return nil, fault.Errorf(fault.Unverified, "%s: %w", r.file.Path, err)
	}
	return file, r.count(file)
}
