package shares

import (
	"bytes"
	"encoding/hex"
	"fmt"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/hsm"
)

// A share on paper is 40 words of the PGP word list: how many are needed, the number
// of this one, the check value of the secret (3), the value (32), a checksum (3).
const paperWords = 2 + checkBytes + Bytes + sumBytes

const checkBytes = 3

// wordColumns is the width of a numbered word.
const wordColumns = 2 + 1 + 11 + 2

// Words are the share as it stands on paper, in lines of four numbered words, of two
// where the screen is narrow.
func (s Share) Words(columns int) string {
	body, row := s.body(), 4
	defer hsm.Wipe(body)
	if columns < row*wordColumns {
		row = 2
	}
	var b bytes.Buffer
	for i, word := range bytes.Fields([]byte(words.Of(append(body, sum(body)...)))) {
		end := "  "
		if i%row == row-1 {
			end = "\n"
		}
		fmt.Fprintf(&b, "%2d %-11s%s", i+1, word, end)
	}
	return b.String()
}

func (s Share) body() []byte {
	check, err := hex.DecodeString(s.Check)
	if err != nil || len(check) != checkBytes {
		check = make([]byte, checkBytes)
	}
	body := append(make([]byte, 0, paperWords), byte(s.Needed), byte(s.Number))
	return append(append(body, check...), s.value[:]...)
}

// Parse reads a share as it was typed: its words, with or without their numbers. Errors
// say which word is wrong, and never what was typed.
func Parse(typed []byte) (s Share, err error) {
	var list [][]byte
	for _, field := range bytes.Fields(typed) {
		if field[0] < '0' || field[0] > '9' {
			list = append(list, field)
		}
	}
	if len(list) != paperWords {
		return s, fault.Errorf(fault.Usage, "share; got %s, want %d", words.Count(len(list), "word"), paperWords)
	}
	data, err := words.Bytes(list)
	if err != nil {
		return s, fault.Errorf(fault.Usage, "share: %w", err)
	}
	defer hsm.Wipe(data)
	body := data[:paperWords-sumBytes]
	if !bytes.Equal(sum(body), data[len(body):]) {
		return s, fault.Errorf(fault.Usage, "share: its checksum does not fit, so that a word is not what stands on the paper")
	}
	s = Share{Needed: int(body[0]), Number: int(body[1]), Check: hex.EncodeToString(body[2 : 2+checkBytes]), value: [Bytes]byte(body[2+checkBytes:])}
	if s.Needed < 2 || s.Number < 1 || s.Number > Most || s.Needed > Most {
		return Share{}, fault.Errorf(fault.Unverified, "share: it is number %d, %d needed; want 1 to %d, at least 2 needed", body[1], body[0], Most)
	}
	return s, nil
}
