package room

import (
	"context"
	"time"

	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// Room is what everything that people do together shares.
type Room struct {
	Workspace *workspace.Workspace
	Prompter  prompt.Prompter
	Now       func() time.Time

	// Desk takes what people type instead of an answer, such as an arrival; nil
	// where nobody keeps a roll.
	Desk Desk

	// Rehearsal is what is rehearsed; nil where all is meant. Neither opens a token of
	// the other.
	Rehearsal *workspace.Rehearsal
}

// Label is what a token calls a key of that name.
func (r Room) Label(key string) string {
	if r.Rehearsal != nil {
		return workspace.FakePrefix + key
	}
	return key
}

// Log takes the lines of a transcript.
type Log interface {
	Append(step int, actor string, data transcript.Data) error
}

// Desk takes a line that is a command and no answer. It reports whether it was
// one; an error ends the question.
type Desk func(ctx context.Context, log Log, step int, line string) (taken bool, err error)

// Unattended is the consent that site.yaml gives a token for some roles, or that what is
// fake needs nobody for. It stands in the log as a person's does.
func (r Room) Unattended(log Log, q Question, token string, forRoles []string) error {
	return log.Append(q.Step, transcript.ActorTool, transcript.Unattended{Phrase: q.Phrase, Token: token, Roles: forRoles, Fake: r.Rehearsal != nil})
}
