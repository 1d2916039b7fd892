package roles

import (
	"bytes"
	"encoding/hex"
	"testing"
)

// Every byte value, in every place of a word, is read as encoding/hex reads
// lower-case digits, and refused otherwise.
func TestDecodeHexJudgesEveryByte(t *testing.T) {
	for place := range 16 {
		for c := range 256 {
			digits := []byte("0123456789abcdef")
			digits[place] = byte(c)
			got, want := make([]byte, 8), make([]byte, 8)
			_, err := hex.Decode(want, digits)
			good := err == nil && !('A' <= c && c <= 'F')
			if decodeHex(got, digits) != good {
				t.Fatalf("place %d, byte %#02x: good is %v, want %v", place, c, !good, good)
			}
			if good && !bytes.Equal(got, want) {
				t.Fatalf("%s: got %x, want %x", digits, got, want)
			}
		}
	}
}

func TestAppendHex(t *testing.T) {
	var all []byte
	for c := range 256 {
		all = append(all, byte(c), byte(255-c))
	}
	if got, want := string(appendHex([]byte("x"), all)), "x"+hex.EncodeToString(all); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
