package kits_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/derive"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/kit"
	"github.com/uptane/keyrite/ceremony/kits"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// withKit is a fleet with the kit spare, which has root-c in the place of root-b and is
// signed by root-a.
func withKit(t *testing.T) (*ceremonytest.Software, *kit.Kit) {
	t.Helper()
	s := ceremonytest.SignedSoftware(t)
	s.AddKeys("root-c")
	p := s.MustMake(plan.Request{Emergency: "spare", Replace: map[string]string{"root-b": "root-c"}})
	text, err := p.Encode()
	if err != nil {
		t.Fatal(err)
	}
	derived, err := derive.Again(s.Open(), p, digest.Of(text))
	if err != nil {
		t.Fatal(err)
	}
	file := p.Files[0]
	draft, err := derived.Scene.Draft(file.Next())
	if err != nil {
		t.Fatal(err)
	}
	signature := ed25519.Sign(ceremonytest.Key("root-a"), draft.Bytes.Signed)
	k := &kit.Kit{
		Version: 1, Name: "spare", Fleet: p.Fleet, Repository: p.Repository, Format: p.Format, Ceremony: p.Ceremony, Made: p.Created, Replace: p.Replace,
		Root: file.Version, Follows: digest.Of(derived.Scene.Signed.Root().Signed), Expires: file.Expires, SHA256: draft.SHA256, Bytes: string(draft.Bytes.Signed),
		Lacks: []kit.Lack{{Of: "new root", Has: 1, Threshold: 2, Keys: []string{"root-c"}}},
		By: []kit.Signature{{
			Role: "root", Version: file.Version, Key: "root-a", SHA256: draft.SHA256,
			Fingerprint: digest.SHA256(derived.Scene.Ring.Keys["root-a"].Fingerprint), Signature: base64.StdEncoding.EncodeToString(signature),
		}},
	}
	keep(s, k)
	return s, k
}

func keep(s *ceremonytest.Software, k *kit.Kit) {
	s.T.Helper()
	data, err := k.Encode()
	if err != nil {
		s.T.Fatal(err)
	}
	s.Write(kit.Path(k.Name), string(data))
}

// only is the one kit of a workspace.
func only(s *ceremonytest.Software, now time.Time) kits.State {
	s.T.Helper()
	past, err := ceremonies.ReadUnfinished(s.Open())
	if err != nil {
		s.T.Fatal(err)
	}
	list, err := kits.All(s.Open(), past, now)
	if err != nil || len(list) != 1 {
		s.T.Fatalf("got %+v, %v", list, err)
	}
	return list[0]
}

// TestState holds a kit that fits, and each way in which it does not any more.
func TestState(t *testing.T) {
	s, k := withKit(t)
	if got := only(s, s.Now); got.Stale != nil || got.Root != 2 || !got.Due.Before(k.Expires) || got.SHA256 != k.Sum {
		t.Errorf("got %+v", got)
	}
	due := only(s, s.Now).Due
	if got := only(s, due.Add(-time.Second)); got.Stale != nil {
		t.Errorf("a second before it is due: %v", got.Stale)
	}
	for name, tt := range map[string]struct {
		change func(k *kit.Kit)
		now    time.Time
		want   string
		kind   kit.MisfitKind
	}{
		"due":              {nil, due, "its root expires on ", kit.Expiring},
		"expired":          {nil, k.Expires, "its root has expired on ", kit.Expired},
		"of another fleet": {func(k *kit.Kit) { k.Fleet = "x" }, s.Now, "it is a kit of fleet x", kit.Foreign},
		"of a later root":  {func(k *kit.Kit) { k.Root, k.By[0].Version = 3, 3 }, s.Now, "it holds root 3, and root has moved on to 1", kit.MovedOn},
		"after another":    {func(k *kit.Kit) { k.Follows = digest.SHA256{} }, s.Now, "it follows another root 1", kit.OtherRoot},
		"of other bytes": {func(k *kit.Kit) {
			k.Bytes += " "
			k.SHA256 = digest.Of([]byte(k.Bytes))
			k.By[0].SHA256 = k.SHA256
		}, s.Now, "trust.yaml and keys/ do not make the root that it holds", kit.OtherTrust},
		"of another key": {func(k *kit.Kit) { k.By[0].Fingerprint = digest.SHA256{} }, s.Now, "is another key now, or has no record", kit.OtherKey},
		"not signed":     {func(k *kit.Kit) { k.By[0].Signature = "AAAA" }, s.Now, "the signature by root-a is not good", kit.BadSignature},
	} {
		t.Run(name, func(t *testing.T) {
			changed := *k
			changed.By = []kit.Signature{k.By[0]}
			if tt.change != nil {
				tt.change(&changed)
			}
			keep(s, &changed)
			got := only(s, tt.now).Stale
			if !strings.Contains(kit.Joined(got), tt.want) || len(got) == 0 || got[0].Misfit != tt.kind {
				t.Errorf("got %+v, want %s %q", got, tt.kind, tt.want)
			}
		})
	}
	s.Write(kit.Path("spare"), "{}\n")
	if got := only(s, s.Now); len(got.Stale) != 1 || got.Stale[0].Misfit != kit.Unreadable || !strings.Contains(got.Stale[0].Why, "is not an emergency kit") {
		t.Errorf("got %+v", got)
	}
}

// TestDeclare has trust.yaml name the keys of a kit that fits, once, and of no other.
func TestDeclare(t *testing.T) {
	s, k := withKit(t)
	before := s.Read(workspace.TrustFile)
	if _, err := kits.Declare(s.Open(), k, k.Expires); fault.CodeOf(err) != fault.Refused || s.Read(workspace.TrustFile) != before {
		t.Errorf("of an expired kit: got %v", err)
	}
	for _, want := range []int{1, 0} {
		left, err := kits.Declare(s.Open(), k, s.Now)
		if err != nil || len(left) != want {
			t.Errorf("got %v, %v, want %d replaced", left, err, want)
		}
	}
	if text := s.Read(workspace.TrustFile); strings.Contains(text, "root-b") || !strings.Contains(text, "root-c") {
		t.Error(text)
	}
}
