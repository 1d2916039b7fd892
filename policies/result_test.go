package policies

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// one signature for root: an error in every Uptane preset.
func weakRoot(t *testing.T) *fixture {
	f := newFixture(t)
	f.setRole("root", 1, keyNames["root"]...)
	return f
}

func TestFindingText(t *testing.T) {
	r := mustPreset(t, "uptane-image").Check(weakRoot(t).Subject)
	if len(r.Findings) != 1 {
		t.Fatalf("got %v, want one finding", r.Findings)
	}
	want := "ROOT-THRESHOLD error: repositories.image.roles.root.threshold is 1, want at least 2 (DBP-007, TUF-001, TUF-011, DBP-011)"
	if got := r.Findings[0].String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if err := r.Refused(); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("refused with %v", err)
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if part := `"role":"root","field":"repositories.image.roles.root.threshold","got":"1","want":"at least 2"`; !strings.Contains(string(text), part) {
		t.Errorf("%s is not in\n%s", part, text)
	}
}

func TestWaiver(t *testing.T) {
	f := weakRoot(t)
	f.Waivers = []Waiver{{Check: "ROOT-THRESHOLD", Reason: "rehearsal of the move", Person: "A. Example"}}
	r := mustPreset(t, "uptane-image").Check(f.Subject)
	if err := r.Refused(); err != nil {
		t.Error(err)
	}
	if len(r.Findings) != 1 || !strings.HasSuffix(r.Findings[0].String(), "; waived by A. Example: rehearsal of the move") {
		t.Errorf("the waiver is not shown in %v", r.Findings)
	}
}

// TestNotWaivable shows that no waiver sets aside what would let one key count
// twice, break the chain of versions, or leave the old root behind.
func TestNotWaivable(t *testing.T) {
	for _, c := range cases {
		if info := checkByID(c.id); info.Waivable || c.severity != Error || strings.HasPrefix(c.id, "WAIVERS") {
			continue
		}
		f := newFixture(t)
		c.change(t, f)
		f.Waivers = append(f.Waivers, Waiver{Check: c.id, Reason: "hurry", Person: "A. Example"})
		r := policyOf(t, c.policy).Check(f.Subject)
		refused := ""
		if err := r.Refused(); err != nil {
			refused = err.Error()
		}
		for _, id := range []string{c.id + " error", "WAIVERS error"} {
			if !strings.Contains(refused, id) {
				t.Errorf("%s, %s: %s does not refuse, got %q", c.id, c.name, id, refused)
			}
		}
	}
	for _, id := range []string{"KEYS-DISTINCT", "ROOT-STEP", "VERSION-STEP", "SIGN-QUORUM", "SIGN-OLD-QUORUM", "THRESHOLD-REACHABLE", "WAIVERS"} {
		if checkByID(id).Waivable {
			t.Errorf("%s can be waived", id)
		}
	}
}

func TestSARIF(t *testing.T) {
	f := weakRoot(t)
	f.Unattended = append(f.Unattended, "root")
	f.Waivers = []Waiver{{Check: "ROOT-UNATTENDED", Reason: "demo", Person: "A. Example"}}
	got, err := SARIF("trust.yaml", "1.2.3", mustPreset(t, "uptane-image").Check(f.Subject))
	if err != nil {
		t.Fatal(err)
	}
	var log struct {
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct{ Rules []struct{ ID string } }
			}
			Results []struct {
				RuleID       string
				RuleIndex    int
				Level        string
				Suppressions []struct{ Status, Justification string }
			}
		}
	}
	if err := json.Unmarshal(got, &log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	if log.Version != "2.1.0" || len(run.Results) != 2 || len(run.Tool.Driver.Rules) != len(checks) {
		t.Fatalf("version %s, %d results, %d rules", log.Version, len(run.Results), len(run.Tool.Driver.Rules))
	}
	for _, r := range run.Results {
		if run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID {
			t.Errorf("%s has the index of %s", r.RuleID, run.Tool.Driver.Rules[r.RuleIndex].ID)
		}
		if waived := r.RuleID == "ROOT-UNATTENDED"; waived != (len(r.Suppressions) == 1) {
			t.Errorf("%s has suppressions %v", r.RuleID, r.Suppressions)
		}
	}
}

// golden compares with a file, or writes it: go test ./policies -update.
func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s is not current; run go test ./policies -update", file)
	}
}
