package roles

import (
	"strings"
	"testing"
)

// rollbackAttacks show a client less than it has seen.
var rollbackAttacks = []attack{
	{"an older timestamp", nil, func(r *repo) {
		r.timestamp.Version = 4
		r.publishSnapshot()
	}, "timestamp.json: signed.version: got 4, want at least 5, which was seen before (possible rollback attack)"},
	{"an older snapshot", nil, func(r *repo) {
		r.timestamp.Version, r.snapshot.Version = 6, 4
		r.publishSnapshot()
	}, "timestamp.json: signed.meta.snapshot.json.version: got 4, want at least 5, which was seen before (possible rollback attack)"},
	{"an older timestamp under a newer root", nil, func(r *repo) {
		r.timestamp.Version = 4
		r.rotate(2, 0, 1, 10, 11)
		r.publishSnapshot()
	}, "timestamp.json: signed.version: got 4, want at least 5, which was seen before (possible rollback attack)"},
	{"older targets", nil, func(r *repo) {
		r.timestamp.Version, r.snapshot.Version, r.targets.Version = 6, 6, 4
		r.publish()
	}, "snapshot.json: signed.meta.targets.json.version: got 4, want at least 5, which was seen before (possible rollback attack)"},
	{"an older delegated role", nil, func(r *repo) {
		r.timestamp.Version, r.snapshot.Version, r.delegated["firmware"].Version = 6, 6, 4
		r.publish()
	}, "snapshot.json: signed.meta.firmware.json.version: got 4, want at least 5, which was seen before (possible rollback attack)"},
	{"a role that is gone", nil, func(r *repo) {
		r.timestamp.Version, r.snapshot.Version, r.targets.Version = 6, 6, 6
		r.targets.Delegations, r.delegated = nil, nil
		r.publish()
	}, "snapshot.json: signed.meta: firmware.json is not listed any more; it was listed in version 5 (possible rollback attack)"},
}

func TestRollbackAttacks(t *testing.T) {
	for _, a := range rollbackAttacks {
		a.test(t, true)
	}
}

// TestFastForward recovers from version numbers that an attacker drove up: new
// keys for timestamp and snapshot make the client forget them (TUF 1.0.34
// §5.3.11).
func TestFastForward(t *testing.T) {
	for _, f := range Formats {
		r, state := newRepo(t, f), memory{}
		r.timestamp.Version, r.snapshot.Version = MaxVersion, MaxVersion
		if _, err := r.publish().verify(state); err != nil {
			t.Fatal(err)
		}
		r.timestamp.Version, r.snapshot.Version = 2, 2
		r.root.SetRole("timestamp", 1, r.keys(12))
		r.signers["timestamp"] = []byte{12}
		r.rotate(2, 0, 1, 10, 11)
		c, err := r.publishSnapshot().verify(state)
		if err != nil || c.Timestamp().Version != 2 || !strings.Contains(c.Report().String(), "the remembered timestamp and snapshot are forgotten") {
			t.Errorf("%s: got %v\n%s", f.Name(), err, c.Report())
		}
	}
}

// TestSplitRoot shows a client another root of a version that it has seen,
// signed by all the right keys.
func TestSplitRoot(t *testing.T) {
	for _, f := range Formats {
		r, state := newRepo(t, f), memory{}
		r.publish()
		r.rotate(2, 0, 1, 10, 11)
		if _, err := r.verify(state); err != nil {
			t.Fatal(err)
		}
		r.root.Expires = r.root.Expires.AddDate(1, 0, 0)
		r.rotate(2, 0, 1, 10, 11)
		_, err := r.verify(state)
		if want := "2.root.json: it is not the root of version 2 that was seen before (possible mix-and-match attack)"; err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", f.Name(), err, want)
		}
	}
}

// TestDirectorDelegates refuses a Director that hands its word on (Uptane
// Standard 2.1.0 §5.4.4.6).
func TestDirectorDelegates(t *testing.T) {
	for _, f := range Formats {
		r := newRepo(t, f)
		r.delegate("targets", "firmware", 7, false, "fw/*")
		c, err := NewClient(r.publish().files["1.root.json"], r, now)
		if err != nil {
			t.Fatal(err)
		}
		c.Director = true
		want := "targets.json: signed.delegations: a Director must not delegate (Uptane Standard 2.1.0 §5.4.4.6); is this an Image repository?"
		if got := plainly(c.Refresh()); got != want {
			t.Errorf("%s: got %s, want %s", f.Name(), got, want)
		}
	}
}
