package words

import (
	"bytes"
	"fmt"
)

// Bytes is what Of has spelled, in capitals or not. An error says at which place, from
// 1, a word is not one of those that can stand there, and not what stands there.
func Bytes(list [][]byte) ([]byte, error) {
	values := make([]byte, len(list))
	for i, word := range list {
		value, ok := valueOf(i%2, word)
		if !ok {
			if _, other := valueOf(1-i%2, word); other {
				return nil, fmt.Errorf("word %d stands in the wrong place: one before it is missing, doubled or swapped", i+1)
			}
			return nil, fmt.Errorf("word %d is none of the list", i+1)
		}
		values[i] = value
	}
	return values, nil
}

func valueOf(parity int, word []byte) (byte, bool) {
	for value, known := range wordLists[parity] {
		if bytes.EqualFold(word, []byte(known)) {
			return byte(value), true
		}
	}
	return 0, false
}
