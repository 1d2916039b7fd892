package digest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/uptane/keyrite/ceremony/words"
)

// SHA256 is a SHA-256 hash (FIPS 180-4). Its one spelling in files and in JSON is
// 64 lower-case hexadecimal digits, so that equal hashes are equal text.
type SHA256 [sha256.Size]byte

// Of returns the hash of data.
func Of(data []byte) SHA256 { return sha256.Sum256(data) }

// Parse reads the one spelling of a hash.
func Parse(text string) (SHA256, error) {
	var s SHA256
	err := s.UnmarshalText([]byte(text))
	return s, err
}

// String is the hash as 64 lower-case hexadecimal digits.
func (s SHA256) String() string { return hex.EncodeToString(s[:]) }

// Short is enough of a hash to find it elsewhere, never to compare it by.
func (s SHA256) Short() string { return s.String()[:8] + "…" }

// Format makes %x the digits of the hash, as it is for bytes. With String alone it
// would be the digits of the digits.
func (s SHA256) Format(to fmt.State, verb rune) {
	if verb == 'x' || verb == 'X' {
		fmt.Fprintf(to, fmt.FormatString(to, verb), s[:])
		return
	}
	fmt.Fprintf(to, fmt.FormatString(to, verb), s.String())
}

// Words is the hash as 32 words, one for each byte, as package words spells bytes.
func (s SHA256) Words() []string { return strings.Fields(s.WordText()) }

// WordText is Words as one line.
func (s SHA256) WordText() string { return words.Of(s[:]) }

// IsZero reports whether there is no hash, for fields with omitempty and omitzero.
func (s SHA256) IsZero() bool { return s == SHA256{} }

// MarshalText is String, for YAML and JSON.
func (s SHA256) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText is that of Parse. After an error the hash is as it was.
func (s *SHA256) UnmarshalText(text []byte) error {
	var read SHA256
	if len(text) != hex.EncodedLen(len(read)) || bytes.ContainsAny(text, "ABCDEF") {
		return fmt.Errorf("want %d lower-case hexadecimal digits", hex.EncodedLen(len(read)))
	}
	if _, err := hex.Decode(read[:], text); err != nil {
		return fmt.Errorf("want %d lower-case hexadecimal digits", hex.EncodedLen(len(read)))
	}
	*s = read
	return nil
}
