package ceremonytest

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/words"
)

// AsAsked is the answer of a Person who repeats whatever phrase is asked for.
const AsAsked = "(as asked)"

// Person is a Prompter that answers in advance, question by question: to Confirm
// with what is typed, to PIN with the PIN. After the last answer nobody is there.
// Words of the paper are read from Paper, and are no answer.
type Person struct {
	Answers []string
	Paper   map[string]digest.SHA256 // plan, room, head
	Asked   []string                 // phrases and PIN prompts, in order
	Said    []string

	// Before is called before each question is answered, and before something is
	// said: that is when somebody else has time for the disk.
	Before func(text string)
}

// Say is that of prompt.Prompter.
func (p *Person) Say(format string, args ...any) {
	text := words.Printable(fmt.Sprintf(format, args...))
	p.notice(text)
	p.Said = append(p.Said, text)
	if list, ok := strings.CutPrefix(strings.TrimPrefix(text, "FAKE "), "head "); ok && p.Paper != nil {
		if head, known := HashOf(strings.Fields(list)); known {
			p.Paper["head"] = head
		}
	}
}

func (p *Person) notice(text string) {
	if p.Before != nil {
		p.Before(text)
	}
}

// HashOf reads a hash that was said in words.
func HashOf(said []string) (sum digest.SHA256, ok bool) {
	if len(said) != len(sum) {
		return sum, false
	}
	for i := range sum {
		for value := range 256 {
			one := digest.SHA256{}
			one[i] = byte(value)
			if one.Words()[i] == said[i] {
				sum[i] = byte(value)
			}
		}
	}
	return sum, true
}

// Asks is true.
func (p *Person) Asks() bool { return true }

// Confirm is that of prompt.Prompter.
func (p *Person) Confirm(ctx context.Context, what, phrase string) error {
	p.Say("%s", what)
	answer, ok := p.next(ctx, phrase)
	if !ok || answer != phrase && answer != AsAsked {
		return prompt.ErrDeclined
	}
	return nil
}

var paperQuestion = regexp.MustCompile(`^(?:FAKE )?From your paper, (\w+) words (.*): $`)

// Line is that of prompt.Prompter.
func (p *Person) Line(ctx context.Context, question string) (string, error) {
	if m := paperQuestion.FindStringSubmatch(question); m != nil && p.Paper != nil {
		p.notice(question)
		return WordsAt(p.Paper[m[1]], m[2]), nil
	}
	answer, ok := p.next(ctx, question)
	if !ok {
		return "", prompt.ErrDeclined
	}
	return answer, nil
}

var number = regexp.MustCompile(`[0-9]+`)

// WordsAt are the words of a hash at the places that a question names.
func WordsAt(sum digest.SHA256, places string) string {
	var list []string
	for _, text := range number.FindAllString(places, -1) {
		place, _ := strconv.Atoi(text)
		list = append(list, sum.Words()[place-1])
	}
	return strings.Join(list, " ")
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
