// Backup: a private key leaves its token wrapped, and only under a key that the
// token's security officer has marked as trusted. PKCS#11 v3.0 §4.9,
// CKA_WRAP_WITH_TRUSTED. The wrapping key reaches both tokens as components that
// several custodians hold on paper, so that no one of them can unwrap anything.

package hsm

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/base64"
)

// BackupWarning is to be shown before a key is made that can be backed up.
const BackupWarning = "a key that can be backed up can never be shown to exist only once; " +
	"independent keys on separate tokens, with a threshold below their number, are the better backup"

// WrappedKey is a private key that only the tokens with its wrapping key can
// read. It is no secret, but is kept like one.
type WrappedKey struct {
	Label       string  `json:"label" yaml:"label"`
	Type        KeyType `json:"type" yaml:"type"`
	Public      string  `json:"public" yaml:"public"`                               // SubjectPublicKeyInfo, DER, base64
	WrappingKey string  `json:"wrapping-key" yaml:"wrapping-key"`                   // label of the wrapping key
	CheckValue  string  `json:"check-value,omitempty" yaml:"check-value,omitempty"` // of the wrapping key, 6 hexadecimal digits; "" where the token does not tell
	Mechanism   string  `json:"mechanism" yaml:"mechanism"`
	Wrapped     string  `json:"wrapped" yaml:"wrapped"` // wrapped PKCS#8 (RFC 5958), base64
}

// PublicKey returns the public key that belongs to the wrapped one.
func (w WrappedKey) PublicKey() (crypto.PublicKey, error) {
	spki, err := base64.StdEncoding.Strict().DecodeString(w.Public)
	if err != nil {
		return nil, err
	}
	return x509.ParsePKIXPublicKey(spki)
}

// ImportWrappingKey makes a trusted AES-256 wrapping key of two or more components
// of 32 bytes each, joined by exclusive or. Only the security officer can. It
// returns the key check value, which is the same on every token that was given
// the same components. The token must not be open; the caller wipes soPIN and
// components.
func ImportWrappingKey(ctx context.Context, m Module, uri URI, label string, soPIN []byte, components [][]byte) (checkValue string, err error) {
	t, err := Open(ctx, m, uri)
	if err != nil {
		return "", err
	}
	defer t.Close()
	body := make([]byte, 0, len(components)*wrappingKeyBytes)
	defer func() { Wipe(body) }()
	for _, c := range components {
		if len(c) != wrappingKeyBytes {
			return "", t.process.errorf(ErrUsage, "component of a wrapping key; got %d bytes, want %d", len(c), wrappingKeyBytes)
		}
		body = append(body, c...)
	}
	if _, err := call[none](ctx, t.process, m.timeout(), "loginso", none{}, soPIN); err != nil {
		return "", err
	}
	return call[string](ctx, t.process, m.timeout(), "wrappingkey", label, body)
}

// Backup wraps the private key under the trusted wrapping key with this label.
// It refuses a key that was not generated with KeySpec.Backup.
func (k *Key) Backup(ctx context.Context, wrappingKey string) (WrappedKey, error) {
	p := k.process
	if e := k.Evidence(); !e.Extractable || !e.WrapWithTrusted {
		return WrappedKey{}, p.errorf(ErrUsage, "key %q was not made to be backed up: extractable %v, wrap with trusted %v; want true, true",
			k.Label(), e.Extractable, e.WrapWithTrusted)
	}
	var how wrappedBy
	wrapped, err := p.do(ctx, p.module.timeout(), "wrap", wrapArgs{k.wire.Key, wrappingKey}, nil, &how)
	if err != nil {
		return WrappedKey{}, err
	}
	return WrappedKey{
		Label: k.Label(), Type: k.kind, Public: base64.StdEncoding.EncodeToString(k.wire.SPKI),
		WrappingKey: wrappingKey, CheckValue: how.CheckValue, Mechanism: how.Mechanism, Wrapped: base64.StdEncoding.EncodeToString(wrapped),
	}, nil
}

// Restore unwraps a backup into a new pair under id, with the wrapping key that has the
// check value of the backup, whatever its label. The pair proves with a
// signature that it belongs to the public key. The restored key cannot leave the
// token again; its evidence shows that it was not made there.
func (t *Token) Restore(ctx context.Context, w WrappedKey, id [16]byte) (*Key, error) {
	wrapped, err := base64.StdEncoding.Strict().DecodeString(w.Wrapped)
	if err != nil {
		return nil, t.process.errorf(ErrUsage, "backup: wrapped: %v", err)
	}
	if len(wrapped) == 0 { // the binding does not survive it
		return nil, t.process.errorf(ErrUsage, "backup: wrapped is empty")
	}
	pub, err := w.PublicKey()
	if err != nil {
		return nil, t.process.errorf(ErrUsage, "backup: public: %v", err)
	}
	spki, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return nil, t.process.errorf(ErrUsage, "backup: public: %v", err)
	}
	if kind, err := TypeOf(pub); err != nil || kind != w.Type {
		return nil, t.process.errorf(ErrUsage, "backup: type; got %s, want that of the public key", w.Type)
	}
	args := unwrapArgs{
		New: generateArgs{ID: id[:], Label: w.Label, Type: w.Type}, SPKI: spki, WrappingKey: w.WrappingKey, CheckValue: w.CheckValue, Mechanism: w.Mechanism,
	}
	made, err := afresh[wireKey](ctx, t, slow*t.process.module.timeout(), "unwrap", args, wrapped)
	if err != nil {
		return nil, err
	}
	return t.selfTest(ctx, made)
}
