package custody

import (
	"context"
	"errors"
	"time"

	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// custodyDir holds the transcript of what is done with private keys outside of
// ceremonies: generated, given a wrapping key, backed up, restored. It is chained
// and durable as a ceremony's is.
const custodyDir = "custody"

// custody is that transcript while something is done.
type custody struct {
	transcript *transcript.Transcript
	prompter   prompt.Prompter
}

// custodyAct is what is about to be done, or was done, in the transcript.
type custodyAct struct {
	Do          string `json:"do"` // generate, wrapping-key, back-up or restore
	Key         string `json:"key,omitempty"`
	Type        string `json:"type,omitempty"`
	Token       string `json:"token"`        // serial; the URI in site.yaml of one that gets a wrapping key
	ID          string `json:"id,omitempty"` // CKA_ID, hexadecimal
	WrappingKey string `json:"wrapping-key,omitempty"`
	CheckValue  string `json:"check-value,omitempty"`
	Fingerprint string `json:"fingerprint,omitempty"` // SHA-256 of the public key's SPKI DER
	Backup      string `json:"backup,omitempty"`      // SHA-256 of the backup's file
}

// keepCustody does something with a private key and writes down how it ended. do
// says with intend what it is about to do, before it asks a token for it, and
// completes act for the result.
func keepCustody(ws *workspace.Workspace, prompter prompt.Prompter, now func() time.Time, act *custodyAct, do func(*custody) error) (err error) {
	t, err := transcript.Open(ws.Folder, custodyDir, now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	if err := do(&custody{t, prompter}); err != nil {
		return errors.Join(err, t.Append(0, transcript.ActorTool, transcript.EventFailed, transcript.FailedData{Error: err.Error()}))
	}
	return t.Append(0, transcript.ActorTool, transcript.EventResult, *act)
}

func (c *custody) intend(act *custodyAct) error {
	return c.transcript.Append(0, transcript.ActorTool, transcript.EventIntent, *act)
}

func (c *custody) consent(ctx context.Context, what, phrase string) error {
	return transcript.Consent(ctx, c.transcript, c.prompter, 0, what, phrase)
}
