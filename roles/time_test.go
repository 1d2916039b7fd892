package roles

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// expiring is a timestamp that expires at a time, as it is spelled.
func expiring(f Format, expires string) []byte {
	const hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	return fmt.Appendf(nil, `{"signatures":[],"signed":{"_type":%q,"expires":%q,"meta":{"snapshot.json":{"hashes":{"sha256":%q},"length":1,"version":1}},"version":1}}`,
		f.typeName(TypeTimestamp), expires, hash)
}

// TestExpires takes one spelling in both formats, and in tuf what stands in old
// histories too. Inspect takes whatever is a time.
func TestExpires(t *testing.T) {
	for _, c := range []struct {
		text                string
		tuf, otaCE, inspect bool
	}{
		{"2030-01-02T03:04:05Z", true, true, true},
		{"2024-02-29T23:59:59Z", true, true, true},
		{"0000-01-01T00:00:00Z", true, true, true},
		{"2030-01-02T03:04:05.123Z", true, false, true},
		{"2030-01-02T03:04:05.000Z", true, false, true},
		{"2030-01-02T03:04:05+00:00", true, false, true},
		{"2030-01-02T03:04:05.123456789-07:00", true, false, true},
		{"2030-01-02T03:04:05,123Z", false, false, true},
		{"2030-01-02T3:04:05Z", false, false, true},
		{"2030-01-02T3:04:05+01:00", false, false, true},
		{"2030-01-02 03:04:05 UTC", false, false, true},
		{"2030-02-29T03:04:05Z", false, false, false},
		{"2030-01-02T24:00:00Z", false, false, false},
		{"2030-01-02T03:04:60Z", false, false, false},
		{"2030-1-02T03:04:05Z", false, false, false},
		{"2030-01-02T03:04:05z", false, false, false},
		{"2030-01-02T03:04:05Z ", false, false, false},
		{"2030-01-02T03:04:05", false, false, false},
		{"", false, false, false},
	} {
		for f, want := range map[Format]bool{TUF: c.tuf, OTACE: c.otaCE} {
			data := expiring(f, c.text)
			if _, err := Read(f, TypeTimestamp, data); (err == nil) != want {
				t.Errorf("%s: %q: got %v, want it taken: %t", f.Name(), c.text, err, want)
			}
			file, err := Inspect(f, TypeTimestamp, data)
			if (err == nil) != (want || c.inspect) {
				t.Errorf("%s: %q: Inspect: got %v, want it taken: %t", f.Name(), c.text, err, c.inspect)
			}
			if err == nil && (file.Problem == nil) != want {
				t.Errorf("%s: %q: problem %v", f.Name(), c.text, file.Problem)
			}
			if err == nil && (HeadOf(file.Body).SpelledExpires == "") != (len(c.text) == 20) {
				t.Errorf("%s: %q: spelled %q", f.Name(), c.text, HeadOf(file.Body).SpelledExpires)
			}
		}
	}
}

// TestEncodeExpires writes 20 characters, whatever was read, or nothing.
func TestEncodeExpires(t *testing.T) {
	for at, want := range map[time.Time]string{
		now: "2026-11-23T12:00:00Z",
		now.Add(time.Millisecond).In(time.FixedZone("", 3600)): "2026-11-23T12:00:00Z",
		time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC):       "9999-12-31T23:59:59Z",
		time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC):           "",
		time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC):              "",
	} {
		for _, f := range Formats {
			body := newRepo(t, f).targets
			SetHead(f, body, 1, at)
			d, err := Encode(f, body)
			if want == "" {
				if err == nil || !strings.HasPrefix(err.Error(), "expires: got ") {
					t.Errorf("%s: %s: got %v", f.Name(), at, err)
				}
			} else if err != nil || !strings.Contains(string(d.Signed), `"expires":"`+want+`"`) {
				t.Errorf("%s: %s: got %s, %v, want %s", f.Name(), at, d.Signed, err, want)
			}
		}
	}
}

// TestSetHeadForgets shows an old expiry as it is spelled, and drops the spelling
// with it.
func TestSetHeadForgets(t *testing.T) {
	file, err := Read(TUF, TypeTimestamp, expiring(TUF, "2030-01-02T03:04:05.1Z"))
	if err != nil {
		t.Fatal(err)
	}
	changes := Diff(file.Body, newRepo(t, TUF).timestamp, DiffOptions{})
	if want := (Change{Role: "timestamp", What: "expires", Old: "2030-01-02T03:04:05.1Z", New: "2027-11-23T12:00:00Z"}); !slices.Contains(changes, want) {
		t.Errorf("the difference is %v, want %v", changes, want)
	}
	SetHead(TUF, file.Body, 2, now)
	if got := HeadOf(file.Body).SpelledExpires; got != "" {
		t.Errorf("still spelled %q", got)
	}
}
