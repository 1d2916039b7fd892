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

// Question is what a person is asked before something that cannot be undone.
type Question struct {
	Step   int    // of the plan; 0 outside of steps
	Who    string // custodian; empty for whoever is there
	What   string // what is about to happen, in full
	Phrase string // that stands for yes
}

// Consent asks for the exact phrase. Question and answer stand in the log, also
// when the answer is no.
func (r Room) Consent(ctx context.Context, log Log, q Question) error {
	if err := log.Append(q.Step, transcript.ActorTool, transcript.Asked{Who: q.Who, Phrase: q.Phrase}); err != nil {
		return err
	}
	if err := r.Prompter.Confirm(ctx, q.What, q.Phrase); err != nil {
		if logErr := log.Append(q.Step, transcript.ActorPerson, transcript.Declined{Phrase: q.Phrase}); logErr != nil {
			return logErr
		}
		return err
	}
	return log.Append(q.Step, transcript.ActorPerson, transcript.Agreed{Phrase: q.Phrase})
}

// Unattended is the consent that site.yaml gives a token for some roles. It
// stands in the log as a person's does.
func (r Room) Unattended(log Log, q Question, token string, forRoles []string) error {
	return log.Append(q.Step, transcript.ActorTool, transcript.Unattended{Phrase: q.Phrase, Token: token, Roles: forRoles})
}
