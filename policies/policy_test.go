package policies

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestPresets(t *testing.T) {
	for _, name := range Presets() {
		p := mustPreset(t, name)
		if p.Name() != name {
			t.Errorf("name is %q, want %q", p.Name(), name)
		}
		for _, line := range p.Show().Lines {
			if line.Origin == "" || len(line.Sources) == 0 {
				t.Errorf("%s: %s has origin %q and sources %v", name, line.Field, line.Origin, line.Sources)
			}
		}
		for _, s := range p.doc.settings() {
			c := checkByID(s.check)
			if c == nil {
				t.Fatalf("%s: no check %s enforces %s", name, s.check, s.field)
			}
			if !c.Waivable {
				t.Errorf("%s: %s can be loosened, though %s cannot be waived", name, s.field, s.check)
			}
		}
	}
	if _, err := Preset("../trust"); err == nil {
		t.Error("a preset that does not exist was found")
	}
}

func TestDocuments(t *testing.T) {
	const reason = `reason: two sites merge in March, person: A. Example`
	for _, test := range []struct {
		name, text string
		want       []string // parts of the error; none for a good document
	}{
		{"as it is", "extends: uptane-image", nil},
		{"stricter", "extends: uptane-image\nroles: {root: {threshold: {min: 3}, lifetime: {max: 400d}}}", nil},
		{"stricter than advised", "extends: uptane-small\nroles: {root: {keys: {min: 5}}}", nil},
		{"a word made stricter", "extends: uptane-image\nkey-types: {ecdsa-p384: refused}", nil},
		{"a severity raised", "extends: uptane-image\nseverity: {KEY-ID: error}", nil},
		{"a limit where there was none", "extends: uptane-image\nroles: {timestamp: {bytes: {max: 10000}}}", nil},
		{"looser, accounted for", "extends: uptane-image\nroles: {root: {threshold: {min: 1}}}\nloosen: [{check: ROOT-THRESHOLD, " + reason + "}]", nil},
		{"looser", "extends: uptane-image\nroles: {root: {threshold: {min: 1}}}",
			[]string{"roles.root.threshold.min is 1, want 2 or stricter, as in uptane-image; or an entry of loosen for ROOT-THRESHOLD"}},
		{"looser, in two ways", "extends: uptane-image\nroles: {root: {threshold: {min: 1}}}\ndelegations: {depth: 9}",
			[]string{"roles.root.threshold.min", "delegations.depth is 9"}},
		{"a longer life", "extends: uptane-image\nroles: {root: {lifetime: {max: 9000d}}}", []string{"ROOT-LIFETIME"}},
		{"a word made laxer", "extends: uptane-image\nroles: {root: {unattended: allowed}}", []string{"ROOT-UNATTENDED"}},
		{"a key type let in", "extends: uptane-image\nkey-types: {rsa-2048: taken}", []string{"KEY-TYPE"}},
		{"a severity lowered", "extends: uptane-image\nseverity: {KEYS-ONE-ROLE: note}", []string{"severity.KEYS-ONE-ROLE is note"}},
		{"loosened what holds anyway", "extends: uptane-image\nloosen: [{check: ROOT-THRESHOLD, " + reason + "}]", []string{"nothing is looser"}},
		{"no reason", "extends: uptane-image\nroles: {root: {threshold: {min: 1}}}\nloosen: [{check: ROOT-THRESHOLD, reason: '', person: A. Example}]",
			[]string{"loosen[0] is for ROOT-THRESHOLD without a reason and a person", "roles.root.threshold.min"}},
		{"what cannot be waived", "extends: uptane-image\nseverity: {KEYS-DISTINCT: note}\nloosen: [{check: KEYS-DISTINCT, " + reason + "}]",
			[]string{"loosen[0] is for KEYS-DISTINCT, which cannot be waived"}},
		{"no preset", "roles: {}", []string{"extends is missing"}},
		{"another preset", "extends: uptane-large", []string{`policy is "uptane-large"`}},
		{"a misspelt check", "extends: uptane-image\nseverity: {ROOT-TRESHOLD: error}", []string{"severity.ROOT-TRESHOLD is for no check"}},
		{"a misspelt type", "extends: uptane-image\nkey-types: {rsa3072: taken}", []string{"key-types.rsa3072 is no key type"}},
		{"a misspelt field", "extends: uptane-image\nrole: {}", []string{"field role not found"}},
		{"a misspelt word", "extends: uptane-image\nroles: {root: {custody: ofline}}", []string{"want one of any, online, offline"}},
		{"months", "extends: uptane-image\nroles: {root: {renew: 1m}}", []string{"want days or hours"}},
		{"negative", "extends: uptane-image\nroles: {root: {keys: {min: -1}}}", []string{"negative"}},
		{"nothing lives so long", "extends: uptane-image\nroles: {root: {lifetime: {min: 800d}}}", []string{"lifetime.min is 800d, want at most max, 732d"}},
		{"due at once", "extends: uptane-image\nroles: {root: {renew: 60d}}", []string{"renew is 60d, want less than lifetime.min"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := newPolicy("version: 1\n" + test.text)
			if test.want == nil && err != nil {
				t.Fatal(err)
			}
			for _, part := range test.want {
				if err == nil || !strings.Contains(err.Error(), part) {
					t.Errorf("error is %v, want %q in it", err, part)
				}
			}
		})
	}
	if _, err := newPolicy("version: 2\nextends: tuf"); err == nil {
		t.Error("version 2 was taken")
	}
}

// TestLoosened shows that a loosened limit is in force, and shown with name and
// reason.
func TestLoosened(t *testing.T) {
	p := mustNew(t, "version: 1\nextends: uptane-image\nroles: {root: {threshold: {min: 1, advised: 1}}}\nloosen: [{check: ROOT-THRESHOLD, reason: test fleet, person: A. Example}]")
	f := newFixture(t)
	f.setRole("root", 1, keyNames["root"]...)
	if err := p.Check(f.Subject).Refused(); err != nil {
		t.Error(err)
	}
	if text := p.Show().String(); !strings.Contains(text, "loosened by A. Example: test fleet") {
		t.Errorf("the reason is not shown in\n%s", text)
	}
}

// TestShow shows that the preset's own words survive as JSON.
func TestShow(t *testing.T) {
	text, err := json.Marshal(mustPreset(t, "uptane-small").Show())
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		`{"field":"roles.root.threshold.min","value":"2","check":"ROOT-THRESHOLD","sources":["DBP-007","TUF-001","TUF-011","DBP-011"],"origin":"uptane-image"}`,
		`"field":"roles.root.threshold.advised","value":"2","check":"ROOT-THRESHOLD","sources":["DBP-007","TUF-001","TUF-011","DBP-011"],"origin":"uptane-small","loosened":{"check":"ROOT-THRESHOLD"`,
		`{"id":"TARGETS-UNATTENDED","severity":"warning"`,
		`{"id":"DBP-007","level":"SHOULD",`,
	} {
		if !strings.Contains(string(text), part) {
			t.Errorf("%s is not in\n%s", part, text)
		}
	}
}

func TestExplain(t *testing.T) {
	explained, err := Explain("KEYS-DISTINCT")
	if err != nil {
		t.Fatal(err)
	}
	text := explained.String()
	for _, part := range []string{"cannot be waived", "UPT-002  SHALL", "Uptane Standard 2.1.0 §5.4.4.3"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in\n%s", part, text)
		}
	}
	explained, err = Explain("TUF-006")
	if text = explained.String(); err != nil || !strings.HasPrefix(text, "TUF-006 (TAP 12 Specification)\n\nSHALL keys are told apart") || !strings.Contains(text, "  KEYS-DISTINCT  a role lists") {
		t.Errorf("a clause: %q, %v", text, err)
	}
	explained, err = Explain("UPT-025")
	if text = explained.String(); err != nil || !strings.Contains(text, "No check holds it: no wire format") {
		t.Errorf("a clause without a check: %q, %v", text, err)
	}
	if _, err := Explain("ROOT-TRESHOLD"); err == nil {
		t.Error("a check that does not exist was explained")
	}
}

// FuzzDocument shows that no policy file breaks the program, and that none
// without a reason makes a policy laxer than the preset it extends.
func FuzzDocument(f *testing.F) {
	f.Add("version: 1\nextends: uptane-image\nroles: {root: {threshold: {min: 3}}}")
	f.Add("version: 1\nextends: tuf\nseverity: {KEY-ID: error}\nkey-types: {rsa-2048: refused}")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := newPolicy(text)
		if err != nil || strings.Contains(text, "loosen") {
			return
		}
		base := mustPreset(t, strings.TrimSuffix(p.Name(), ", changed"))
		for i, line := range base.lines {
			if i < len(p.lines) && p.lines[i].Field == line.Field && p.lines[i].strict < line.strict {
				t.Errorf("%s is laxer than in %s", line.Field, base.Name())
			}
		}
	})
}
