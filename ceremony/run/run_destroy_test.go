package run

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/custody"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

// destroyPlan is a workspace that is about to replace timestamp-a and to destroy
// it.
func destroyPlan(t *testing.T) (dir string, thePlan *plan.Plan) {
	t.Helper()
	dir = smallWorkspace(t)
	derivePlan(t, dir)
	if err := runPlan(t.Context(), t, dir, nil); err != nil {
		t.Fatal(err)
	}
	replaceIn(t, filepath.Join(dir, workspace.TrustFile), "timestamp-a", "timestamp-b")
	replaceIn(t, filepath.Join(dir, workspace.SiteFile), "timestamp-a: all", "timestamp-a: all, timestamp-b: all")
	ws, err := workspace.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	thePlan, err = plan.Derive(ws, plan.Request{Repository: "image", Destroy: []string{"timestamp-a"}, Now: testNow.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := plan.Write(ws, thePlan); err != nil {
		t.Fatal(err)
	}
	return dir, thePlan
}

func replaceIn(t *testing.T, path, old, new string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.ReplaceAll(data, []byte(old), []byte(new)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// attended runs the newest plan with somebody who types these answers, and
// returns what they were told.
func attended(t *testing.T, dir string, answers ...string) (*Script, error) {
	t.Helper()
	ws, plan := newestPlan(t, dir)
	defer ws.Close()
	script := &Script{Answers: answers}
	r := &Run{Workspace: ws, Prompter: script, Now: func() time.Time { return testNow.Add(2 * time.Hour) }}
	return script, r.Plan(t.Context(), plan)
}

// TestDestroy destroys a key in the step after verification, loses the result to
// a crash, and finds in the second run that it is done.
func TestDestroy(t *testing.T) {
	dir, plan := destroyPlan(t)
	if last := plan.Steps[len(plan.Steps)-1]; last.String() != "destroy timestamp-a" {
		t.Fatalf("last step is %s", last)
	}
	if err := runPlan(t.Context(), t, dir, nil); fault.CodeOf(err) != fault.Refused || !strings.Contains(err.Error(), "always asks a person") {
		t.Fatalf("unattended: %v", err)
	}
	if _, err := attended(t, dir, "destroy timestamp-a"); fault.CodeOf(err) != fault.Failed {
		t.Fatalf("wrong phrase: %v", err)
	}
	script, err := attended(t, dir, asAsked)
	if err != nil {
		t.Fatal(err)
	}
	if len(script.Asked) != 1 || !strings.HasPrefix(script.Asked[0], "destroy timestamp-a on ") {
		t.Errorf("asked %q", script.Asked)
	}
	cutLines(t, dir, transcript.EventFinished, transcript.EventResult)
	script, err = attended(t, dir)
	if err != nil || !slices.ContainsFunc(script.Said, func(s string) bool { return strings.Contains(s, "gone from the token already") }) {
		t.Errorf("after a crash: %q, %v", script.Said, err)
	}
	checkFinished(t, dir, len(plan.Steps))
}

// TestDestroyElsewhere finds no key on the token that site.yaml names: without an
// intent of its own that is no reason to believe that it is destroyed.
func TestDestroyElsewhere(t *testing.T) {
	dir, _ := destroyPlan(t)
	err := runPlan(t.Context(), t, dir, nil) // up to the step that asks
	if fault.CodeOf(err) != fault.Refused {
		t.Fatal(err)
	}
	ws, err := workspace.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	site, err := ws.Site()
	if err != nil {
		t.Fatal(err)
	}
	record, err := ws.Key("timestamp-a")
	if err != nil {
		t.Fatal(err)
	}
	tokens := custody.NewTokens(site, prompt.Nobody(io.Discard))
	key, err := tokens.Key(t.Context(), "timestamp-a", record.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	if err := tokens.Open["all"].Destroy(t.Context(), key.ID()); err != nil {
		t.Fatal(err)
	}
	if err := tokens.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := attended(t, dir, asAsked); fault.CodeOf(err) != fault.Token || !strings.Contains(err.Error(), hsm.ErrKeyNotFound.Error()) {
		t.Errorf("got %v", err)
	}
}

// TestDestroyForged has a transcript whose intent names another key's id, made by
// somebody who had the disk: that key stays on the token.
func TestDestroyForged(t *testing.T) {
	dir, plan := destroyPlan(t)
	if err := runPlan(t.Context(), t, dir, nil); fault.CodeOf(err) != fault.Refused {
		t.Fatal(err)
	}
	ws, err := workspace.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	keys, err := custody.TokenKeys(t.Context(), ws, prompt.Nobody(io.Discard), "all")
	if err != nil {
		t.Fatal(err)
	}
	theTranscript, err := transcript.Open(ws.Folder, plan.Dir(), func() time.Time { return testNow.Add(2 * time.Hour) })
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keys {
		if k.Label() != "root-a" {
			continue
		}
		forged := destroyIntent{Key: "timestamp-a", ID: fmt.Sprintf("%x", k.ID())}
		site, err := ws.Site()
		if err != nil {
			t.Fatal(err)
		}
		tokens := custody.NewTokens(site, prompt.Nobody(io.Discard))
		token, err := tokens.Get(t.Context(), "all")
		if err != nil {
			t.Fatal(err)
		}
		forged.Token = token.Info().Serial
		if err := theTranscript.Append(len(plan.Steps), transcript.ActorTool, transcript.EventIntent, forged); err != nil {
			t.Fatal(err)
		}
		for _, victim := range keys {
			if victim.Label() == "timestamp-a" {
				err = token.Destroy(t.Context(), victim.ID())
			}
		}
		if err := errors.Join(err, tokens.Close()); err != nil {
			t.Fatal(err)
		}
	}
	if err := theTranscript.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := attended(t, dir, asAsked); fault.CodeOf(err) != fault.Unverified || !strings.Contains(err.Error(), "another key under it") {
		t.Errorf("got %v", err)
	}
	left, err := custody.TokenKeys(t.Context(), ws, prompt.Nobody(io.Discard), "all")
	if err != nil || !slices.ContainsFunc(left, func(k *hsm.Key) bool { return k.Label() == "root-a" }) {
		t.Errorf("root-a is gone: %v, %v", left, err)
	}
}

// TestDestroyOfTrustedKey refuses keys that another repository still lists.
func TestDestroyOfTrustedKey(t *testing.T) {
	dir, _ := destroyPlan(t)
	ws, err := workspace.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	second := strings.NewReplacer("  image:\n", "  other:\n", "-a: {", "-o: {", "-a]", "-o]").Replace(smallTrust[strings.Index(smallTrust, "  image:"):])
	data, err := ws.Read(workspace.TrustFile, strict.MaxBytes)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, workspace.TrustFile), append(data, second...), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(dir, "other"), os.DirFS(filepath.Join(dir, "image"))); err != nil {
		t.Fatal(err)
	}
	_, err = plan.Derive(ws, plan.Request{Repository: "image", Destroy: []string{"timestamp-a"}, Now: testNow.Add(time.Hour)})
	if fault.CodeOf(err) != fault.Refused || !strings.Contains(err.Error(), "the signed root of repository other lists it") {
		t.Errorf("got %v", err)
	}
}

// cutLines removes the last lines of a transcript, which are of these kinds.
func cutLines(t *testing.T, dir string, kinds ...transcript.Kind) {
	t.Helper()
	path := filepath.Join(dir, newestCeremony(t, dir), transcript.TranscriptFile)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(bytes.TrimSuffix(data, []byte("\n")), []byte("\n"))
	for _, kind := range kinds {
		last := len(lines) - 1
		if !bytes.Contains(lines[last], []byte(`"event":"`+string(kind)+`"`)) {
			t.Fatalf("last line is %s, want %s", lines[last], kind)
		}
		lines = lines[:last]
	}
	if err := os.WriteFile(path, bytes.Join(lines, nil), 0o600); err != nil {
		t.Fatal(err)
	}
}
