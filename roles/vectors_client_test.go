package roles

import (
	"encoding/json"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"
)

// fleet verifies both repositories of the golden fleet, a list of overlays on
// ota-ce/, as a client with the given states does.
func fleet(t testing.TB, image, director State, overlays ...string) (notes []string, err error) {
	t.Helper()
	open := func(name string, state State) *Client {
		var dirs []string
		for _, overlay := range overlays {
			dirs = append(dirs, vectors+"ota-ce/"+overlay+"/"+name)
		}
		c := newClient(t, "ota-ce/"+overlays[0]+"/"+name+"/1.root.json", dirs...)
		c.State, c.Director = state, name == "director"
		return c
	}
	d, i := open("director", director), open("repo", image)
	for _, c := range []*Client{d, i} {
		if err := c.Refresh(); err != nil {
			return nil, err
		}
	}
	if _, err := i.All(); err != nil {
		return nil, err
	}
	return append(texts(i), texts(d)...), CompareDirector(d, i)
}

// TestAcceptVectors takes what aktualizr takes.
func TestAcceptVectors(t *testing.T) {
	for _, c := range []struct {
		overlays []string
		odd      string
	}{
		{[]string{"accept/wire-profile"}, ""},
		{[]string{"ok"}, "key id is "}, // uptane-generator does not hash the SPKI
		{[]string{"ok", "accept/resigned-control"}, "key id is "},
	} {
		notes, err := fleet(t, nil, nil, c.overlays...)
		if err != nil {
			t.Errorf("%v: %v", c.overlays, err)
		}
		if c.odd == "" && len(notes) > 0 || !strings.Contains(strings.Join(notes, "\n"), c.odd) {
			t.Errorf("%v: notes %q, want some with %q only", c.overlays, notes, c.odd)
		}
	}
}

// TestRejectVectors refuses what aktualizr refuses, and says why.
func TestRejectVectors(t *testing.T) {
	want := map[string]string{
		"ecdsa-key-present":             `: got "ECPRIME256V1", want RSA or ED25519`,
		"ecdsa-key-present-tuf-keytype": `: got "ecdsa", want RSA or ED25519`,
		"hex-sig":                       `timestamp.json: signatures: 0 of 1`,
		"duplicate-signature-keyid":     `timestamp.json: signatures[1].keyid: two signatures of key id`,
		"lower-case-targets-type":       `targets.json: `,
		"wrong-canonicalisation":        `2.root.json: signatures: `,
		"rollback-director-targets":     `targets.json: `,
		"rollback-timestamp":            `timestamp.json: signed.version: got 4, want at least 5, which was seen before (possible rollback attack)`,
		"root-only-old-keys":            `2.root.json: signatures: 0 of 1 signatures that role root needs by root 2`,
		"root-only-new-keys":            `2.root.json: signatures: 0 of 1 signatures that role root needs by root 1`,
		"expired-timestamp":             `timestamp.json: signed.expires: it expired at 2020-01-01T00:00:00Z`,
		"expired-root":                  `2.root.json: signed.expires: it expired at 2020-01-01T00:00:00Z`,
		"tampered-timestamp":            `timestamp.json: signatures: 0 of 1`,
		"tampered-targets":              `targets.json: sha256 is `,
		"tampered-director-targets":     `targets.json: sha256 is `,
		"timestamp-without-hashes":      `timestamp.json: signed.meta.snapshot.json: want hashes and length`,
	}
	var reject struct {
		Cases []struct {
			Name       string
			NeedsState bool `json:"needs_state"`
		}
	}
	if err := json.Unmarshal(readVector(t, "ota-ce/reject.json"), &reject); err != nil {
		t.Fatal(err)
	}
	if len(reject.Cases) != 16 {
		t.Fatalf("%d cases, want 16", len(reject.Cases))
	}
	for _, c := range reject.Cases {
		image, director := memory{}, memory{}
		if c.NeedsState {
			if _, err := fleet(t, image, director, "ok"); err != nil {
				t.Fatal(err)
			}
		}
		_, err := fleet(t, image, director, "ok", "reject/"+c.Name)
		if err == nil || !strings.Contains(err.Error(), want[c.Name]) {
			t.Errorf("%s: got %v, want %q", c.Name, err, want[c.Name])
		}
	}
}

// alone hides timestamp and snapshot, which a Director of this format may lack.
type alone struct{ Source }

func (a alone) Get(name string, limit int64) ([]byte, error) {
	if name == "timestamp.json" || name == "snapshot.json" {
		return nil, fs.ErrNotExist
	}
	return a.Source.Get(name, limit)
}

// TestDirectorAlone judges the Director's targets as aktualizr does, without
// timestamp and snapshot.
func TestDirectorAlone(t *testing.T) {
	verify := func(state State, director bool, overlays ...string) error {
		dirs := []string{vectors + "ota-ce/ok/director"}
		for _, o := range overlays {
			dirs = append(dirs, vectors+"ota-ce/reject/"+o+"/director")
		}
		c := newClient(t, "ota-ce/ok/director/1.root.json", dirs...)
		c.Metadata, c.State, c.Director = alone{c.Metadata}, state, director
		err := c.Refresh()
		if err == nil && !strings.Contains(c.Report().String(), "nothing says how fresh its targets are") {
			t.Errorf("the report does not say what is missing:\n%s", c.Report())
		}
		return err
	}
	if err := verify(nil, true); err != nil {
		t.Error(err)
	}
	if err := verify(nil, false); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Image repository without timestamp: got %v", err)
	}
	state := memory{}
	if err := verify(state, true); err != nil {
		t.Error(err)
	}
	for overlay, want := range map[string]string{
		"rollback-director-targets": "targets.json: signed.version: got 1, want at least 2, which was seen before (possible rollback attack)",
		"tampered-director-targets": "targets.json: signatures: 0 of 1",
		"lower-case-targets-type":   `targets.json: signed._type: got "targets", want "Targets"`,
	} {
		if err := verify(state, true, overlay); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", overlay, err, want)
		}
	}
	if err := verify(nil, true, "rollback-director-targets"); err != nil {
		t.Errorf("a fresh client cannot see the rollback: %v", err)
	}
}

// TestSigstoreChain walks five roots of a real history: hexadecimal points,
// fractional seconds, expired roots on the way.
func TestSigstoreChain(t *testing.T) {
	at := time.Date(2023, 3, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		at   time.Time
		want string
	}{
		{at, "timestamp.json: file does not exist"},
		{time.Date(2023, 4, 18, 18, 13, 43, 0, time.UTC), "5.root.json: signed.expires: it expired at 2023-04-18T18:13:43Z"},
	} {
		client := newClient(t, "sigstore/1.root.json", vectors+"sigstore")
		client.Now = c.at
		if err := client.Refresh(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
		if v := client.Root().Version; v != 5 || len(client.Roots()) != 5 {
			t.Errorf("came to root %d in %d steps, want 5 in 5", v, len(client.Roots()))
		}
		signed := []int{5, 5, 3, 5, 4}
		for i, f := range client.Report().Files {
			if own := f.Signatures[len(f.Signatures)-1]; len(own.Keys) != signed[i] || own.Threshold != 3 {
				t.Errorf("%s: %d of %d signatures, want %d of 3", f.Name, len(own.Keys), own.Threshold, signed[i])
			}
		}
	}
}
