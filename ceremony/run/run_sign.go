package run

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/roles"
)

type signIntent struct {
	Role   string `json:"role"`
	Key    string `json:"key"`
	Token  string `json:"token"`  // serial
	SHA256 string `json:"sha256"` // of the bytes to sign
}

// signatureFile is one signature, as it lies in the ceremony's signatures
// folder and in the transcript.
type signatureFile struct {
	Role      string `json:"role"`
	Version   int64  `json:"version"`
	Key       string `json:"key"`
	KeyID     string `json:"keyid"`
	SHA256    string `json:"sha256"`    // of the bytes that were signed
	Signature string `json:"signature"` // base64
}

// sign has one key sign a reviewed file. The signature is verified with the
// standard library before anything is written.
func (m *machine) sign(ctx context.Context, s plan.Step) (any, error) {
	reviewed, ok := m.reviewed[s.Role]
	if !ok {
		return nil, fault.Errorf(fault.Usage, "plan.yaml: step %d signs %s, which no step before it reviews", s.Step, s.Role)
	}
	_, want, err := m.load()
	if err != nil {
		return nil, err
	}
	key, name := want.Ring.Keys[s.Key], m.signaturePath(s)
	if done, err := m.signedBefore(name, reviewed, key); err != nil || done != nil {
		return done, err
	}
	signer, err := m.tokens.Key(ctx, s.Key, key.Public)
	if err != nil {
		return nil, err
	}
	token, err := m.tokens.Holding(ctx, s.Key)
	if err != nil {
		return nil, err
	}
	if err := m.intend(s, signIntent{s.Role, s.Key, token.Info().Serial, fmt.Sprintf("%x", reviewed.sum)}); err != nil {
		return nil, err
	}
	value, err := signReviewed(ctx, reviewed, signer, key)
	if err != nil {
		return nil, err
	}
	result := signatureFile{s.Role, s.Version, s.Key, string(key.ID), fmt.Sprintf("%x", reviewed.sum), base64.StdEncoding.EncodeToString(value)}
	data, err := result.encode()
	if err != nil {
		return nil, err
	}
	return result, m.Workspace.Create(name, data)
}

func (m *machine) signaturePath(s plan.Step) string {
	return path.Join(m.plan.Dir(), "signatures", fmt.Sprintf("%02d-%s-%s.json", s.Step, s.Role, s.Key))
}

func (f signatureFile) encode() ([]byte, error) {
	data, err := json.MarshalIndent(f, "", "  ")
	return append(data, '\n'), err
}

// recheckSign holds the signature's file against the transcript.
func (m *machine) recheckSign(s plan.Step, raw json.RawMessage) error {
	var result signatureFile
	if err := json.Unmarshal(raw, &result); err != nil {
		return fault.Errorf(fault.Unverified, "transcript: result of step %d: %w", s.Step, err)
	}
	data, err := result.encode()
	if err != nil {
		return err
	}
	return m.unchanged(m.signaturePath(s), fmt.Sprintf("%x", sha256.Sum256(data)))
}

// signReviewed is the only place that sends metadata to an HSM.
func signReviewed(ctx context.Context, r Reviewed, signer *hsm.Key, key roles.Key) ([]byte, error) {
	value, err := signer.Sign(ctx, r.draft.Signed)
	if err != nil {
		return nil, err
	}
	if err := roles.VerifySignature(key, r.draft.Signed, value); err != nil {
		return nil, fault.Errorf(fault.Token, "the token returned a bad signature: %w", err)
	}
	return value, nil
}

// signedBefore adopts the signature of a run that was interrupted between the
// file and the transcript.
func (m *machine) signedBefore(name string, r Reviewed, key roles.Key) (any, error) {
	data, err := m.Workspace.Read(name, 64<<10)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var found signatureFile
	if err := json.Unmarshal(data, &found); err != nil {
		return nil, fault.Errorf(fault.Unverified, "%s: %w", name, err)
	}
	if _, err := found.verified(r, key); err != nil {
		return nil, fault.Errorf(fault.Unverified, "%s: %w", name, err)
	}
	return found, nil
}

// verified returns the signature's bytes after checking that they sign exactly
// what was reviewed.
func (f signatureFile) verified(r Reviewed, key roles.Key) ([]byte, error) {
	if want := fmt.Sprintf("%x", r.sum); f.SHA256 != want {
		return nil, fmt.Errorf("signs other bytes; got SHA-256 %s, want %s", f.SHA256, want)
	}
	value, err := base64.StdEncoding.Strict().DecodeString(f.Signature)
	if err != nil {
		return nil, err
	}
	return value, roles.VerifySignature(key, r.draft.Signed, value)
}
