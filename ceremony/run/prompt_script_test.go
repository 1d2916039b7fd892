package run

import (
	"context"
	"fmt"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/words"
)

// asAsked is the answer of a Script that repeats whatever phrase is asked for.
const asAsked = "(as asked)"

// Script is a Prompter that answers in advance, question by question: to Confirm
// with what is typed, to PIN with the PIN. After the last answer nobody is there.
type Script struct {
	Answers []string
	Asked   []string // phrases and PIN prompts, in order
	Said    []string
}

func (s *Script) Say(format string, args ...any) {
	s.Said = append(s.Said, words.Printable(fmt.Sprintf(format, args...)))
}

func (s *Script) Asks() bool { return true }

func (s *Script) Confirm(ctx context.Context, what, phrase string) error {
	s.Say("%s", what)
	answer, ok := s.next(ctx, phrase)
	if !ok || answer != phrase && answer != asAsked {
		return prompt.ErrDeclined
	}
	return nil
}

func (s *Script) PIN(ctx context.Context, prompt string) ([]byte, error) {
	answer, ok := s.next(ctx, prompt)
	if !ok || answer == "" {
		return nil, fault.Errorf(fault.Token, "no PIN was entered")
	}
	return []byte(answer), nil
}

func (s *Script) next(ctx context.Context, question string) (answer string, ok bool) {
	s.Asked = append(s.Asked, question)
	if len(s.Answers) == 0 || ctx.Err() != nil {
		return "", false
	}
	answer, s.Answers = s.Answers[0], s.Answers[1:]
	return answer, true
}
