// A key pair on a token, and the one way to sign with it.

package hsm

import (
	"context"
	"crypto"
	"crypto/x509"
	"slices"
)

// Key is a key pair on an open token.
type Key struct {
	token   *Token
	process *process // the helper that found it, and knows it by wire.Key
	wire    wireKey
	pub     crypto.PublicKey
	kind    KeyType
}

// newKey takes in what the helper found.
func (t *Token) newKey(w wireKey) (*Key, error) {
	pub, err := x509.ParsePKIXPublicKey(w.SPKI)
	if err != nil {
		return nil, t.process.errorf(ErrFailed, "public key of the token: %v", err)
	}
	kind, err := TypeOf(pub)
	if err != nil {
		return nil, t.process.errorf(ErrUnsupported, "%v", err)
	}
	return &Key{token: t, process: t.process, wire: w, pub: pub, kind: kind}, nil
}

// Public returns an ed25519.PublicKey, *ecdsa.PublicKey or *rsa.PublicKey.
func (k *Key) Public() crypto.PublicKey { return k.pub }

// ID returns CKA_ID.
func (k *Key) ID() []byte { return slices.Clone(k.wire.ID) }

// Label returns CKA_LABEL, fit for a terminal.
func (k *Key) Label() string { return k.wire.Label }

// Type returns the key type.
func (k *Key) Type() KeyType { return k.kind }

// Evidence returns what the token said about the private key when it was found.
func (k *Key) Evidence() Evidence { return k.wire.Evidence }

// Sign signs a whole message, not a digest, and verifies the signature with the
// Go standard library before it returns it:
//   - ed25519: 64 bytes, RFC 8032
//   - ecdsa-p256, ecdsa-p384: ASN.1 DER, with SHA-256 and SHA-384
//   - rsa-3072, rsa-4096: PSS with SHA-256, MGF1-SHA-256 and a 32-byte salt
//
// Several goroutines may sign at once: the token then works on one message while
// the signature of another is verified. A key that wants the PIN for each signature
// has it asked for: see Token.AskPIN.
func (k *Key) Sign(ctx context.Context, message []byte) ([]byte, error) {
	return k.SignVerified(ctx, message, func(signature []byte) error { return verify(k.pub, message, signature) })
}

// SignVerified is Sign where the caller verifies, in its place: who remembers what was
// verified need not read a large message twice.
func (k *Key) SignVerified(ctx context.Context, message []byte, verified func(signature []byte) error) ([]byte, error) {
	p := k.process
	signed, err := k.signRaw(ctx, k.wire.Mechanism.input(k.kind, message))
	if err != nil {
		return nil, err
	}
	signature, err := k.wire.Mechanism.output(signed)
	if err != nil {
		return nil, p.errorf(ErrSignature, "%v", err)
	}
	if err := verified(signature); err != nil {
		return nil, p.errorf(ErrSignature, "%v", err)
	}
	return signature, nil
}

// SelfTest has the key sign something that is nothing else.
func (k *Key) SelfTest(ctx context.Context) error {
	_, err := k.Sign(ctx, []byte(selfTestMessage))
	return err
}

// signRaw has the token sign. Where the key wants the PIN for it, that is asked for.
func (k *Key) signRaw(ctx context.Context, input []byte) ([]byte, error) {
	p := k.process
	if !k.wire.Evidence.PINEachTime {
		return p.do(ctx, p.module.timeout(), "sign", signArgs{Key: k.wire.Key}, input, &none{})
	}
	if k.token.askPIN == nil {
		return nil, p.errorf(ErrUnsupported, "the key wants the PIN for each signature (CKA_ALWAYS_AUTHENTICATE), and there is nobody to ask")
	}
	pin, err := k.token.askPIN(ctx, k)
	if err != nil {
		return nil, err
	}
	body := slices.Concat(pin, input)
	defer Wipe(body)
	defer Wipe(pin)
	return p.do(ctx, slow*p.module.timeout(), "sign", signArgs{k.wire.Key, len(pin)}, body, &none{})
}
