package custody

import (
	"context"
	"crypto/x509"
	"fmt"
	"time"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

// RecordFor makes the public record of a key on a token: what the token says of
// it, and a proof that the token has it. The key must be found again as signing
// will find it.
func RecordFor(ctx context.Context, name string, now time.Time, token *hsm.Token, key *hsm.Key) (*workspace.KeyRecord, error) {
	record, err := workspace.NewKeyRecord(name, key.Public(), now)
	if err != nil {
		return nil, err
	}
	if _, err := token.Find(ctx, key.Public()); err != nil {
		return nil, fmt.Errorf("the new key is not found again: %w", err)
	}
	proof, err := key.Prove(ctx, name, now)
	if err != nil {
		return nil, err
	}
	info, evidence := token.Info(), key.Evidence()
	record.Token = &workspace.TokenRecord{Label: info.Label, Serial: info.Serial, Model: info.Model, Manufacturer: info.Manufacturer, Firmware: info.Firmware, Ledger: info.Ledger().Holds}
	record.Evidence, record.Proof = &evidence, &proof
	return record, nil
}

// fingerprint identifies a key on a token by its public half.
func fingerprint(key *hsm.Key) (digest.SHA256, error) {
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	return digest.Of(der), err
}

// Find finds the private key of a record on its token.
func Find(ctx context.Context, token *hsm.Token, record *workspace.KeyRecord, name string) (*hsm.Key, error) {
	key, err := token.Find(ctx, record.PublicKey())
	if err != nil {
		return nil, fmt.Errorf("key %s on token %s: %w", record.Name, name, err)
	}
	return key, nil
}
