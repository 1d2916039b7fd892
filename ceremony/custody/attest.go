package custody

import (
	"time"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

// AttestKey verifies that a vendor's certificate chain attests the key of NAME,
// and keeps it in the workspace. Chain and roots are PEM; see
// [hsm.VerifyAttestation].
func AttestKey(ws *workspace.Workspace, name string, chain, roots []byte, now time.Time) (*workspace.AttestationRecord, error) {
	record, err := ws.Key(name)
	if err != nil {
		return nil, err
	}
	verified, err := hsm.VerifyAttestation(record.PublicKey(), chain, roots, now)
	if err != nil {
		return nil, fault.Errorf(fault.Unverified, "key %s: %w", name, err)
	}
	a := &workspace.AttestationRecord{Version: 1, Key: name, Verified: now.UTC().Truncate(time.Second), Attestation: verified, Roots: string(roots)}
	data, err := strict.Encode(a)
	if err != nil {
		return nil, err
	}
	return a, ws.Create(workspace.AttestationPath(name), data)
}
