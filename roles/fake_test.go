package roles

import (
	"bytes"
	"crypto/ed25519"
	"testing"
	"time"
)

// TestMarkFake marks every type of file in both formats: the mark is in the bytes to
// sign, once, is read back, and goes with AsIfMeant alone.
func TestMarkFake(t *testing.T) {
	soon, later := time.Date(2026, 12, 7, 0, 0, 0, 0, time.UTC), time.Date(2027, 11, 30, 0, 0, 0, 0, time.UTC)
	for _, f := range Formats {
		key, err := NewKey(f, ed25519.NewKeyFromSeed(make([]byte, 32)).Public())
		if err != nil {
			t.Fatal(err)
		}
		root := NewRoot(f)
		for _, role := range TopLevel {
			root.SetRole(string(role), 1, []Key{key})
		}
		stated := Meta{Name: "targets.json", Version: 1, Length: -1}
		for _, body := range []Body{root, &Targets{}, &Snapshot{Meta: []Meta{stated}}, &Timestamp{Snapshot: Meta{Name: "snapshot.json", Version: 1, Length: -1}}} {
			SetHead(f, body, 1, soon)
			plain, err := encode(f, body)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if err := MarkFake(body, Fake{Of: "2026-11-30-image-1", Expires: later}); err != nil {
					t.Fatal(err)
				}
			}
			marked, err := encode(f, body)
			want := `"FAKE":{"expires":"2027-11-30T00:00:00Z","of":"2026-11-30-image-1"}`
			if err != nil || bytes.Count(marked.Signed, []byte(want)) != 1 {
				t.Errorf("%s %s: %v, %s", f.Name(), body.Type(), err, marked.Signed)
			}
			if fake := FakeOf(body); fake == nil || fake.Of != "2026-11-30-image-1" || !fake.Expires.Equal(later) {
				t.Errorf("got %+v", fake)
			}
			meant := AsIfMeant(body)
			if FakeOf(meant) != nil || !HeadOf(meant).Expires.Equal(later) || FakeOf(body) == nil || !HeadOf(body).Expires.Equal(soon) {
				t.Errorf("got %+v of %+v", HeadOf(meant), HeadOf(body))
			}
			HeadOf(meant).Expires = soon
			if again, err := encode(f, meant); err != nil || !bytes.Equal(again.Signed, plain.Signed) {
				t.Errorf("%v, %s\nwant %s", err, again.Signed, plain.Signed)
			}
		}
	}
}

// TestFakeOf takes whatever stands in the field for the mark.
func TestFakeOf(t *testing.T) {
	for raw, want := range map[string]string{`true`: "unknown (true)", `null`: "", `{"of":"x"}`: "x", `{}`: ""} {
		body := &Targets{Head: Head{Extra: []Member{{Name: "FAKE", Raw: []byte(raw)}}}}
		if fake := FakeOf(body); fake == nil || fake.Of != want {
			t.Errorf("%s: got %+v", raw, fake)
		}
		if !HeadOf(AsIfMeant(body)).Expires.IsZero() {
			t.Errorf("%s: an expiry came of nothing", raw)
		}
	}
	meant := &Targets{}
	if FakeOf(meant) != nil || AsIfMeant(meant) != Body(meant) {
		t.Error("a file that is meant is another, or a mark")
	}
}
