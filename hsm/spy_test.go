package hsm

import "testing"

func TestSpyMark(t *testing.T) {
	const spy, other = "text\x00PKCS11SPY_OUTPUT\x00more", "text\x00PKCS11_SPY\x00PKCS11SP Y more"
	for size := 1; size <= len(spy); size++ {
		if !marked(spy, size) {
			t.Errorf("in pieces of %d bytes: not found", size)
		}
		if marked(other, size) {
			t.Errorf("in pieces of %d bytes: found where it is not", size)
		}
	}
}

// marked writes text in pieces.
func marked(text string, size int) bool {
	var s spyMark
	for ; len(text) > size; text = text[size:] {
		_, _ = s.Write([]byte(text[:size]))
	}
	_, _ = s.Write([]byte(text))
	return s.found
}
