package custody

import (
	"bytes"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
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

// TestOneComponent lets no one person know a wrapping key.
func TestOneComponent(t *testing.T) {
	b := newBench(t)
	_, err := ImportWrappingKey(t.Context(), b.room(&ceremonytest.Person{}), WrappingKeyRequest{Token: "all", Label: "w", SOPIN: "ask", Components: []string{"ask"}})
	ceremonytest.WantError(t, err, fault.Usage, "wrapping key: got 1 component, want at least 2")
}
