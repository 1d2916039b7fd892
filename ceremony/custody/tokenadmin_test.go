package custody

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/prompt"
)

// typist types answers to questions for PINs, and keeps what was said.
type typist struct {
	prompt.Prompter
	answers []string
	said    []string
}

func (p *typist) PIN(_ context.Context, question string) ([]byte, error) {
	p.said = append(p.said, question)
	if len(p.answers) == 0 {
		return nil, errors.New("nobody is there")
	}
	answer := p.answers[0]
	p.answers = p.answers[1:]
	return []byte(answer), nil
}

func (p *typist) Say(format string, args ...any) {
	p.said = append(p.said, fmt.Sprintf(format, args...))
}

func TestANewPINIsAskedForUntilItIsTheSameTwice(t *testing.T) {
	p := &typist{answers: []string{"1234", "1243", "5678", "5678"}}
	pin, err := newPIN(t.Context(), p, "ask", "user PIN of token a")
	if err != nil || string(pin) != "5678" {
		t.Errorf("got %q, %v", pin, err)
	}
	want := []string{"New user PIN of token a: ", "Again: ", "The two PINs differ; nothing was changed. Once more.", "New user PIN of token a: ", "Again: "}
	if !slices.Equal(p.said, want) {
		t.Errorf("said %q", p.said)
	}
	for n := range 2 {
		p := &typist{answers: []string{"1234"}[:n]}
		if _, err := newPIN(t.Context(), p, "ask", "PIN"); err == nil || !strings.Contains(err.Error(), "nobody") {
			t.Errorf("after %d answers: got %v", n, err)
		}
	}
}
