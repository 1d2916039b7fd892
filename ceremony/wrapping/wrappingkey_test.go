package wrapping

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

func TestDecodeComponent(t *testing.T) {
	digits := strings.Repeat("0f", 32)
	for text, good := range map[string]bool{
		digits: true, strings.ToUpper(digits): true, digits[:8] + " " + digits[8:]: true,
		digits[1:]: false, digits + "0": false, digits + "0f": false, "g" + digits[1:]: false, "": false,
	} {
		component, err := decodeComponent([]byte(text))
		if (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
		if good && !bytes.Equal(component, bytes.Repeat([]byte{15}, 32)) {
			t.Errorf("%q: got %x", text, component)
		}
		if err != nil && text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("the error repeats what was typed: %v", err)
		}
	}
}

// TestComponentsAreTypedTwice takes what was typed the same twice, and shows what tells
// whether it is what stands on the paper.
func TestComponentsAreTypedTwice(t *testing.T) {
	b := newBench(t)
	one, two, bent := strings.Repeat("0f", 32), strings.Repeat("a1 b2 c3 d4 ", 8), strings.Repeat("0e", 32)
	person := &ceremonytest.Person{Answers: []string{hsmtest.SOPIN, one, bent, one, one, two, strings.ReplaceAll(two, " ", "")}}
	request := WrappingKeyRequest{Token: "all", Label: "w", SOPIN: "ask", Components: []string{"ask", "ask"}}
	check, err := ImportWrappingKey(t.Context(), b.room(person), request)
	said := strings.Join(person.Said, "\n")
	if err != nil || len(check) != 6 || len(person.Answers) != 0 {
		t.Errorf("got %q, %v, not asked %d", check, err, len(person.Answers))
	}
	// head -c 16 /dev/zero | openssl enc -aes-256-ecb -nopad -K 0f… | xxd -p
	for _, want := range []string{"The two differ; nothing was changed.", "check value of component 1 of 2 is 55feb8.", "check value of component 2 of 2 is "} {
		if !strings.Contains(said, want) {
			t.Errorf("said %q, want %s", said, want)
		}
	}
	if strings.Contains(said, one[:8]) || strings.Contains(strings.Join(person.Asked, ""), one[:8]) {
		t.Errorf("a component was shown: %q", said)
	}
}

// TestComponentsThatCancelOut makes no wrapping key that everybody knows.
func TestComponentsThatCancelOut(t *testing.T) {
	b := newBench(t)
	same, zeros := strings.Repeat("0f", 32), strings.Repeat("00", 32)
	for _, second := range []string{same, zeros} {
		person := &ceremonytest.Person{Answers: []string{hsmtest.SOPIN, same, same, second, second}}
		_, err := ImportWrappingKey(t.Context(), b.room(person), WrappingKeyRequest{Token: "all", Label: "w", SOPIN: "ask", Components: []string{"ask", "ask"}})
		ceremonytest.WantError(t, err, fault.Token, "component 2 of the wrapping key is that of another custodian, or all zeros")
	}
}

// TestShares gives out a wrapping key on three papers, and makes it of two of them, on
// a terminal where somebody mistypes.
func TestShares(t *testing.T) {
	b := newBench(t)
	var papers []string // as each custodian wrote it down
	typing, mistyped := -1, false
	person := &answering{Person: &ceremonytest.Person{}}
	person.line = func(string) string { return "" }
	person.pin = func(question string) string {
		switch {
		case strings.HasPrefix(question, "Type share"):
			said := person.Said[len(person.Said)-1]
			if _, paper, shown := strings.Cut(said, "\n\n"); shown && !mistyped {
				mistyped = true
				return strings.Replace(paper, " 7 ", " 7 x", 1)
			} else if shown {
				papers = append(papers, paper)
				return paper
			}
		case strings.HasPrefix(question, "A share"):
			if typing++; typing == 0 {
				return "not a share"
			}
			return papers[3-typing]
		}
		return hsmtest.SOPIN
	}
	made, err := MakeShares(t.Context(), b.room(person), ShareRequest{Needed: 2, Made: 3})
	if err != nil || len(papers) != 3 || person.cleared != 4 {
		t.Fatalf("got %v, %d papers, cleared %d times", err, len(papers), person.cleared)
	}
	check, err := ImportWrappingKey(t.Context(), b.room(person), WrappingKeyRequest{Token: "all", Label: "w", SOPIN: "ask", Shares: []string{"ask"}})
	if err != nil || check != made {
		t.Errorf("got check value %s, %v, want %s", check, err, made)
	}
	if typing != 2 {
		t.Errorf("asked %d times, want once more after the mistake", typing+1)
	}
	_, err = MakeShares(t.Context(), b.room(prompt.Nobody(io.Discard)), ShareRequest{Needed: 2, Made: 3})
	ceremonytest.WantError(t, err, fault.Usage, "shares are shown to people")
	_, err = MakeShares(t.Context(), b.room(person), ShareRequest{Needed: 1, Made: 3})
	ceremonytest.WantError(t, err, fault.Usage, "at least 2 are needed")
	_, err = ImportWrappingKey(t.Context(), b.room(person), WrappingKeyRequest{Token: "all", Label: "w", SOPIN: "ask", Shares: []string{"ask"}, Components: []string{"ask", "ask"}})
	ceremonytest.WantError(t, err, fault.Usage, "got components and shares")
	one := filepath.Join(b.dir, "share")
	if err := os.WriteFile(one, []byte(strings.ReplaceAll(papers[0], "\n", " ")), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = ImportWrappingKey(t.Context(), b.room(person), WrappingKeyRequest{Token: "all", Label: "v", SOPIN: "ask", Shares: []string{"file:" + one}})
	ceremonytest.WantError(t, err, fault.Usage, "got 1 share, want as many as are needed")
	for _, line := range []string{papers[0], papers[1]} {
		if word := strings.Fields(line)[11]; strings.Contains(transcriptOf(t, b), word) {
			t.Errorf("a word of a share is in the transcript")
		}
	}
}

// answering is a Person who answers by what is asked.
type answering struct {
	*ceremonytest.Person
	line, pin func(question string) string
	cleared   int
}

func (a *answering) Line(_ context.Context, question string) (string, error) {
	return a.line(question), nil
}

func (a *answering) PIN(_ context.Context, question string) ([]byte, error) {
	return []byte(a.pin(question)), nil
}

func (a *answering) Clear() { a.cleared++ }

func transcriptOf(t *testing.T, b *bench) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(b.dir, "custody/main/transcript.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestOneComponent lets no one person know a wrapping key.
func TestOneComponent(t *testing.T) {
	b := newBench(t)
	_, err := ImportWrappingKey(t.Context(), b.room(&ceremonytest.Person{}), WrappingKeyRequest{Token: "all", Label: "w", SOPIN: "ask", Components: []string{"ask"}})
	ceremonytest.WantError(t, err, fault.Usage, "wrapping key: got 1 component, want at least 2")
}
