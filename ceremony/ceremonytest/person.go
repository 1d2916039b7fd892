package ceremonytest

import (
	"context"
	"strings"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/screen"
)

// AsAsked is the answer of a Person who types whatever stands for yes.
const AsAsked = "(as asked)"

// Person is a Prompter that answers in advance, question by question: to a consent
// with what is typed, to PIN with the PIN. After the last answer nobody is there.
// Words of the paper are read from Paper, and are no answer; nor is what Politely
// types.
type Person struct {
	Answers []string
	Paper   map[string]digest.SHA256 // plan, room, head
	Asked   []string                 // what consents are about, and PIN prompts, in order
	Said    []string

	// Instead answers what Politely would; false leaves it to that. nil: nothing.
	Instead func(question string) (string, bool)

	// Before is called before each question is answered, and before something is
	// said: that is when somebody else has time for the disk.
	Before func(text string)
}

// Say is that of prompt.Prompter.
func (p *Person) Say(format string, args ...any) { p.Show(screen.Plainly(format, args...)) }

// Show is that of prompt.Prompter.
func (p *Person) Show(shown screen.Text) {
	text := shown.String()
	p.notice(text)
	p.Said = append(p.Said, text)
	if strings.Contains(text, "head of the transcript at ") && p.Paper != nil {
		if head, known := GridIn(text); known {
			p.Paper["head"] = head
		}
	}
}

// Page is that of prompt.Prompter.
func (p *Person) Page(_ context.Context, text screen.Text) { p.Show(text) }

// Terminal is that of prompt.Prompter.
func (p *Person) Terminal() screen.Terminal { return screen.Terminal{} }

// Used is nothing: there is always room.
func (p *Person) Used() int { return 0 }

// Asks is true.
func (p *Person) Asks() bool { return true }

func (p *Person) notice(text string) {
	if p.Before != nil {
		p.Before(text)
	}
}

// Line is that of prompt.Prompter.
func (p *Person) Line(ctx context.Context, question string) (string, error) {
	if m := PaperQuestion.FindStringSubmatch(question); m != nil && p.Paper != nil {
		p.notice(question)
		return WordsAt(p.Paper[m[1]], m[2]), nil
	}
	if typed, ok := p.politely(question); ok {
		p.notice(question)
		return typed, nil
	}
	what, right := p.about(question)
	answer, ok := p.next(ctx, what)
	if !ok {
		return "", prompt.ErrDeclined
	}
	if answer == AsAsked {
		answer = right
	}
	return answer, nil
}

func (p *Person) politely(question string) (typed string, ok bool) {
	if p.Instead != nil {
		if typed, ok := p.Instead(question); ok {
			return typed, true
		}
	}
	return Politely(question)
}

// about is what a question is about, and what stands for yes.
func (p *Person) about(question string) (what, right string) {
	if m := PhraseQuestion.FindStringSubmatch(question); m != nil {
		return m[1], m[1]
	}
	if m := CardQuestion.FindStringSubmatch(question); m != nil {
		sum, _ := GridIn(strings.Join(p.Said, "\n"))
		return m[1], WordsAt(sum, m[2])
	}
	return question, question
}

// PIN is that of prompt.Prompter.
func (p *Person) PIN(ctx context.Context, question string) ([]byte, error) {
	answer, ok := p.next(ctx, question)
	if !ok || answer == "" {
		return nil, fault.Errorf(fault.Token, "no PIN was entered")
	}
	return []byte(answer), nil
}

func (p *Person) next(ctx context.Context, question string) (answer string, ok bool) {
	p.notice(question)
	p.Asked = append(p.Asked, question)
	if len(p.Answers) == 0 || ctx.Err() != nil {
		return "", false
	}
	answer, p.Answers = p.Answers[0], p.Answers[1:]
	return answer, true
}
