package hsm

import (
	"bytes"
	"io"
	"testing"
)

func TestFrameRoundTrip(t *testing.T) {
	var pipe bytes.Buffer
	if err := writeFrame(&pipe, "login", loginArgs{FinalTry: true}, []byte("1234")); err != nil {
		t.Fatal(err)
	}
	got, err := readFrame(&pipe, maxAnswerBytes)
	if err != nil || got.word != "login" || string(got.data) != `{"finalTry":true}` || string(got.body) != "1234" {
		t.Errorf("got %s %s %q, %v", got.word, got.data, got.body, err)
	}
	if _, err := readFrame(&pipe, maxAnswerBytes); err != io.EOF {
		t.Errorf("got %v, want EOF", err)
	}
}

// TestLongFrame writes a message from where it is, and leaves it there.
func TestLongFrame(t *testing.T) {
	for _, size := range []int{maxCopied, maxCopied + 1, 1 << 20} {
		var pipe bytes.Buffer
		body := bytes.Repeat([]byte("x"), size)
		if err := writeFrame(&pipe, "sign", none{}, body); err != nil {
			t.Fatal(err)
		}
		got, err := readFrame(&pipe, maxBodyBytes)
		if err != nil || len(got.body) != size || !bytes.Equal(got.body, body) || body[size-1] != 'x' {
			t.Errorf("%d bytes: got %d, %v", size, len(got.body), err)
		}
	}
}

func TestReadFrameRefuses(t *testing.T) {
	for name, data := range map[string]string{
		"long header": "\xff\xff\xff\xff\x00\x00\x00\x00",
		"long body":   "\x00\x00\x00\x02\xff\xff\xff\xffa ",
		"cut":         "\x00\x00\x00\x02\x00\x00\x00\x04a 12",
		"one word":    "\x00\x00\x00\x02\x00\x00\x00\x00{}",
	} {
		if _, err := readFrame(bytes.NewReader([]byte(data)), maxAnswerBytes); err == nil || err == io.EOF {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func FuzzReadFrame(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x02\x00\x00\x00\x01a x"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := readFrame(io.LimitReader(bytes.NewReader(data), 1<<16), maxAnswerBytes)
		if made := len(got.word) + len(got.data) + len(got.body); err == nil && made > len(data) {
			t.Errorf("made %d bytes of %d", made, len(data))
		}
	})
}

func FuzzParsePoint(f *testing.F) {
	f.Add(paramsEd25519, make([]byte, 32))
	f.Add(paramsP256, append([]byte{4, 65, 4}, make([]byte, 64)...))
	f.Fuzz(func(t *testing.T, params, point []byte) {
		pub, err := parsePoint(params, point)
		if err != nil {
			return
		}
		if _, err := TypeOf(pub); err != nil {
			t.Error(err)
		}
	})
}
