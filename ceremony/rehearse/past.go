package rehearse

import (
	"context"
	"errors"
	"path"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/transcript"
)

// signedBefore tells the world which versions are taken: those that real ceremonies
// signed, by real keys that have no part in it.
func (b *builder) signedBefore(context.Context) (err error) {
	var marks []transcript.Mark
	for _, role := range b.past.Roles() {
		s, _ := b.past.Newest(role)
		marks = append(marks, transcript.Mark{Role: role, Version: s.Version, SHA256: s.SHA256, Placed: s.Placed})
	}
	if marks == nil {
		return nil
	}
	before := "1970-01-01-" + b.plan.Repository + "-1" // and all others later
	t, err := transcript.Open(b.world.Folder, ceremonies.SiteDir(before, b.site.Name), b.Now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	if err := t.Append(0, transcript.ActorTool, transcript.Started{Plan: digest.SHA256{}, Fake: true}); err != nil {
		return err
	}
	because := "these versions were signed before " + path.Base(b.plan.Dir())
	return t.Append(0, transcript.ActorTool, transcript.Aborted{Repository: b.plan.Repository, Because: because, Signed: marks})
}
