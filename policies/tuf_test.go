package policies

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/roles"
)

// TestTUFCitesTUF shows that what the preset tuf refuses is refused by TUF, by its
// clients, or by anybody who can compute a private key.
func TestTUFCitesTUF(t *testing.T) {
	p := mustPreset(t, "tuf")
	ours := []string{"CLIENTS", "CEREMONY", "WEAK-RSA", "TEST-KEYS"}
	for i, c := range checks {
		cites := slices.ContainsFunc(c.Sources, func(id string) bool { return strings.HasPrefix(id, "TUF-") || slices.Contains(ours, id) })
		if p.severity(&checks[i]) == Error && !cites {
			t.Errorf("%s is an error in tuf and cites %q", c.ID, c.Sources)
		}
	}
}

// TestTUFTakes what repositories of TUF contain, with no more than a warning. The
// presets of Uptane do not.
func TestTUFTakes(t *testing.T) {
	for _, c := range []struct {
		id     string
		uptane Severity
		change func(t *testing.T, f *fixture)
	}{
		{"IMAGE-HASHES", Error, func(_ *testing.T, f *fixture) { f.Next.Targets.Images[0].Hashes.SHA256 = nil }},
		{"PATTERN-FORM", Error, func(_ *testing.T, f *fixture) { f.addPath("acme/[ab]?.{bin,img}") }},
		{"ROLES-EXACT", Error, func(_ *testing.T, f *fixture) {
			f.Next.Root.Roles = append(f.Next.Root.Roles, roles.Role{Name: "mirrors", Threshold: 1})
		}},
		{"KEY-MISSING", Error, func(_ *testing.T, f *fixture) { f.acme().KeyIDs = append(f.acme().KeyIDs, "beef") }},
		{"KEY-USABLE", Error, func(_ *testing.T, f *fixture) {
			f.Next.Root.Keys = append(f.Next.Root.Keys, roles.Key{ID: "feed", Problem: errors.New("key type is sigstore-oidc")})
		}},
		{"KEY-TYPE", Error, func(t *testing.T, f *fixture) { f.replace(t, "acme-1", "rsa-2304", rsaPublic(2304)) }},
		{"KEY-TYPE", Warning, func(t *testing.T, f *fixture) {
			f.replace(t, "acme-1", "rsa-3072", rsaPublic(3072))
			f.Next.Targets.Delegations.Keys[0].Scheme = roles.RSAPKCS1v15SHA256
		}},
		{"KEYS-DISTINCT", Warning, func(_ *testing.T, f *fixture) {
			twin := f.keys["acme-1"]
			twin.ID = "0000"
			f.Next.Targets.Delegations.Keys = append(f.Next.Targets.Delegations.Keys, twin)
			f.acme().KeyIDs = append(f.acme().KeyIDs, twin.ID)
		}},
		{"DELEGATION-NAME-FORM", Error, func(_ *testing.T, f *fixture) { f.renameBrake("brake/pads") }},
		{"PATTERN-CHAIN", Error, func(_ *testing.T, f *fixture) {
			inner := &f.Next.Delegated["acme"].Delegations.Roles[0]
			inner.Paths = append(inner.Paths, "bosch/*")
		}},
		{"IMAGE-ALLOWED", Error, func(_ *testing.T, f *fixture) {
			f.Next.Delegated["acme"].Images = append(f.Next.Delegated["acme"].Images, image("bosch/wiper-1.bin", "wiper", 1))
		}},
	} {
		f := newFixture(t)
		f.found()
		c.change(t, f)
		for preset, want := range map[string]Severity{"tuf": Warning, "uptane-image": c.uptane} {
			found := mustPreset(t, preset).Check(f.Subject).Findings
			i := slices.IndexFunc(found, func(got Finding) bool { return got.ID == c.id })
			if i < 0 || found[i].Severity != want {
				t.Errorf("%s, %s: got %v, want a %s", preset, c.id, found, want)
			}
		}
	}
}

// TestTwiceNeeded refuses one key under two ids where the threshold cannot be met
// without counting it twice, whoever made the file.
func TestTwiceNeeded(t *testing.T) {
	f := newFixture(t)
	f.found()
	twin := f.keys["acme-1"]
	twin.ID = "0000"
	f.Next.Targets.Delegations.Keys = append(f.Next.Targets.Delegations.Keys, twin)
	f.acme().KeyIDs, f.acme().Threshold = []roles.KeyID{f.keys["acme-1"].ID, twin.ID}, 2
	if err := mustPreset(t, "tuf").Check(f.Subject).Refused(); err == nil || !strings.Contains(err.Error(), "KEYS-DISTINCT error") {
		t.Errorf("got %v", err)
	}
}

// TestLengthsStated says nothing of large files whose length is stated, or will be,
// nor of small ones, nor in ota-ce.
func TestLengthsStated(t *testing.T) {
	for name, change := range map[string]func(f *fixture){
		"stated": func(f *fixture) { f.large("targets", 6e6) },
		"small":  func(f *fixture) { f.large("targets", 5e6); f.unstate("targets.json") },
		"signed": func(f *fixture) { f.Next.Bytes["targets"] = 6e6; f.unstate("targets.json") },
		"ota-ce": func(f *fixture) { f.otaCE(t); f.large("targets", 6e6); f.unstate("targets.json") },
	} {
		f := newFixture(t)
		change(f)
		for _, got := range mustPreset(t, "tuf").Check(f.Subject).Findings {
			if got.ID == "CLIENT-LENGTHS" {
				t.Errorf("%s: %s", name, got)
			}
		}
	}
}

// TestBins judges thousands of hash bins as one, and misses the file of each.
func TestBins(t *testing.T) {
	const bins = `{"signatures":[],"signed":{"_type":"targets","delegations":{"keys":{},"succinct_roles":{"bit_length":10,"keyids":["beef"],"name_prefix":"bin","threshold":1}},` +
		`"expires":"2027-01-01T00:00:00Z","spec_version":"1.0.0","targets":{},"version":2}}`
	read, err := roles.Read(roles.TUF, roles.TypeTargets, []byte(bins))
	if err != nil {
		t.Fatal(err)
	}
	f := newFixture(t)
	f.found()
	f.Next.Targets = read.Body.(*roles.Targets)
	f.Next.Delegated = map[string]*roles.Targets{"bin-000": f.Next.Delegated["brake"]}
	counts := map[string]int{}
	for _, got := range mustPreset(t, "tuf").Check(f.Subject).Findings {
		counts[got.ID]++
		if got.ID == "DELEGATION-HASHES" && !strings.Contains(got.Message, "a set of hash bins (TAP 15)") {
			t.Error(got)
		}
	}
	for id, want := range map[string]int{"DELEGATION-HASHES": 1, "KEY-MISSING": 1, "DELEGATION-TERMINATING": 0, "DELEGATED-KEYS-APART": 0, "DELEGATION-FILE": maxFindings} {
		if counts[id] != want {
			t.Errorf("%s: %d findings, want %d", id, counts[id], want)
		}
	}
}
