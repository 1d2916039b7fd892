// A token as keyrite sees it: opened by URI, one login, keys by public key.

package hsm

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"slices"
)

// Token is an open token, served by a helper process of its own. Several
// goroutines may find keys and sign with them, and the token does one thing at a
// time; what makes or destroys objects is called alone.
type Token struct {
	process  *process
	lock     *tokenLock
	info     TokenInfo
	accepted accepted
	checked  bool // whether the token looked at the PIN
	askPIN   func(context.Context, *Key) ([]byte, error)
	ledger   []LedgerObject // as its helper saw it last, nil before it looked
}

// Open starts a helper for the one token of m that uri names, and locks the
// token against other keyrite processes; see Patient. Nobody is logged in yet. When no token
// or more than one matches, the error lists those there are.
func Open(ctx context.Context, m Module, uri URI) (*Token, error) {
	p, info, err := openProcess(ctx, m, uri)
	if err != nil {
		return nil, err
	}
	t := &Token{process: p, info: info}
	if t.lock, err = waitForToken(ctx, t.info, m.Path); err != nil {
		p.close()
		return nil, newWireFault(err).error(m.Name, p.token)
	}
	return t, nil
}

// openProcess starts a helper and has it open the one token that uri names.
func openProcess(ctx context.Context, m Module, uri URI) (*process, TokenInfo, error) {
	p, err := startProcess(ctx, m, uri.String())
	if err != nil {
		return nil, TokenInfo{}, err
	}
	info, err := call[TokenInfo](ctx, p, m.timeout(), "open", uri, nil)
	if err != nil {
		p.close()
		if errors.Is(err, ErrTokenNotFound) {
			err = m.explain(err)
		}
		return nil, TokenInfo{}, err
	}
	info.Module = m.Name
	p.token = info.String()
	return p, info, nil
}

// Info returns what the token said about itself when it was opened.
func (t *Token) Info() TokenInfo { return t.info }

// Protections returns what the token's helper did to protect itself, such as
// giving up the network.
func (t *Token) Protections() []Protection { return t.process.protections }

// Capabilities returns what the token says it can do.
func (t *Token) Capabilities(ctx context.Context) (Capabilities, error) {
	c, err := call[Capabilities](ctx, t.process, t.process.module.timeout(), "mechanisms", none{}, nil)
	slices.Sort(c.Mechanisms)
	return c, err
}

// Login logs the user in; nil is for a token on which the PIN is typed. It reads
// the PIN flags first and refuses with ErrPINFinalTry when one try is left. It
// never tries twice. A token that wants no login is not asked for one; another may
// be logged in already: see PINChecked. The caller wipes pin; a copy of an accepted
// one is kept for Renew, and wiped by Close.
func (t *Token) Login(ctx context.Context, pin []byte) error {
	return t.login(ctx, pin, loginArgs{})
}

// LoginFinalTry is Login that may spend the last try: only for a person who has
// said so in words.
func (t *Token) LoginFinalTry(ctx context.Context, pin []byte) error {
	return t.login(ctx, pin, loginArgs{FinalTry: true})
}

func (t *Token) login(ctx context.Context, pin []byte, args loginArgs) error {
	timeout := t.process.module.timeout()
	if t.info.ProtectedPath {
		timeout *= slow
	}
	checked, err := call[bool](ctx, t.process, timeout, "login", args, pin)
	if err == nil {
		t.accepted.keep(pin)
		t.checked = checked
	}
	return err
}

// PINChecked reports whether the token looked at the PIN of Login. One that wants no
// login did not, nor did one on which another program's login counts for all: there
// the PIN proves nothing about who typed it.
func (t *Token) PINChecked() bool { return t.checked }

// AskPIN says how the PIN is had for a single signature, of a key that wants it each
// time (CKA_ALWAYS_AUTHENTICATE). ask is called for every such signature, and returns
// nil where the PIN is typed on the token; what it returns is wiped.
func (t *Token) AskPIN(ask func(context.Context, *Key) ([]byte, error)) { t.askPIN = ask }

// slow is how many time-outs the calls get in which a token generates, erases,
// or waits for a person at its PIN pad.
const slow = 10

// Keys lists the key pairs of the types that keyrite signs with. A half pair is
// not in it; see FindID.
func (t *Token) Keys(ctx context.Context) ([]*Key, error) {
	found, err := call[[]wireKey](ctx, t.process, t.process.module.timeout(), "keys", none{}, nil)
	if err != nil {
		return nil, err
	}
	var keys []*Key
	for _, w := range found {
		key, err := t.newKey(w)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// Find returns the key pair of a public key. It fails with ErrKeyNotFound when
// the token does not hold both halves, with ErrAmbiguous when it holds two.
func (t *Token) Find(ctx context.Context, pub crypto.PublicKey) (*Key, error) {
	spki, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return nil, t.process.errorf(ErrUsage, "public key: %v", err)
	}
	found, err := call[wireKey](ctx, t.process, t.process.module.timeout(), "find", none{}, spki)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(found.SPKI, spki) {
		return nil, t.process.errorf(ErrFailed, "the token found another public key than was asked for")
	}
	return t.newKey(found)
}

// Leftovers is what the token holds under one id. After a crash during
// generation it may be nothing, one half, or the whole pair.
type Leftovers struct {
	ID      []byte // CKA_ID of what was found: on some tokens not the one that was asked for
	Public  int    // public key objects
	Private int    // private key objects
	Key     *Key   // the pair, when there is exactly one object of each kind
}

// Empty reports whether the token holds nothing under the id.
func (l Leftovers) Empty() bool { return l.Public == 0 && l.Private == 0 }

// FindID looks for what there is under an id.
func (t *Token) FindID(ctx context.Context, id []byte) (Leftovers, error) {
	return t.leftovers(ctx, begunArgs{ID: id})
}

// FindBegun looks for what an interrupted Generate may have left: under its id, and
// where there is nothing under its label, since some tokens give ids of their own.
func (t *Token) FindBegun(ctx context.Context, id []byte, label string) (Leftovers, error) {
	return t.leftovers(ctx, begunArgs{ID: id, Label: label})
}

func (t *Token) leftovers(ctx context.Context, args begunArgs) (Leftovers, error) {
	found, err := call[wireLeftovers](ctx, t.process, t.process.module.timeout(), "leftovers", args, nil)
	if err != nil {
		return Leftovers{}, err
	}
	l := Leftovers{ID: found.ID, Public: found.Public, Private: found.Private}
	if found.Key != nil {
		l.Key, err = t.newKey(*found.Key)
	}
	return l, err
}

// KeySpec says which key pair to generate.
type KeySpec struct {
	ID    [16]byte // CKA_ID, random, written down durably before Generate
	Label string   // CKA_LABEL, 1 to 64 printable ASCII characters
	Type  KeyType

	// Backup makes a key that may leave the token, wrapped under a key that the
	// security officer trusts. See Key.Backup and BackupWarning.
	Backup bool

	// Unproven takes a key of which the token does not say that it was made there and
	// never leaves: for roles whose policy wants no evidence.
	Unproven bool
}

// Generate makes a key pair and proves that it is found by its public key and signs.
// It refuses with ErrExists when the token holds an object with this label or id. A
// pair that is not found again, is not sensitive, is extractable, has no evidence that
// says so (ErrEvidence), or does not sign is destroyed again. The id of the pair is Key.ID: a token may give one of its own, and
// after a crash FindBegun finds the pair by its label.
func (t *Token) Generate(ctx context.Context, spec KeySpec) (*Key, error) {
	args := generateArgs{ID: spec.ID[:], Label: spec.Label, Type: spec.Type, Backup: spec.Backup, Unproven: spec.Unproven}
	if _, err := ParseKeyType(string(spec.Type)); err != nil {
		return nil, t.process.errorf(ErrUsage, "%v", err)
	}
	for {
		made, err := afresh[generated](ctx, t, slow*t.process.module.timeout(), "generate", args, nil)
		if err != nil {
			return nil, err
		}
		if made.Key != nil {
			return t.selfTest(ctx, *made.Key)
		}
		if made.Next <= args.Template {
			return nil, t.process.errorf(ErrFailed, "template %d after %d", made.Next, args.Template)
		}
		args.Template = made.Next
	}
}

// selfTest lets a new pair sign once. A pair that does not is destroyed.
func (t *Token) selfTest(ctx context.Context, made wireKey) (*Key, error) {
	key, err := t.newKey(made)
	if err != nil {
		return nil, err
	}
	if err = key.SelfTest(ctx); err == nil {
		return key, nil
	}
	var e *Error
	if !errors.As(err, &e) {
		return nil, err
	}
	if destroyErr := t.Destroy(ctx, made.ID); destroyErr != nil {
		return nil, e.noting("the new key %q, id %x, is still on the token", made.Label, made.ID)
	}
	return nil, e.noting("the new key %q was destroyed", made.Label)
}

// selfTestMessage is what a new key signs first. Like a proof it can never
// parse as metadata.
const selfTestMessage = "\x00keyrite self-test v1\x00"

// Destroy removes the key pair, or the half of one, with this id. It cannot be
// undone; after an error some objects may be gone, and the error says how many.
func (t *Token) Destroy(ctx context.Context, id []byte) error {
	_, err := call[int](ctx, t.process, t.process.module.timeout(), "destroy", id, nil)
	return err
}

// Close logs out, finalises the module and ends the helper. It is safe to call
// twice, and after any error.
func (t *Token) Close() error {
	t.process.close()
	t.accepted.forget()
	return t.lock.release()
}
