package run

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/review"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// writing is a machine before it writes root, of which software keys have signed
// what the plan says that they sign.
func writing(t *testing.T, s *ceremonytest.Software, p *plan.Plan) *machine {
	t.Helper()
	ws := s.Open()
	now, err := scene.Read(ws, "image", p.Created)
	if err != nil {
		t.Fatal(err)
	}
	candidate, err := review.Build(now, p, "root")
	if err != nil {
		t.Fatal(err)
	}
	nobody := prompt.Nobody(&bytes.Buffer{})
	reviewed, _, err := candidate.Review(now, p, review.Checks{}, func(review.Content) error { return nil }, s.Now)
	if err != nil {
		t.Fatal(err)
	}
	m := &machine{
		Run: &Run{Room: room.Room{Workspace: ws, Prompter: nobody, Now: func() time.Time { return s.Now }}}, plan: p, scene: now, site: &workspace.Site{Name: "main"},
		reviewed: map[string]*review.Reviewed{"root": reviewed}, placed: map[string]bool{},
	}
	if m.transcript, err = transcript.Open(ws.Folder, ceremonies.SiteDir(p.Ceremony, "main"), m.Now); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.transcript.Close() })
	for _, step := range p.Signing("root") {
		m.signSoftly(t, step)
	}
	return m
}

// signSoftly leaves the file of a signature, as a run does.
func (m *machine) signSoftly(t *testing.T, s plan.Step) {
	t.Helper()
	file, _ := m.plan.File(s.Role)
	draft, err := m.scene.Draft(file.Next())
	if err != nil {
		t.Fatal(err)
	}
	data, err := strict.JSON(transcript.Signed{
		Role: s.Role, Version: s.Version, Key: s.Key, SHA256: draft.SHA256, Fingerprint: digest.SHA256(m.scene.Ring.Keys[s.Key].Fingerprint),
		Signature: base64.StdEncoding.EncodeToString(ed25519.Sign(ceremonytest.Key(s.Key), draft.Bytes.Signed)),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Workspace.Create(m.signaturePath(s), append(data, '\n')); err != nil {
		t.Fatal(err)
	}
}

func writeOf(p *plan.Plan, role string) plan.Step {
	i := slices.IndexFunc(p.Steps, func(s plan.Step) bool { return s.Do == plan.Write && s.Role == role })
	return p.Steps[i]
}

// TestWriteCounts counts the signatures before a file is put in place: a plan that
// asks for too few leaves nothing there.
func TestWriteCounts(t *testing.T) {
	const name = "image/metadata/1.root.json"
	s := ceremonytest.NewSoftware(t)
	p := s.MustMake(plan.Request{})
	p.Steps = slices.DeleteFunc(p.Steps, func(step plan.Step) bool { return step.Do == plan.Sign && step.Key == "root-b" })
	m := writing(t, s, p)
	err := m.write(writeOf(p, "root"))
	ceremonytest.WantError(t, err, fault.Unverified, "1.root.json: 1 of 2 signatures that role root needs")
	if _, err := os.Stat(s.Path(name)); err == nil {
		t.Error("the file is in place")
	}
	if _, begun := transcript.Last[transcript.Writing](m.transcript, writeOf(p, "root").Step); begun || m.placed["root"] {
		t.Error("the transcript says that it is being written")
	}
}

// TestWrite puts a file in place that counts, once, and never over another.
func TestWrite(t *testing.T) {
	const name = "image/metadata/1.root.json"
	s := ceremonytest.NewSoftware(t)
	p := s.MustMake(plan.Request{})
	m := writing(t, s, p)
	s.Write(name, "another")
	if err := m.write(writeOf(p, "root")); fault.CodeOf(err) != fault.Unverified || !strings.Contains(err.Error(), fs.ErrExist.Error()) {
		t.Errorf("over another: %v", err)
	}
	if s.Read(name) != "another" || m.placed["root"] || m.scene.Signed.Root() != nil {
		t.Error("it counts as written")
	}
	if err := os.Remove(s.Path(name)); err != nil {
		t.Fatal(err)
	}
	if err := m.write(writeOf(p, "root")); err != nil {
		t.Fatal(err)
	}
	written, done := transcript.Last[transcript.Written](m.transcript, writeOf(p, "root").Step)
	if text := s.Read(name); !done || written.SHA256 != digest.Of([]byte(text)) || !m.placed["root"] || string(m.scene.Signed.Root().Raw) != text {
		t.Errorf("written %+v, placed %v", written, m.placed)
	}
	raw := m.scene.Signed.Root().Raw
	if err := m.Workspace.Holds(name, raw); err != nil {
		t.Error(err)
	}
	for _, other := range []string{string(raw) + "\n", strings.Replace(string(raw), "2027", "2037", 1), ""} {
		s.Write(name, other)
		ceremonytest.WantError(t, m.Workspace.Holds(name, raw), fault.Failed, name+": it does not read back as it was written")
	}
}
