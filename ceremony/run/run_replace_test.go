package run

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// otaWorkspace is a repository in the format ota-ce after its first ceremony:
// all files but the roots have fixed names there.
func otaWorkspace(t *testing.T) string {
	t.Helper()
	dir := smallWorkspace(t)
	trust := strings.NewReplacer("format: tuf", "format: ota-ce", "ecdsa-p256", "ed25519").Replace(smallTrust)
	rewrite(t, dir, workspace.TrustFile, func(string) string { return trust })
	derivePlan(t, dir)
	if err := runPlan(t.Context(), t, dir, nil); err != nil {
		t.Fatal(err)
	}
	return dir
}

// rewrite changes a file of a workspace.
func rewrite(t *testing.T, dir, name string, change func(string) string) {
	t.Helper()
	path := filepath.Join(dir, name)
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := change(string(old))
	if text == string(old) {
		t.Fatalf("%s does not change", name)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func content(t *testing.T, dir, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestRunReplaces replaces files of fixed names and keeps the old ones.
func TestRunReplaces(t *testing.T) {
	dir := otaWorkspace(t)
	plan := derivePlan(t, dir, "targets")
	old := map[string]string{}
	for _, name := range []string{"targets.json", "snapshot.json", "timestamp.json"} {
		old[name] = content(t, dir, "image/metadata/"+name)
	}
	if err := runPlan(t.Context(), t, dir, nil); err != nil {
		t.Fatal(err)
	}
	checkFinished(t, dir, len(plan.Steps))
	for name, want := range old {
		if got := content(t, dir, plan.Dir()+"/replaced/"+name); got != want {
			t.Errorf("%s: kept\n%s\nwant\n%s", name, got, want)
		}
		if !strings.Contains(content(t, dir, "image/metadata/"+name), `"version":2`) {
			t.Errorf("%s is not version 2", name)
		}
	}
}

// TestRunReplacesOther puts another timestamp.json in place, as an online service
// could, between the plan and the moment it would be replaced.
func TestRunReplacesOther(t *testing.T) {
	dir := otaWorkspace(t)
	thePlan := derivePlan(t, dir, "timestamp")
	const name = "image/metadata/timestamp.json"
	err := runPlan(t.Context(), t, dir, func(step int) {
		if thePlan.Steps[step-1].Do == plan.DoWrite {
			rewrite(t, dir, name, func(old string) string { return old + "\n" })
		}
	})
	if fault.CodeOf(err) != fault.Unverified {
		t.Errorf("got %v (code %d)", err, fault.CodeOf(err))
	}
	if got := content(t, dir, name); !strings.HasSuffix(got, "\n") || !strings.Contains(got, `"version":1`) {
		t.Errorf("it was replaced all the same, by %s", got)
	}
}

// TestTamperBetweenRuns interrupts a ceremony after a step, changes what the
// step wrote, and demands that the next run signs and writes nothing more.
func TestTamperBetweenRuns(t *testing.T) {
	dir := smallWorkspace(t)
	plan := derivePlan(t, dir)
	before := map[string]string{} // workspace before the next step, by step
	if err := runPlan(t.Context(), t, dir, func(n int) {
		if n > 1 {
			before[plan.Steps[n-2].String()] = copyDir(t, dir)
		}
	}); err != nil {
		t.Fatal(err)
	}
	signature := plan.Dir() + "/signatures/06-root-root-a.json"
	for _, tt := range []struct {
		name, after, file string
		crash             bool // before the transcript has the result
		change            func(string) string
		want              string
	}{
		{"signature", "sign root 1 with root-a", signature, false, swapSignature(t), "signatures/06-root-root-a.json has changed"},
		{"signature after a crash", "sign root 1 with root-a", signature, true, swapSignature(t), "signatures/06-root-root-a.json: "},
		{"public key", "sign root 1 with root-a", "keys/root-a.yaml", false, addLine, "keys/root-a.yaml has changed"},
		{"root", "write image/metadata/1.root.json", "image/metadata/1.root.json", false, addLine, "image/metadata/1.root.json has changed"},
		{"root after a crash", "write image/metadata/1.root.json", "image/metadata/1.root.json", true, addLine, "1.root.json"},
		{"trust", "review root 1", workspace.TrustFile, false, addLine, "trust.yaml has changed"},
		{"transcript", "review root 1", plan.Dir() + "/transcript.jsonl", false, addLine, "transcript.jsonl"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := copyDir(t, before[tt.after])
			if tt.crash {
				cutLastLine(t, dir)
			}
			rewrite(t, dir, tt.file, tt.change)
			wantError(t, runPlan(t.Context(), t, dir, nil), fault.Unverified, tt.want)
			if _, err := os.Stat(filepath.Join(dir, "image/metadata/1.targets.json")); err == nil {
				t.Error("the run went on")
			}
		})
	}
}

func addLine(s string) string { return s + "\n" }

// swapSignature puts in a signature of the right form by a wrong key.
func swapSignature(t *testing.T) func(string) string {
	return func(text string) string {
		var f signatureFile
		if err := json.Unmarshal([]byte(text), &f); err != nil {
			t.Fatal(err)
		}
		f.Signature = strings.Repeat("A", 86) + "=="
		data, err := f.encode()
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
}

// TestOvertaken runs two plans that were made from the same state. The second
// would generate the keys again and sign second files of version 1.
func TestOvertaken(t *testing.T) {
	dir := smallWorkspace(t)
	first := derivePlan(t, dir)
	derivePlan(t, dir)
	second := newestCeremony(t, dir)
	if second == first.Dir() {
		t.Fatal("both plans have one name")
	}
	aside := filepath.Join(t.TempDir(), "second")
	if err := os.Rename(filepath.Join(dir, second), aside); err != nil {
		t.Fatal(err)
	}
	interrupted := ""
	if err := runPlan(t.Context(), t, dir, func(n int) {
		if n == 2 {
			interrupted = copyDir(t, dir)
		}
	}); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]struct {
		code fault.Code
		text string
	}{
		interrupted: {fault.Refused, "ceremony 2026-11-23-image-1 is under way"},
		dir:         {fault.Unverified, "keys/root-a.yaml is there already"},
	} {
		if err := os.CopyFS(filepath.Join(dir, second), os.DirFS(aside)); err != nil {
			t.Fatal(err)
		}
		wantError(t, runPlan(t.Context(), t, dir, nil), want.code, want.text)
	}
}

// TestOnlineTimestamp signs new targets where the key of timestamp is with an
// online service: the ceremony ends though that has not signed yet.
func TestOnlineTimestamp(t *testing.T) {
	dir := otaWorkspace(t)
	rewrite(t, dir, workspace.SiteFile, func(s string) string { return strings.Replace(s, ", timestamp-a: all", "", 1) })
	plan := derivePlan(t, dir, "targets")
	if want := "timestamp is signed elsewhere (timestamp-a): states new files"; files(plan) != "targets 2, snapshot 2" || plan.Notes[0] != want {
		t.Errorf("signs %s, notes %q", files(plan), plan.Notes)
	}
	if err := runPlan(t.Context(), t, dir, nil); err != nil {
		t.Error(err)
	}
}
