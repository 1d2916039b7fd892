package custody

import (
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/pkcs11"
	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

var id = [16]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}

// begun is the intent of an attempt that was interrupted.
func (b *bench) begun(n NewKey) *transcript.Generating {
	intent := &transcript.Generating{Key: n.Name, Type: n.Type, ID: hex.EncodeToString(id[:])}
	b.use(func(_ context.Context, token *hsm.Token) error { intent.Token = token.Info().Serial; return nil })
	return intent
}

// TestLeftover finds under the id of an interrupted generation what may lie
// there. It is taken only if it is what keyrite makes; it is destroyed only when a
// person says so; and what is another's is neither.
func TestLeftover(t *testing.T) {
	generate := func(spec hsm.KeySpec) func(*bench) {
		return func(b *bench) {
			b.use(func(ctx context.Context, token *hsm.Token) error {
				spec.ID = id
				_, err := token.Generate(ctx, spec)
				return err
			})
		}
	}
	foreign := func(private map[uint]bool, public, secret bool) func(*bench) {
		return func(b *bench) { b.pair(id[:], "root-a", private, public, secret) }
	}
	for name, tt := range map[string]struct {
		left    func(*bench)
		key     NewKey
		asked   string // about what is to be destroyed; empty: nobody is asked
		refused string
	}{
		"what was begun":                          {left: generate(hsm.KeySpec{Label: "root-a", Type: hsm.ECDSAP256})},
		"for backup, as begun":                    {left: generate(hsm.KeySpec{Label: "root-a", Type: hsm.ECDSAP256, Backup: true}), key: NewKey{Backup: true}},
		"never to leave, though begun for backup": {left: generate(hsm.KeySpec{Label: "root-a", Type: hsm.ECDSAP256}), key: NewKey{Backup: true}},
		"another type":                            {left: generate(hsm.KeySpec{Label: "root-a", Type: hsm.Ed25519}), asked: "it is ed25519, want ecdsa-p256"},
		"for backup":                              {left: generate(hsm.KeySpec{Label: "root-a", Type: hsm.ECDSAP256, Backup: true}), asked: "it can leave the token"},
		"not sensitive":                           {left: foreign(map[uint]bool{pkcs11.CKA_SENSITIVE: false}, true, true), asked: "it can leave the token"},
		"it does not sign":                        {left: foreign(map[uint]bool{pkcs11.CKA_SIGN: false}, true, true), asked: "it does not sign"},
		"a private key alone":                     {left: foreign(nil, false, true), asked: "a private key without its public one"},
		"a public key alone":                      {left: foreign(nil, true, false), asked: "a public key without a private one"},
		"somebody else's pair":                    {left: generate(hsm.KeySpec{Label: "vpn", Type: hsm.ECDSAP256}), refused: `but the token has key "vpn" under it`},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			tt.left(b)
			n := tt.key
			n.Name, n.Type, n.Token = "root-a", hsm.ECDSAP256, b.token
			n.Before = b.begun(n)
			before := b.labels()

			log, nobody := &lines{}, &ceremonytest.Person{Answers: []string{"no"}}
			record, err := n.Make(t.Context(), b.room(nobody), log)
			switch {
			case tt.refused != "":
				ceremonytest.WantError(t, err, fault.Unverified, tt.refused)
			case tt.asked == "":
				if adopted, ok := last[transcript.Adopted](*log); err != nil || !ok || adopted.Fingerprint != digest.SHA256(record.Fingerprint()) {
					t.Errorf("got %v, %v, %+v", record, err, *log)
				}
			default:
				if err == nil || !strings.Contains(strings.Join(nobody.Said, "\n"), tt.asked) {
					t.Fatalf("got %v, said %q, want %s", err, nobody.Said, tt.asked)
				}
			}
			if got := b.labels(); !slices.Equal(got, before) {
				t.Errorf("the token has %q, had %q", got, before)
			}
			if tt.asked == "" {
				return
			}
			record, err = n.Make(t.Context(), b.room(&ceremonytest.Person{Answers: []string{ceremonytest.AsAsked}}), log)
			intents := 0
			for _, line := range *log {
				if _, is := line.(transcript.Generating); is {
					intents++
				}
			}
			if intents != 3 { // refused; destroyed; made by a helper that has destroyed nothing
				t.Errorf("%d intents, want 3: %+v", intents, *log)
			}
			destroying, ok := last[transcript.Destroying](*log)
			if err != nil || record.Type != n.Type || !ok || destroying.ID != n.Before.ID {
				t.Errorf("with consent: %v, %v, %+v", record, err, *log)
			}
			if got := b.labels(); !slices.Equal(got, []string{"root-a"}) {
				t.Errorf("the token has %q", got)
			}
		})
	}
}

// TestFits judges a pair by what the token says of it.
func TestFits(t *testing.T) {
	good := hsm.Evidence{Local: true, Sensitive: true, AlwaysSensitive: true, NeverExtractable: true}
	mobile := hsm.Evidence{Local: true, Sensitive: true, AlwaysSensitive: true, Extractable: true, WrapWithTrusted: true}
	for _, tt := range []struct {
		backup bool
		found  hsm.KeyType
		base   hsm.Evidence
		change func(*hsm.Evidence)
		want   string
	}{
		{false, hsm.Ed25519, good, func(*hsm.Evidence) {}, ""},
		{false, hsm.ECDSAP256, good, func(*hsm.Evidence) {}, "it is ecdsa-p256, want ed25519"},
		{false, hsm.Ed25519, good, func(e *hsm.Evidence) { e.Local = false }, "it was not made on this token"},
		{false, hsm.Ed25519, good, func(e *hsm.Evidence) { e.Sensitive = false }, "it can leave the token"},
		{false, hsm.Ed25519, good, func(e *hsm.Evidence) { e.Extractable = true }, "it can leave the token"},
		{false, hsm.Ed25519, good, func(e *hsm.Evidence) { e.NeverExtractable = false }, "it can leave the token"},
		{false, hsm.Ed25519, mobile, func(*hsm.Evidence) {}, "it can leave the token"},
		{true, hsm.Ed25519, mobile, func(*hsm.Evidence) {}, ""},
		{true, hsm.Ed25519, good, func(*hsm.Evidence) {}, ""},
		{true, hsm.Ed25519, mobile, func(e *hsm.Evidence) { e.Sensitive = false }, "it can leave the token"},
		{true, hsm.Ed25519, mobile, func(e *hsm.Evidence) { e.WrapWithTrusted = false }, "it can leave the token under any key"},
		{true, hsm.Ed25519, mobile, func(e *hsm.Evidence) { e.Local = false }, "it was not made on this token"},
	} {
		e := tt.base
		tt.change(&e)
		err := NewKey{Type: hsm.Ed25519, Backup: tt.backup}.fits(tt.found, e)
		if (err == nil) != (tt.want == "") || err != nil && err.Error() != tt.want {
			t.Errorf("backup %v, %s, %+v: got %v, want %q", tt.backup, tt.found, e, err, tt.want)
		}
	}
}

// TestUnproven makes a key on a token that gives no evidence, where its role wants
// none, and refuses it otherwise; so does one that an interrupted run has left.
func TestUnproven(t *testing.T) {
	b := newBench(t)
	b.token.Module = hsmtest.WithHabit(t, b.token.Module, "not-local")
	n := NewKey{Name: "timestamp-b", Type: hsm.ECDSAP256, Token: b.token}
	_, err := n.Make(t.Context(), b.room(&ceremonytest.Person{}), &lines{})
	ceremonytest.WantError(t, err, fault.Token, "the token does not say that the new key was made in it")
	if got := b.labels(); len(got) > 0 {
		t.Errorf("the token has %q", got)
	}
	n.Unproven = true
	person, log := &ceremonytest.Person{}, &broken[transcript.Generated]{}
	if _, err := n.Make(t.Context(), b.room(person), log); !errors.Is(err, errDisk) || !strings.Contains(strings.Join(person.Said, " "), "wants no evidence") {
		t.Errorf("got %v, said %q", err, person.Said)
	}
	before, _ := last[transcript.Generating](log.lines)
	n.Before = &before
	record, err := n.Make(t.Context(), b.room(&ceremonytest.Person{}), &lines{})
	if err != nil || record.Evidence.Local {
		t.Errorf("after an interruption: %v", err)
	}
}

// TestUnprovenByPolicy asks the policies of the roles that a key is for.
func TestUnprovenByPolicy(t *testing.T) {
	s := ceremonytest.NewSoftware(t)
	s.Edit(workspace.TrustFile, "ROOT-CUSTODY", "TARGETS-CUSTODY")
	for name, want := range map[string]bool{
		"root-a": false, "targets-a": true, // waived
		"snapshot-a": true, "timestamp-a": true, // online
		"vpn": false, // of no role
	} {
		request := KeyRequest{Name: name, Type: hsm.Ed25519}
		if err := request.complete(s.Open()); err != nil || request.unproven != want {
			t.Errorf("%s: got %v, %v, want %v", name, request.unproven, err, want)
		}
	}
}

// TestAnotherToken resumes a generation where site.yaml now names another token,
// or where its id was damaged.
func TestAnotherToken(t *testing.T) {
	b := newBench(t)
	for want, change := range map[string]func(*transcript.Generating){
		"key root-a: generation began on the token with serial 00ff": func(g *transcript.Generating) { g.Token = "00ff" },
		"transcript: the id of key root-a is damaged":                func(g *transcript.Generating) { g.ID = g.ID[:30] },
		"the id of key root-a is damaged":                            func(g *transcript.Generating) { g.ID = "x" + g.ID[1:] },
	} {
		n := NewKey{Name: "root-a", Type: hsm.Ed25519, Token: b.token}
		n.Before = b.begun(n)
		change(n.Before)
		log := &lines{}
		_, err := n.Make(t.Context(), b.room(&ceremonytest.Person{}), log)
		code := fault.Unverified
		if n.Before.Token == "00ff" {
			code = fault.Token
		}
		ceremonytest.WantError(t, err, code, want)
		if len(*log) != 0 || len(b.labels()) != 0 {
			t.Errorf("%s: log %+v, token has %q", want, *log, b.labels())
		}
	}
}

// TestMake makes a pair under the id that the intent names, which is durable
// before the token is asked.
func TestMake(t *testing.T) {
	b, log := newBench(t), &lines{}
	n := NewKey{Name: "root-a", Type: hsm.Ed25519, Token: b.token}
	record, err := n.Make(t.Context(), b.room(&ceremonytest.Person{}), log)
	if err != nil {
		t.Fatal(err)
	}
	intent, ok := (*log)[0].(transcript.Generating)
	if made, done := (*log)[1].(transcript.Generated); !ok || !done || made.Fingerprint != digest.SHA256(record.Fingerprint()) {
		t.Fatalf("log %+v", *log)
	}
	b.use(func(ctx context.Context, token *hsm.Token) error {
		key, err := token.Find(ctx, record.PublicKey())
		if err == nil && hex.EncodeToString(key.ID()) != intent.ID {
			t.Errorf("id %x, want %s", key.ID(), intent.ID)
		}
		return err
	})
}

// TestKeep never takes the record of another key for that of a new one.
func TestKeep(t *testing.T) {
	s := ceremonytest.NewSoftware(t)
	ws := s.Open()
	a, err := ws.Key("root-a")
	if err != nil {
		t.Fatal(err)
	}
	if there, err := keep(ws, a); err != nil || there.Fingerprint() != a.Fingerprint() {
		t.Errorf("again: %v, %v", there, err)
	}
	other, err := ws.Key("root-b")
	if err != nil {
		t.Fatal(err)
	}
	other.Name = "root-a"
	if there, err := keep(ws, other); err == nil || !strings.Contains(err.Error(), "keys/root-a.yaml: file already exists") {
		t.Errorf("another key: %v, %v", there, err)
	}
}

// TestNotWritten asks a token for nothing whose intent is not in the log.
func TestNotWritten(t *testing.T) {
	b := newBench(t)
	as := func() room.Room { return b.room(&ceremonytest.Person{Answers: []string{ceremonytest.AsAsked}}) }
	n := NewKey{Name: "root-a", Type: hsm.ECDSAP256, Token: b.token}
	if _, err := n.Make(t.Context(), as(), &broken[transcript.Generating]{}); !errors.Is(err, errDisk) || len(b.labels()) != 0 {
		t.Errorf("generate: %v, the token has %q", err, b.labels())
	}
	b.pair(id[:], "root-a", map[uint]bool{pkcs11.CKA_SENSITIVE: false}, true, true)
	n.Before = b.begun(n)
	if _, err := n.Make(t.Context(), as(), &broken[transcript.Destroying]{}); !errors.Is(err, errDisk) || len(b.labels()) != 1 {
		t.Errorf("destroy a leftover: %v, the token has %q", err, b.labels())
	}
	n.Before = nil
	n.Name = "root-b"
	record, err := n.Make(t.Context(), as(), &lines{})
	if err != nil {
		t.Fatal(err)
	}
	r := as()
	err = Use(t.Context(), r, &lines{}, b.token, func(token *hsm.Token) error {
		key, err := token.Find(t.Context(), record.PublicKey())
		if err != nil {
			return err
		}
		return Destroy(t.Context(), r, &broken[transcript.Destroying]{}, room.Question{Step: 1}, token, key, record)
	})
	if !errors.Is(err, errDisk) || len(b.labels()) != 2 {
		t.Errorf("destroy: %v, the token has %q", err, b.labels())
	}
}

// TestFoundAgain makes no record of a pair that signing would not find: another
// object holds the same public key.
func TestFoundAgain(t *testing.T) {
	b := newBench(t)
	b.pair(id[:], "root-a", nil, true, true)
	b.raw(func(p *pkcs11.Ctx, session pkcs11.SessionHandle) error {
		a := pkcs11.NewAttribute
		if err := p.FindObjectsInit(session, []*pkcs11.Attribute{a(pkcs11.CKA_CLASS, pkcs11.CKO_PUBLIC_KEY)}); err != nil {
			return err
		}
		found, _, err := p.FindObjects(session, 1)
		if err = errors.Join(err, p.FindObjectsFinal(session)); err != nil {
			return err
		}
		point, err := p.GetAttributeValue(session, found[0], []*pkcs11.Attribute{a(pkcs11.CKA_EC_PARAMS, nil), a(pkcs11.CKA_EC_POINT, nil)})
		if err != nil {
			return err
		}
		_, err = p.CreateObject(session, append(point, a(pkcs11.CKA_CLASS, pkcs11.CKO_PUBLIC_KEY), a(pkcs11.CKA_KEY_TYPE, pkcs11.CKK_EC),
			a(pkcs11.CKA_TOKEN, true), a(pkcs11.CKA_ID, []byte("twin"))))
		return err
	})
	n := NewKey{Name: "root-a", Type: hsm.ECDSAP256, Token: b.token}
	n.Before = b.begun(n)
	r := b.room(&ceremonytest.Person{})
	_, err := n.Make(t.Context(), r, &lines{})
	if !errors.Is(err, hsm.ErrAmbiguous) || !strings.Contains(err.Error(), "the new key is not found again") {
		t.Errorf("got %v", err)
	}
	if there, err := r.Workspace.Exists("keys/root-a.yaml"); there || err != nil {
		t.Errorf("it has a record: %v, %v", there, err)
	}
}
