package custody

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/miekg/pkcs11"
	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

func TestMain(m *testing.M) {
	if hsm.IsHelper() {
		os.Exit(hsm.Helper())
	}
	code := m.Run()
	hsmtest.RemoveHabits()
	os.Exit(code)
}

// lines is a log that a test can look at.
type lines []transcript.Data

func (l *lines) Append(_ int, _ string, data transcript.Data) error {
	*l = append(*l, data)
	return nil
}

var errDisk = errors.New("the disk is full")

// broken is a log that does not take lines of a type.
type broken[T transcript.Data] struct{ lines }

func (b *broken[T]) Append(step int, actor string, data transcript.Data) error {
	if _, is := data.(T); is {
		return errDisk
	}
	return b.lines.Append(step, actor, data)
}

// last is the newest line of a type.
func last[T transcript.Data](l lines) (found T, ok bool) {
	for _, data := range l {
		if d, is := data.(T); is {
			found, ok = d, true
		}
	}
	return found, ok
}

// bench is a workspace with one token.
type bench struct {
	t     *testing.T
	dir   string
	token workspace.SiteToken
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, dir: ceremonytest.Small(t)}
	site, err := ceremonytest.Open(t, b.dir).Site()
	if err != nil {
		t.Fatal(err)
	}
	if b.token, err = site.Token("all"); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) room(p prompt.Prompter) room.Room {
	b.t.Helper()
	return room.Room{Workspace: ceremonytest.Open(b.t, b.dir), Prompter: p, Now: func() time.Time { return ceremonytest.Now }}
}

// use does something on the token, as somebody else could.
func (b *bench) use(do func(context.Context, *hsm.Token) error) {
	b.t.Helper()
	err := Use(b.t.Context(), b.room(&ceremonytest.Person{}), &lines{}, b.token, func(token *hsm.Token) error { return do(b.t.Context(), token) })
	if err != nil {
		b.t.Fatal(err)
	}
}

// labels are those of the pairs on the token.
func (b *bench) labels() (list []string) {
	b.t.Helper()
	b.use(func(ctx context.Context, token *hsm.Token) error {
		keys, err := token.Keys(ctx)
		for _, key := range keys {
			list = append(list, key.Label())
		}
		return err
	})
	return list
}

// raw uses the token in this process, without keyrite.
func (b *bench) raw(do func(p *pkcs11.Ctx, session pkcs11.SessionHandle) error) {
	b.t.Helper()
	b.t.Setenv("SOFTHSM2_CONF", filepath.Join(b.dir, "hsm/softhsm2.conf"))
	p := pkcs11.New(b.token.Module.Path)
	defer p.Destroy()
	if err := p.Initialize(); err != nil {
		b.t.Fatal(err)
	}
	defer p.Finalize()
	slots, err := p.GetSlotList(true)
	if err != nil {
		b.t.Fatal(err)
	}
	session, err := p.OpenSession(slots[0], pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := p.Login(session, pkcs11.CKU_USER, hsmtest.PIN); err != nil {
		b.t.Fatal(err)
	}
	if err := do(p, session); err != nil {
		b.t.Fatal(err)
	}
}

// pair makes an ecdsa-p256 pair with attributes that keyrite never asks for, and
// leaves the halves of it that are wanted.
func (b *bench) pair(id []byte, label string, private map[uint]bool, keepPublic, keepPrivate bool) {
	b.t.Helper()
	b.raw(func(p *pkcs11.Ctx, session pkcs11.SessionHandle) error {
		a := pkcs11.NewAttribute
		public := []*pkcs11.Attribute{
			a(pkcs11.CKA_TOKEN, true), a(pkcs11.CKA_ID, id), a(pkcs11.CKA_LABEL, label), a(pkcs11.CKA_VERIFY, true),
			a(pkcs11.CKA_EC_PARAMS, []byte("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07")), // prime256v1
		}
		secret := []*pkcs11.Attribute{a(pkcs11.CKA_TOKEN, true), a(pkcs11.CKA_ID, id), a(pkcs11.CKA_LABEL, label)}
		for attribute, value := range map[uint]bool{pkcs11.CKA_SENSITIVE: true, pkcs11.CKA_EXTRACTABLE: false, pkcs11.CKA_SIGN: true} {
			if other, set := private[attribute]; set {
				value = other
			}
			secret = append(secret, a(attribute, value))
		}
		pub, priv, err := p.GenerateKeyPair(session, []*pkcs11.Mechanism{pkcs11.NewMechanism(pkcs11.CKM_EC_KEY_PAIR_GEN, nil)}, public, secret)
		if err == nil && !keepPublic {
			err = p.DestroyObject(session, pub)
		}
		if err == nil && !keepPrivate {
			err = p.DestroyObject(session, priv)
		}
		return err
	})
}
