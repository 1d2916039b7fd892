package custody

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

// WrappingKeyRequest says which token gets a wrapping key, and from where the
// security officer's PIN and the custodians' components come.
type WrappingKeyRequest struct {
	Token      string // in site.yaml
	Label      string
	SOPIN      string   // PIN source
	Components []string // PIN sources, one for each custodian, at least two
}

// ImportWrappingKey gives a token a wrapping key that its security officer
// trusts, made of the components of several custodians: 64 hexadecimal digits
// each, which nobody but the custodian sees. It returns the key check value, to
// be compared between tokens.
func ImportWrappingKey(ctx context.Context, ws *workspace.Workspace, prompter prompt.Prompter, now func() time.Time, r WrappingKeyRequest) (string, error) {
	site, err := ws.Site()
	if err != nil {
		return "", err
	}
	declared, err := site.Token(r.Token)
	if err != nil {
		return "", err
	}
	if len(r.Components) < 2 {
		return "", fault.Errorf(fault.Usage, "wrapping key: got %d components, want at least 2: no one person may know it", len(r.Components))
	}
	soPIN, err := readSecret(ctx, prompter, r.SOPIN, "Security-officer PIN of token "+r.Token)
	if err != nil {
		return "", err
	}
	defer hsm.Wipe(soPIN)
	components, err := r.components(ctx, prompter)
	defer func() {
		for _, c := range components {
			hsm.Wipe(c)
		}
	}()
	if err != nil {
		return "", err
	}
	act := &custodyAct{Do: "wrapping-key", Token: declared.URI.String(), WrappingKey: r.Label}
	err = keepCustody(ws, prompter, now, act, func(c *custody) (err error) {
		if err := c.intend(act); err != nil {
			return err
		}
		act.CheckValue, err = hsm.ImportWrappingKey(ctx, declared.Module, declared.URI, r.Label, soPIN, components)
		return err
	})
	return act.CheckValue, err
}

// components reads what the custodians bring. The caller wipes it, after an
// error too.
func (r WrappingKeyRequest) components(ctx context.Context, prompter prompt.Prompter) (list [][]byte, err error) {
	for i, from := range r.Components {
		what := fmt.Sprintf("Component %d of %d, 64 hexadecimal digits", i+1, len(r.Components))
		digits, err := readSecret(ctx, prompter, from, what)
		if err != nil {
			return list, err
		}
		component, err := decodeComponent(digits)
		hsm.Wipe(digits)
		if err != nil {
			return list, fault.Errorf(fault.Usage, "component %d of %d: %w", i+1, len(r.Components), err)
		}
		list = append(list, component)
	}
	return list, nil
}

// readSecret reads what a source names, or asks for it without showing it.
func readSecret(ctx context.Context, prompter prompt.Prompter, from, what string) ([]byte, error) {
	parsed, err := hsm.ParsePINSource(from)
	if err != nil {
		return nil, &fault.Error{Code: fault.Usage, Err: fmt.Errorf("%s: %w", what, err)}
	}
	return parsed.Read(func() ([]byte, error) { return prompter.PIN(ctx, what+": ") })
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
