package rehearse

import (
	"context"
	"crypto"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/roles"
)

// forge makes a fake key for each real one, and signs with it. Its tokens stay open
// until the world is complete.
type forge struct {
	module hsm.Module
	open   map[string]*hsm.Token // by name in site.yaml
	keys   map[roles.Fingerprint]*hsm.Key
	now    time.Time
}

func newForge(ctx context.Context, path, dir string, now time.Time) (*forge, error) {
	m, err := hsm.NewSoftHSMOf(path, dir)
	if err != nil {
		return nil, err
	}
	m.Name = module
	return &forge{module: m, open: map[string]*hsm.Token{}, keys: map[roles.Fingerprint]*hsm.Key{}, now: now}, nil
}

func (f *forge) close() error {
	var errs []error
	for _, token := range f.open {
		errs = append(errs, token.Close())
	}
	return errors.Join(errs...)
}

// maxLabel bounds the label of a token (PKCS#11 v3.0 §3.2), in bytes.
const maxLabel = 32

// label is what the throwaway token is called that stands for the one of that name.
// Names that are too long stay different by their number.
func (f *forge) label(name string) string {
	label := workspace.FakePrefix + name
	if len(label) <= maxLabel {
		return label
	}
	number := fmt.Sprintf("~%d", len(f.open))
	return label[:maxLabel-len(number)] + number
}

// token makes the throwaway token of that name, once, and opens it.
func (f *forge) token(ctx context.Context, name string) (hsm.TokenInfo, error) {
	if t := f.open[name]; t != nil {
		return t.Info(), nil
	}
	info, err := hsm.InitToken(ctx, f.module, hsm.InitTarget{}, f.label(name), []byte(PIN), []byte(PIN))
	if err != nil {
		return info, err
	}
	token, err := hsm.Open(ctx, f.module, info.URI())
	if err != nil {
		return info, err
	}
	f.open[name] = token
	return info, token.Login(ctx, []byte(PIN))
}

// fake is the fake key in the place of a real one: of the same type, where tokens make
// keys of that type.
func (f *forge) fake(ctx context.Context, real roles.Fingerprint, public crypto.PublicKey, name, on string, backup bool) (*hsm.Key, error) {
	if key := f.keys[real]; key != nil {
		return key, nil
	}
	if _, err := f.token(ctx, on); err != nil {
		return nil, err
	}
	spec := hsm.KeySpec{Label: workspace.FakePrefix + name, Type: typeOf(public), Backup: backup}
	if _, err := rand.Read(spec.ID[:]); err != nil {
		return nil, err
	}
	key, err := f.open[on].Generate(ctx, spec)
	if err != nil {
		return nil, fmt.Errorf("fake key %s: %w", name, err)
	}
	f.keys[real] = key
	return key, nil
}

// typeOf is the type of a key, the nearest that is generated.
func typeOf(public crypto.PublicKey) hsm.KeyType {
	kind, err := hsm.TypeOf(public)
	if err == nil {
		kind, err = hsm.ParseKeyType(string(kind))
	}
	if err != nil {
		return hsm.RSA3072 // others are RSA of other sizes
	}
	return kind
}

// in is the fake key of a real one as a format spells it; nil where the real one can
// sign nothing, and needs none.
func (f *forge) in(ctx context.Context, format roles.Format, k roles.Key) (*roles.Key, error) {
	if k.Public == nil {
		return nil, nil
	}
	key, err := f.fake(ctx, k.Fingerprint, k.Public, string(k.ID[:min(12, len(k.ID))]), elsewhere, false)
	if err != nil {
		return nil, err
	}
	spelled, err := roles.NewKey(format, key.Public())
	return &spelled, err
}

// sign signs a draft by the fakes of real keys.
func (f *forge) sign(ctx context.Context, draft *roles.Draft, by []roles.Key) ([]byte, error) {
	var signatures []roles.SignedBy
	for _, k := range by {
		key := f.keys[k.Fingerprint]
		if key == nil {
			return nil, fault.Errorf(fault.Failed, "no fake of key %s", k.ID)
		}
		value, err := key.Sign(ctx, draft.Signed)
		if err != nil {
			return nil, err
		}
		spelled, err := roles.NewKey(draft.Format, key.Public())
		if err != nil {
			return nil, err
		}
		signatures = append(signatures, roles.SignedBy{Key: spelled, Value: value})
	}
	return draft.Seal(signatures)
}

// prints replaces the fingerprints of real keys by those of their fakes.
func (f *forge) prints() *strings.Replacer {
	var pairs []string
	for real, key := range f.keys {
		record, err := workspace.NewKeyRecord("x", key.Public(), f.now)
		if err == nil {
			pairs = append(pairs, digest.SHA256(real).String(), digest.SHA256(record.Fingerprint()).String())
		}
	}
	return strings.NewReplacer(pairs...)
}
