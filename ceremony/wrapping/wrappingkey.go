package wrapping

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/uptane/keyrite/ceremony/custody"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/hsm"
)

// WrappingKeyRequest says which token gets a wrapping key, and from where the
// security officer's PIN and the custodians' components come.
type WrappingKeyRequest struct {
	Token      string // in site.yaml
	Label      string
	SOPIN      string   // PIN source
	Components []string // PIN sources, one for each custodian, at least two; none where there are shares
	Shares     []string // PIN sources; the last one is asked until there are enough
}

// ImportWrappingKey gives a token a wrapping key that its security officer
// trusts, made of what several custodians bring, which nobody but the custodian sees:
// components of 64 hexadecimal digits, all of them needed, or shares. It returns the key check value, to
// be compared between tokens.
func ImportWrappingKey(ctx context.Context, r room.Room, w WrappingKeyRequest) (check string, err error) {
	site, err := r.Workspace.Site()
	if err != nil {
		return "", err
	}
	declared, err := site.Token(w.Token)
	if err != nil {
		return "", err
	}
	if err := w.check(); err != nil {
		return "", err
	}
	soPIN, err := readSecret(ctx, r.Prompter, w.SOPIN, "Security-officer PIN of token "+w.Token)
	if err != nil {
		return "", err
	}
	defer hsm.Wipe(soPIN)
	components, err := w.Read(ctx, r.Prompter)
	defer func() {
		for _, c := range components {
			hsm.Wipe(c)
		}
	}()
	if err != nil {
		return "", err
	}
	token := declared.URI.String()
	err = custody.Trace(r, func(log room.Log) error {
		if err := log.Append(0, transcript.ActorTool, transcript.Wrapping{Token: token, Label: w.Label}); err != nil {
			return err
		}
		if check, err = hsm.ImportWrappingKey(ctx, declared.Module, declared.URI, w.Label, soPIN, components); err != nil {
			return err
		}
		return log.Append(0, transcript.ActorTool, transcript.Wrapped{Token: token, Label: w.Label, CheckValue: check})
	})
	return check, err
}

// check refuses a key that one person may know.
func (r WrappingKeyRequest) check() error {
	switch n := len(r.Components); {
	case n > 0 && len(r.Shares) > 0:
		return fault.Errorf(fault.Usage, "wrapping key: got components and shares, want either")
	case n < 2 && len(r.Shares) == 0:
		return fault.Errorf(fault.Usage, "wrapping key: got %s, want at least 2: no one person may know it", words.Count(n, "component"))
	}
	return nil
}

// Read reads what the custodians bring, as components of the key. The caller wipes them,
// after an error too.
func (r WrappingKeyRequest) Read(ctx context.Context, prompter prompt.Prompter) ([][]byte, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	if len(r.Shares) > 0 {
		return r.shares(ctx, prompter)
	}
	return r.components(ctx, prompter)
}

// components reads what the custodians bring. The caller wipes it, after an
// error too.
func (r WrappingKeyRequest) components(ctx context.Context, prompter prompt.Prompter) (list [][]byte, err error) {
	for i, from := range r.Components {
		which := fmt.Sprintf("component %d of %d", i+1, len(r.Components))
		parsed, err := hsm.ParsePINSource(from)
		if err != nil {
			return list, &fault.Error{Code: fault.Usage, Err: fmt.Errorf("%s: %w", which, err)}
		}
		component, err := readComponent(ctx, prompter, parsed, which)
		if err != nil {
			return list, err
		}
		list = append(list, component)
		prompter.Say("The check value of %s is %s. Whoever brought it compares that with their paper, or writes it there.", which, hsm.CheckValue(component))
	}
	return list, nil
}

// readComponent reads one component. One that is typed is typed twice: a backup that was
// wrapped with a typing mistake in the key is of no use on any other day.
func readComponent(ctx context.Context, prompter prompt.Prompter, from hsm.PINSource, which string) ([]byte, error) {
	if !from.Asks() {
		digits, err := from.Read(nil)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", which, err)
		}
		return decodeNamed(digits, which)
	}
	return custody.Twice(prompter, func(again bool) ([]byte, error) {
		what := "64 hexadecimal digits"
		if again {
			what = "again"
		}
		digits, err := prompter.PIN(ctx, fmt.Sprintf("%s, %s: ", which, what))
		if err != nil {
			return nil, err
		}
		return decodeNamed(digits, which)
	})
}

// decodeNamed decodes and wipes what was read.
func decodeNamed(digits []byte, which string) ([]byte, error) {
	defer hsm.Wipe(digits)
	component, err := decodeComponent(digits)
	if err != nil {
		return nil, fault.Errorf(fault.Usage, "%s: %w", which, err)
	}
	return component, nil
}

// readSecret reads what a source names, or asks for it without showing it.
func readSecret(ctx context.Context, prompter prompt.Prompter, from, what string) ([]byte, error) {
	parsed, err := hsm.ParsePINSource(from)
	if err != nil {
		return nil, &fault.Error{Code: fault.Usage, Err: fmt.Errorf("%s: %w", what, err)}
	}
	return parsed.Read(func() ([]byte, error) {
		secret, err := prompter.PIN(ctx, what+": ")
		return secret, custody.Unasked(prompter, err, "or say where they come from: --so-pin and --component take file:/PATH, env:NAME and fd:N")
	})
}

// decodeComponent reads 32 bytes; digits may stand in groups. Its errors say
// nothing of what was typed.
func decodeComponent(digits []byte) ([]byte, error) {
	compact := bytes.Join(bytes.Fields(digits), nil)
	defer hsm.Wipe(compact)
	component := make([]byte, 32)
	if len(compact) != 2*len(component) {
		return nil, fmt.Errorf("got %d characters, want %d hexadecimal digits", len(compact), 2*len(component))
	}
	if _, err := hex.Decode(component, compact); err != nil {
		hsm.Wipe(component)
		return nil, errors.New("not all of it is hexadecimal digits")
	}
	return component, nil
}
