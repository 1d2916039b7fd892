package rehearse

import (
	"context"

	"github.com/uptane/keyrite/ceremony/custody"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

// keys makes a fake of every key that has a record: on the token that stands for the
// one that holds it, or on that of all the keys elsewhere.
func (b *builder) keys(ctx context.Context) error {
	records, err := b.files.Keys()
	if err != nil {
		return err
	}
	for name, real := range records {
		if err := b.key(ctx, name, real); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) key(ctx context.Context, name string, real *workspace.KeyRecord) error {
	on, held := b.plan.Room.Held[name]
	if !held {
		on = elsewhere
	}
	backup := real.Evidence != nil && real.Evidence.Extractable
	key, err := b.forge.fake(ctx, real.Fingerprint(), real.PublicKey(), name, on, backup)
	if err != nil {
		return err
	}
	return b.record(ctx, name, b.forge.open[on], key)
}

func (b *builder) record(ctx context.Context, name string, token *hsm.Token, key *hsm.Key) error {
	record, err := custody.RecordFor(ctx, name, b.Now(), token, key)
	if err != nil {
		return err
	}
	return b.world.AddKey(record)
}
