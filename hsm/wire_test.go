package hsm

import (
	"bytes"
	"io"
	"testing"
)

func TestFrameRoundTrip(t *testing.T) {
	var pipe bytes.Buffer
	if err := writeFrame(&pipe, request{Op: "login"}, []byte("1234")); err != nil {
		t.Fatal(err)
	}
	var got request
	body, err := readFrame(&pipe, &got, maxAnswerBytes)
	if err != nil || got.Op != "login" || string(body) != "1234" {
		t.Errorf("got %+v %q, %v", got, body, err)
	}
	if _, err := readFrame(&pipe, &got, maxAnswerBytes); err != io.EOF {
		t.Errorf("got %v, want EOF", err)
	}
}

func TestReadFrameRefuses(t *testing.T) {
	for name, data := range map[string]string{
		"long header": "\xff\xff\xff\xff\x00\x00\x00\x00",
		"long body":   "\x00\x00\x00\x02\xff\xff\xff\xff{}",
		"cut":         "\x00\x00\x00\x02\x00\x00\x00\x04{}12",
		"no JSON":     "\x00\x00\x00\x02\x00\x00\x00\x00{{",
	} {
		var got request
		if _, err := readFrame(bytes.NewReader([]byte(data)), &got, maxAnswerBytes); err == nil || err == io.EOF {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func FuzzReadFrame(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x02\x00\x00\x00\x01{}x"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var got response
		body, err := readFrame(io.LimitReader(bytes.NewReader(data), 1<<16), &got, maxAnswerBytes)
		if err == nil && len(body) > len(data) {
			t.Errorf("made %d bytes of %d", len(body), len(data))
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
