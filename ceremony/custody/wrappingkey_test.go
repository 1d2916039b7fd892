package custody

import (
	"bytes"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
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

// TestOneComponent lets no one person know a wrapping key.
func TestOneComponent(t *testing.T) {
	b := newBench(t)
	_, err := ImportWrappingKey(t.Context(), b.room(&ceremonytest.Person{}), WrappingKeyRequest{Token: "all", Label: "w", SOPIN: "ask", Components: []string{"ask"}})
	ceremonytest.WantError(t, err, fault.Usage, "wrapping key: got 1 component, want at least 2")
}
