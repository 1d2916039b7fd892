package words

import (
	"bytes"
	"strings"
	"testing"
)

func TestBytes(t *testing.T) {
	var all []byte
	for value := range 256 {
		all = append(all, byte(value), byte(value))
	}
	got, err := Bytes(bytes.Fields([]byte(strings.ToUpper(Of(all)))))
	if err != nil || !bytes.Equal(got, all) {
		t.Errorf("got %x, %v", got, err)
	}
	for text, want := range map[string]string{
		"aardvark adroitness aback":      "word 3 is none of the list",
		"aardvark adroitness adroitness": "word 3 stands in the wrong place",
		"adroitness aardvark":            "word 1 stands in the wrong place",
	} {
		if _, err := Bytes(bytes.Fields([]byte(text))); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "aback") {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}
