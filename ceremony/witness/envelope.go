package witness

import (
	"bytes"
	"context"
	"crypto"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/hsm"
)

// MaxEnvelope bounds the file of a witness's signature, in bytes.
const MaxEnvelope = 64 << 10

// Sign has a statement signed, and returns its envelope (DSSE 1.0), verified.
func Sign(ctx context.Context, s Statement, sign func(context.Context, []byte) ([]byte, error)) ([]byte, error) {
	payload, err := strict.JSON(s)
	if err != nil {
		return nil, err
	}
	signer, err := dsse.NewEnvelopeSigner(party{s.Key, sign})
	if err != nil {
		return nil, err
	}
	envelope, err := signer.SignPayload(ctx, payloadType, payload)
	if err != nil {
		return nil, err
	}
	line, err := strict.JSON(envelope)
	if err != nil {
		return nil, err
	}
	data := append(line, '\n')
	_, err = Open("the new signature", data)
	return data, err
}

// FromSSH is Sign with a signature that ssh-keygen -Y sign made elsewhere.
func FromSSH(ctx context.Context, s Statement, armored []byte) ([]byte, error) {
	blob, err := dearmor(armored)
	if err != nil {
		return nil, fault.Errorf(fault.Unverified, "%w", err)
	}
	return Sign(ctx, s, func(context.Context, []byte) ([]byte, error) { return blob, nil })
}

// Open reads an envelope in its one spelling and verifies it under the key that it
// names. Whose key that is, the caller has to know.
func Open(name string, data []byte) (Statement, error) {
	s, err := open(data)
	if err != nil {
		return Statement{}, fault.Errorf(fault.Unverified, "%s: %w", name, err)
	}
	return s, nil
}

func open(data []byte) (s Statement, err error) {
	if len(data) > MaxEnvelope {
		return s, fmt.Errorf("is %d bytes, want at most %d", len(data), MaxEnvelope)
	}
	envelope := new(dsse.Envelope)
	if err := spelled(data, envelope, "\n"); err != nil {
		return s, err
	}
	if envelope.PayloadType != payloadType {
		return s, fmt.Errorf("payload is of type %q, want %q", envelope.PayloadType, payloadType)
	}
	payload, err := envelope.DecodeB64Payload()
	if err != nil {
		return s, err
	}
	if err := spelled(payload, &s, ""); err != nil {
		return s, err
	}
	if n := len(envelope.Signatures); n != 1 {
		return s, fmt.Errorf("got %d signatures, want one, by the key that the statement names", n)
	}
	verifier, err := dsse.NewEnvelopeVerifier(party{key: s.Key})
	if err != nil {
		return s, err
	}
	_, err = verifier.Verify(context.Background(), envelope)
	return s, err
}

// spelled reads JSON that is spelled as keyrite spells it, so that one changed byte of
// it shows whatever it means.
func spelled(data []byte, into any, end string) error {
	if err := json.Unmarshal(data, into); err != nil {
		return err
	}
	again, err := strict.JSON(into)
	if err == nil && !bytes.Equal(append(again, end...), data) {
		err = errors.New("it is not spelled as keyrite spells it")
	}
	return err
}

// party is the witness as DSSE knows one.
type party struct {
	key  Key
	sign func(context.Context, []byte) ([]byte, error)
}

var _ dsse.SignerVerifier = party{}

func (p party) Sign(ctx context.Context, message []byte) ([]byte, error) { return p.sign(ctx, message) }

// Verify takes both forms: that of a token and that of ssh-keygen, which cannot be
// mistaken for one another.
func (p party) Verify(_ context.Context, message, signature []byte) error {
	if bytes.HasPrefix(signature, []byte(magic)) {
		return verifySSH(p.key.public, message, signature)
	}
	if p.key.Public() == nil {
		return errors.New("no signature of ssh-keygen, as keys of this type make")
	}
	return hsm.Verify(p.key.Public(), message, signature)
}

func (p party) KeyID() (string, error) { return p.key.Fingerprint(), nil }

func (p party) Public() crypto.PublicKey { return p.key.Public() }
