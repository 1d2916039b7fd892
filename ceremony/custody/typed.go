package custody

import (
	"bytes"
	"errors"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/hsm"
)

// Unasked adds to an error what can be done where there is nobody to ask.
func Unasked(prompter prompt.Prompter, err error, hint string) error {
	var refusal *fault.Error
	if errors.As(err, &refusal) && !prompter.Asks() {
		return refusal.Hint("%s", hint)
	}
	return err
}

// Twice asks for a secret until it was typed the same a second time.
func Twice(prompter prompt.Prompter, ask func(again bool) ([]byte, error)) ([]byte, error) {
	for {
		first, err := ask(false)
		if err != nil {
			return nil, err
		}
		second, err := ask(true)
		if err == nil && bytes.Equal(first, second) {
			hsm.Wipe(second)
			return first, nil
		}
		hsm.Wipe(first)
		hsm.Wipe(second)
		if err != nil {
			return nil, err
		}
		prompter.Say("The two differ; nothing was changed. Once more.")
	}
}
