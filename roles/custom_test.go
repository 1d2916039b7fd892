package roles

import (
	"crypto/sha512"
	"strings"
	"testing"
	"time"
)

// TestCompleteImage adds what OTA Community Edition's repo server demands, and
// keeps the times of an image that is listed already.
func TestCompleteImage(t *testing.T) {
	const at = `"createdAt":"2026-11-23T12:00:00Z"`
	old := image("fw/a.bin")
	old.Custom = []byte(`{"createdAt":"2020-01-01T00:00:00Z","updatedAt":"2020-01-01T00:00:00Z","name":"old"}`)
	for _, c := range []struct {
		custom   string
		previous *Image
		want     string
	}{
		{"", nil, `{` + at + `,"name":"a","updatedAt":"2026-11-23T12:00:00Z","version":"17b7094c6c92"}`},
		{"null", nil, `{` + at + `,"name":"a","updatedAt":"2026-11-23T12:00:00Z","version":"17b7094c6c92"}`},
		{`{"releaseCounter":7}`, nil, `{` + at + `,"name":"a","releaseCounter":7,"updatedAt":"2026-11-23T12:00:00Z","version":"7"}`},
		{`{"version":"1.2","name":"b"}`, &old, `{"createdAt":"2020-01-01T00:00:00Z","name":"b","updatedAt":"2020-01-01T00:00:00Z","version":"1.2"}`},
	} {
		i := image("fw/a.bin")
		i.Custom = nil
		if c.custom != "" {
			i.Custom = []byte(c.custom)
		}
		got, err := CompleteImage(OTACE, i, c.previous, now)
		if err != nil || string(got.Custom) != c.want {
			t.Errorf("%s: got %s, %v, want %s", c.custom, got.Custom, err, c.want)
		}
	}
	i := image("fw/a.bin")
	i.Hashes = HashesOf([]byte("fw/a.bin"))
	if got, err := CompleteImage(OTACE, i, nil, now); err != nil || got.Hashes.SHA256 == nil || got.Hashes.SHA512 != nil {
		t.Errorf("ota-ce: digests %v, %v, want sha256 alone", got.Hashes, err)
	}
	if got, err := CompleteImage(TUF, i, nil, now); err != nil || got.Hashes.SHA512 == nil {
		t.Errorf("tuf: digests %v, %v", got.Hashes, err)
	}
	i.Custom = nil
	if got, err := CompleteImage(TUF, i, nil, time.Time{}); err != nil || got.Custom != nil {
		t.Errorf("tuf: got %s, %v, want nothing added", got.Custom, err)
	}
}

// TestOnlySHA512 refuses to write in ota-ce what the repo server cannot check.
func TestOnlySHA512(t *testing.T) {
	sum := sha512.Sum512([]byte("a"))
	body := &Targets{Head: Head{Version: 1, Expires: now}, Images: []Image{{Path: "a", Length: 1, Hashes: Hashes{SHA512: &sum}}}}
	if _, err := Encode(TUF, body); err != nil {
		t.Error(err)
	}
	if _, err := Encode(OTACE, body); err == nil || !strings.Contains(err.Error(), "image a: no digest that format ota-ce lists") {
		t.Errorf("got %v", err)
	}
	if _, err := CompleteImage(OTACE, body.Images[0], nil, now); err == nil || !strings.Contains(err.Error(), "image a: custom: version is named after sha256") {
		t.Errorf("got %v", err)
	}
}
