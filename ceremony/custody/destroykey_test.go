package custody

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/roles"
)

// rotated is a workspace in which root-c took the place of root-a in root 2.
func rotated(t *testing.T) *ceremonytest.Software {
	s := ceremonytest.SignedSoftware(t)
	s.AddKeys("root-c", "test")
	s.Edit("trust.yaml", "root-a: {type", "root-c: {type", "[root-a, root-b]", "[root-c, root-b]")
	s.Now = s.Now.Add(time.Hour)
	s.CarryOut(plan.Request{})
	return s
}

// TestNeverTrusted lets a key be destroyed outside of ceremonies that nothing
// lists, nor ever has.
func TestNeverTrusted(t *testing.T) {
	s := rotated(t)
	for name, want := range map[string]string{
		"root-b": "keys.root-b trusts it",
		"root-a": "key root-a: signed metadata of repository image lists it", // root 1 does
		"test":   "",
	} {
		record, err := s.Open().Key(name)
		if err != nil {
			t.Fatal(err)
		}
		err = neverTrusted(s.Open(), record)
		if want == "" && err != nil {
			t.Errorf("%s: %v", name, err)
		} else if want != "" {
			ceremonytest.WantError(t, err, fault.Refused, want)
		}
	}
	r := room.Room{Workspace: s.Open(), Prompter: &ceremonytest.Person{}, Now: func() time.Time { return s.Now }}
	ceremonytest.WantError(t, DestroyKey(t.Context(), r, "root-b"), fault.Refused, "keys.root-b trusts it")
	s.Edit("image/metadata/2.root.json", "2027-11-23", "2037-11-23")
	record, err := s.Open().Key("test")
	if err != nil {
		t.Fatal(err)
	}
	ceremonytest.WantError(t, neverTrusted(s.Open(), record), fault.Unverified, "2.root.json: ")
}

// TestNameless finds the keys of the signed metadata that have no record.
func TestNameless(t *testing.T) {
	s := rotated(t)
	if lost, err := nameless(s.Open()); err != nil || len(lost) != 0 {
		t.Errorf("got %v, %v", lost, err)
	}
	record, err := s.Open().Key("snapshot-a")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(s.Path("keys/snapshot-a.yaml")); err != nil {
		t.Fatal(err)
	}
	if lost, err := nameless(s.Open()); err != nil || len(lost) != 1 || lost[0].Fingerprint != record.Fingerprint() {
		t.Errorf("got %v, %v", lost, err)
	}
	s.Edit("image/metadata/1.targets.json", "app.bin", "bad.bin")
	_, err = nameless(s.Open())
	ceremonytest.WantError(t, err, fault.Unverified, "1.targets.json: ")
}

// TestAdopt makes the record of a key that signed metadata lists when a person
// says so, and of no other.
func TestAdopt(t *testing.T) {
	b := newBench(t)
	b.use(func(ctx context.Context, token *hsm.Token) error {
		_, err := token.Generate(ctx, hsm.KeySpec{ID: id, Label: "root-a", Type: hsm.Ed25519})
		return err
	})
	_, err := AdoptKey(t.Context(), b.room(&ceremonytest.Person{Answers: []string{ceremonytest.AsAsked}}), "root-a", "all")
	ceremonytest.WantError(t, err, fault.Token, "it has none of the 0 keys that signed metadata lists")
	for answer, there := range map[string]bool{"no": false, ceremonytest.AsAsked: true} {
		b := newBench(t)
		r := b.room(&ceremonytest.Person{Answers: []string{answer}})
		n := NewKey{Name: "root-a", Type: hsm.Ed25519, Token: b.token}
		record, err := n.Make(t.Context(), r, &lines{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = AdoptKey(t.Context(), r, "root-a", "all")
		ceremonytest.WantError(t, err, fault.Failed, "keys/root-a.yaml: file already exists; there is nothing to adopt")
		if err := os.Remove(b.dir + "/keys/root-a.yaml"); err != nil {
			t.Fatal(err)
		}
		log, key := &lines{}, record.PublicKey()
		b.use(func(ctx context.Context, token *hsm.Token) error {
			_, err := adopt(ctx, r, log, token, "root-a", []roles.Key{{Public: key}})
			if (err == nil) != there {
				t.Errorf("answer %s: %v", answer, err)
			}
			return nil
		})
		if exists, err := r.Workspace.Exists("keys/root-a.yaml"); exists != there || err != nil {
			t.Errorf("answer %s: a record is there: %v, %v", answer, exists, err)
		}
		if adopted, ok := last[transcript.Adopted](*log); ok != there || there && adopted.Fingerprint != [32]byte(record.Fingerprint()) {
			t.Errorf("answer %s: log %+v", answer, *log)
		}
	}
}

// TestDestroyRest asks before it destroys what an interrupted destruction left,
// and never touches a whole key.
func TestDestroyRest(t *testing.T) {
	b := newBench(t)
	b.pair(id[:], "root-a", nil, false, true)
	rest := func(answer string) error {
		r := b.room(&ceremonytest.Person{Answers: []string{answer}})
		return Use(t.Context(), r, &lines{}, b.token, func(token *hsm.Token) error {
			left, err := token.FindID(t.Context(), id[:])
			if err != nil {
				return err
			}
			return DestroyRest(t.Context(), r, &lines{}, 1, token, "root-a", id[:], left)
		})
	}
	private := func() (n int) {
		b.use(func(ctx context.Context, token *hsm.Token) error {
			left, err := token.FindID(ctx, id[:])
			n = left.Private
			return err
		})
		return n
	}
	if err := rest("no"); err == nil || private() != 1 {
		t.Errorf("after a no: %v, %d private keys", err, private())
	}
	if err := rest(ceremonytest.AsAsked); err != nil || private() != 0 {
		t.Errorf("after a yes: %v, %d private keys", err, private())
	}
	b.pair(id[:], "vpn", nil, true, true)
	ceremonytest.WantError(t, rest(ceremonytest.AsAsked), fault.Unverified, "but the token has another key under it")
	if private() != 1 {
		t.Error("another key was destroyed")
	}
}

// TestBegun finds the generation that did not come to its end.
func TestBegun(t *testing.T) {
	start := func(name, id string) transcript.Event {
		return transcript.Event{Data: transcript.Generating{Key: name, ID: id}}
	}
	end := func(name string) transcript.Event { return transcript.Event{Data: transcript.Generated{Key: name}} }
	for _, tt := range []struct {
		events []transcript.Event
		want   string // id; empty: none
	}{
		{nil, ""},
		{[]transcript.Event{start("a", "1")}, "1"},
		{[]transcript.Event{start("b", "1")}, ""},
		{[]transcript.Event{start("a", "1"), end("a")}, ""},
		{[]transcript.Event{start("a", "1"), end("b")}, "1"},
		{[]transcript.Event{start("a", "1"), start("a", "2"), start("b", "3")}, "2"},
		{[]transcript.Event{start("a", "1"), end("a"), start("a", "2")}, "2"},
	} {
		var got string
		if open := begun(tt.events, "a"); open != nil {
			got = open.ID
		}
		if got != tt.want {
			t.Errorf("%+v: got %q, want %q", tt.events, got, tt.want)
		}
	}
}

// TestComplete takes the type that trust.yaml declares, and no other.
func TestComplete(t *testing.T) {
	ws := ceremonytest.NewSoftware(t).Open()
	for _, tt := range []struct {
		request KeyRequest
		want    hsm.KeyType
		refused string
	}{
		{KeyRequest{Name: "root-a"}, hsm.Ed25519, ""},
		{KeyRequest{Name: "root-a", Type: hsm.Ed25519}, hsm.Ed25519, ""},
		{KeyRequest{Name: "root-a", Type: hsm.ECDSAP256}, "", "keys.root-a.type is ed25519, but a key of type ecdsa-p256 is asked for"},
		{KeyRequest{Name: "test", Type: hsm.ECDSAP256}, hsm.ECDSAP256, ""},
		{KeyRequest{Name: "test"}, "", "trust.yaml declares no type for it"},
	} {
		err := tt.request.complete(ws)
		if tt.refused != "" {
			ceremonytest.WantError(t, err, fault.Usage, tt.refused)
		} else if err != nil || tt.request.Type != tt.want {
			t.Errorf("%+v: %v, want %s", tt.request, err, tt.want)
		}
	}
}
