package review

import (
	"errors"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

// TestAgree wants consent to exactly this signature.
func TestAgree(t *testing.T) {
	r := first(t).review("root")
	signing := Signing{Step: 7, Key: "root-a", Who: "crypto officer 1", Name: "Ada", Token: "officer-1"}
	var asked room.Question
	agreed, err := r.Agree(signing, func(q room.Question) error { asked = q; return nil })
	if err != nil || agreed.Public().Fingerprint != r.signers["root-a"].Fingerprint {
		t.Fatalf("got %v, %v", agreed, err)
	}
	if want := "sign root 1 with root-a"; asked.Phrase != want || asked.Step != 7 || asked.Who != signing.Who || asked.Name != "Ada" || asked.Sum != r.sum {
		t.Errorf("asked %+v, want %s", asked, want)
	}
	card := asked.Card.Text(80).String()
	for _, want := range []string{"Ada, crypto officer 1: token officer-1 is asked for your signature.", "2027-11-23 05:00 UTC, in 365 days", "root-a makes it 1 of 2, then root-b", "32 " + r.sum.Words()[31]} {
		if !strings.Contains(card, want) {
			t.Errorf("%s\nhas no %s", card, want)
		}
	}
	no := errors.New("no")
	if agreed, err := r.Agree(signing, func(room.Question) error { return no }); agreed != nil || err != no {
		t.Errorf("after a no: %v, %v", agreed, err)
	}
	signing.Key = "targets-a"
	agreed, err = r.Agree(signing, func(room.Question) error { t.Error("asked"); return nil })
	ceremonytest.WantError(t, err, fault.Usage, "signs with targets-a, which no step of the review names")
	if agreed != nil {
		t.Error("agreed all the same")
	}
}

// TestAnotherKeySigns hands a key of the token to a consent that was for another.
func TestAnotherKeySigns(t *testing.T) {
	r := first(t).review("root")
	token := hsmtest.Open(t, "officer-1")
	agreed, err := r.Agree(Signing{Key: "root-a"}, func(room.Question) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	_, err = agreed.Sign(t.Context(), hsmtest.Generate(t, token, "root-a", hsm.Ed25519))
	ceremonytest.WantError(t, err, fault.Token, "the token has another key than was reviewed")
}

// TestForeignSignature takes none that an earlier run has left unless it is of
// exactly these bytes by exactly this key.
func TestForeignSignature(t *testing.T) {
	r := first(t).review("root")
	good := r.signedBy("root-a")
	if err := r.Check("root-a", good); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*transcript.Signed){
		"is of targets 1, want root 1":       func(s *transcript.Signed) { s.Role = "targets" },
		"is of root 2, want root 1":          func(s *transcript.Signed) { s.Version = 2 },
		"is by root-b, want root-a":          func(s *transcript.Signed) { s.Key = "root-b" },
		"signs other bytes":                  func(s *transcript.Signed) { s.SHA256 = digest.Of(nil) },
		"is by another key":                  func(s *transcript.Signed) { s.Fingerprint = digest.Of(nil) },
		"illegal base64 data":                func(s *transcript.Signed) { s.Signature += "\n=" },
		"signature does not fit the content": func(s *transcript.Signed) { s.Signature = r.signedBy("root-b").Signature },
		"key targets-a does not sign root":   nil,
	} {
		name, forged := "root-a", good
		if change == nil {
			name = "targets-a"
		} else {
			change(&forged)
		}
		if err := r.Check(name, forged); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	forged := good
	forged.Signature = r.signedBy("root-b").Signature
	_, err := r.Seal([]transcript.Signed{forged, r.signedBy("root-b")})
	ceremonytest.WantError(t, err, fault.Unverified, "signature does not fit the content")
}
