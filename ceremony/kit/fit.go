package kit

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/roles"
)

// Misfit is why a kit cannot be completed, and what can be done about that.
type Misfit struct {
	Misfit MisfitKind `json:"misfit"`
	Key    string     `json:"key,omitempty"` // that it is about, where it is of one
	Why    string     `json:"why"`           // with that, in words
	Hint   string     `json:"hint,omitempty"`
}

// MisfitKind is why a kit cannot be completed, or soon cannot.
type MisfitKind string

// Every MisfitKind.
const (
	Unreadable   MisfitKind = "unreadable"     // the kit
	Unjudged     MisfitKind = "unjudged"       // what it is held against is not sound: the kit may be good
	Foreign      MisfitKind = "other-fleet"    // or another repository, or format
	MovedOn      MisfitKind = "moved-on"       // another root has the version by now
	OtherRoot    MisfitKind = "other-root"     // it follows another one than is signed
	Expired      MisfitKind = "expired"        // its root
	Expiring     MisfitKind = "expires-soon"   // its root: it is to be sealed anew
	SignedTwice  MisfitKind = "signed-already" // a ceremony has signed another root of that version
	OtherTrust   MisfitKind = "other-trust"    // trust.yaml and keys/ make another root
	OtherKey     MisfitKind = "other-key"      // under the name of one that has signed
	BadSignature MisfitKind = "bad-signature"  // by one of its keys
)

// Expires is the misfit of a kit whose root expires soon.
func Expires(at time.Time) Misfit {
	return Misfit{Misfit: Expiring, Why: "its root expires on " + at.Format(time.DateOnly)}
}

// Unread is the misfit of a kit that cannot be read.
func Unread(err error) Misfit { return Misfit{Misfit: Unreadable, Why: err.Error()} }

// NotJudged is the misfit of a kit that nothing sound is there to be held against.
func NotJudged(err error) Misfit { return Misfit{Misfit: Unjudged, Why: err.Error()} }

// Joined are all of them, in words.
func Joined(list []Misfit) string {
	var why []string
	for _, m := range list {
		why = append(why, m.Why)
	}
	return strings.Join(why, "; ")
}

// Unfit says why a kit cannot be completed in a scene, which must be verified: nothing
// where it can. What the kit states counts for nothing here: its root must be the one
// that the scene makes, byte for byte, and its signatures must be of those bytes, by the
// keys of those names.
func Unfit(s *scene.Scene, past *ceremonies.Past, k *Kit, now time.Time) (why []Misfit) {
	say := func(kind MisfitKind, format string, args ...any) {
		why = append(why, Misfit{Misfit: kind, Why: fmt.Sprintf(format, args...)})
	}
	if k.Fleet != s.Trust.Fleet || k.Repository != s.Repo.Name || k.Format != s.Repo.Format {
		say(Foreign, "it is a kit of fleet %s, repository %s (%s)", k.Fleet, k.Repository, k.Format)
		return why
	}
	if has := s.Signed.Version("root"); has+1 != k.Root {
		say(MovedOn, "it holds root %d, and root has moved on to %d", k.Root, has)
		return why
	}
	if got := digest.Of(s.Signed.Root().Signed); got != k.Follows {
		say(OtherRoot, "it follows another root %d; got SHA-256 %s, want %s", k.Root-1, got, k.Follows)
	}
	if !now.Before(k.Expires) {
		say(Expired, "its root has expired on %s", k.Expires.Format(time.DateOnly))
	}
	for _, other := range past.At("root", k.Root) {
		if other.SHA256 != k.SHA256 && other.Kit == "" {
			say(SignedTwice, "%s has signed another root %d", other.Ceremony, k.Root)
		}
	}
	if other := differing(s, k); other != nil {
		why = append(why, *other)
		return why
	}
	return append(why, unsigned(s, k)...)
}

// differing says how the root that trust.yaml declares differs from the one in a kit.
func differing(s *scene.Scene, k *Kit) *Misfit {
	draft, err := rootFor(s, k)
	if err != nil {
		m := NotJudged(err)
		return &m
	}
	if string(draft.Signed) == k.Bytes {
		return nil
	}
	m := &Misfit{Misfit: OtherTrust, Why: "trust.yaml and keys/ do not make the root that it holds: keys, thresholds or custody have changed, or are yet to be declared"}
	for old, instead := range k.Replace {
		if _, declared := s.Repo.Keys[old]; declared {
			m.Hint = fmt.Sprintf("keyrite plan %s --complete %s --rotate has trust.yaml name %s in the place of %s, as the kit has it", k.Repository, k.Name, instead, old)
		}
	}
	return m
}

// rootFor is the root that trust.yaml declares, in the version of a kit and with its
// expiry.
func rootFor(s *scene.Scene, k *Kit) (*roles.Draft, error) {
	body, err := s.Body("root")
	if err != nil {
		return nil, err
	}
	return s.Encode(body, scene.Next{Role: "root", Version: k.Root, Expires: k.Expires, Path: Path(k.Name)})
}

// unsigned are the signatures of a kit that do not count.
func unsigned(s *scene.Scene, k *Kit) (why []Misfit) {
	for _, by := range k.By {
		key, known := s.Ring.Keys[by.Key]
		value, err := base64.StdEncoding.Strict().DecodeString(by.Signature)
		switch {
		case !known || digest.SHA256(key.Fingerprint) != by.Fingerprint:
			why = append(why, Misfit{Misfit: OtherKey, Key: by.Key, Why: fmt.Sprintf("%s, which has signed it, is another key now, or has no record", words.Quote(by.Key))})
		case err != nil || roles.VerifySignature(s.Key("root", by.Key), []byte(k.Bytes), value) != nil:
			why = append(why, Misfit{Misfit: BadSignature, Key: by.Key, Why: "the signature by " + by.Key + " is not good"})
		}
	}
	return why
}

// Refuse is the error of a kit that cannot be completed.
func (k *Kit) Refuse(why []Misfit) error {
	err := &fault.Error{Code: fault.Refused, Err: errors.New(Path(k.Name) + ": " + words.Line(Joined(why)))}
	for _, w := range why {
		if w.Hint != "" {
			err.Hint("%s", w.Hint)
		}
	}
	return err.Hint("a kit that is stale is of no use: plan without it, and seal another one")
}
