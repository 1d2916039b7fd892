package transcript

import (
	"context"

	"github.com/uptane/keyrite/ceremony/prompt"
)

// Consent asks for the exact phrase of what cannot be undone. Question and
// answer stand in the transcript.
func Consent(ctx context.Context, t *Transcript, p prompt.Prompter, step int, what, phrase string) error {
	if err := t.Append(step, ActorTool, EventPrompt, promptData{Phrase: phrase}); err != nil {
		return err
	}
	if err := p.Confirm(ctx, what, phrase); err != nil {
		return err
	}
	return t.Append(step, ActorPerson, EventAnswer, promptData{Phrase: phrase})
}

// Who acts, in the transcript.
const (
	ActorTool   = "keyrite"
	ActorPerson = "operator"
)

type FailedData struct {
	Error string `json:"error"`
}

// promptData is a phrase that was asked for, or given.
type promptData struct {
	Phrase string `json:"phrase"`
}

type NoteData struct {
	Text string `json:"text"`
}
