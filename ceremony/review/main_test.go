package review

import (
	"crypto/ed25519"
	"encoding/base64"
	"os"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/hsm"
)

func TestMain(m *testing.M) {
	if hsm.IsHelper() {
		os.Exit(hsm.Helper())
	}
	os.Exit(m.Run())
}

// stage is a workspace with a plan, and the scene that it follows from.
type stage struct {
	*ceremonytest.Software
	plan  *plan.Plan
	scene *scene.Scene
}

// first is before the first ceremony: two of root-a and root-b sign root.
func first(t *testing.T) *stage { return newStage(t, ceremonytest.NewSoftware(t)) }

// rotated is before root 2, in which root-c takes the place of root-a.
func rotated(t *testing.T) *stage {
	s := ceremonytest.SignedSoftware(t)
	s.AddKeys("root-c")
	s.Edit("trust.yaml", "root-a: {type", "root-c: {type", "[root-a, root-b]", "[root-c, root-b]")
	s.Now = s.Now.Add(time.Hour)
	return newStage(t, s)
}

func newStage(t *testing.T, s *ceremonytest.Software) *stage {
	t.Helper()
	p := s.MustMake(plan.Request{})
	now, err := scene.Read(s.Open(), "image", p.Created)
	if err != nil {
		t.Fatal(err)
	}
	return &stage{s, p, now}
}

func (s *stage) build(role string) *Candidate {
	s.T.Helper()
	c, err := Build(s.scene, s.plan, role)
	if err != nil {
		s.T.Fatal(err)
	}
	return c
}

func (s *stage) review(role string) *Reviewed {
	s.T.Helper()
	r, _, err := s.build(role).Review(s.scene, s.plan, Checks{}, func(Content) error { return nil }, s.Now)
	if err != nil {
		s.T.Fatal(err)
	}
	return r
}

// signedBy is what the transcript holds when a key has signed.
func (r *Reviewed) signedBy(name string) transcript.Signed {
	return transcript.Signed{
		Role: r.file.Role, Version: r.file.Version, Key: name, SHA256: r.sum,
		Fingerprint: digest.SHA256(r.signers[name].Fingerprint),
		Signature:   base64.StdEncoding.EncodeToString(ed25519.Sign(ceremonytest.Key(name), r.draft.Signed)),
	}
}
