package ceremonytest

import (
	"crypto/ed25519"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/derive"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// ThreeSites are workspaces of munich, geneva and zurich with one plan, of the first root:
// root-a, snapshot and timestamp are munich's to sign, root-b geneva's, targets zurich's.
// Their keys lie in software.
type ThreeSites struct {
	testing.TB
	Plan  *plan.Plan
	Sum   digest.SHA256
	Sites map[string]*Software
}

// NewThreeSites has munich make the plan, and the others a copy of it.
func NewThreeSites(t testing.TB) *ThreeSites {
	held := map[string]string{"root-a": "munich", "snapshot-a": "munich", "timestamp-a": "munich", "root-b": "geneva", "targets-a": "zurich"}
	munich := NewSoftware(t)
	munich.Write(workspace.SiteFile, siteYAML("munich", held))
	p := munich.MustMake(plan.Request{})
	text := munich.Read(p.Dir() + "/" + ceremonies.PlanFile)
	three := &ThreeSites{t, p, digest.Of([]byte(text)), map[string]*Software{"munich": munich}}
	for _, name := range []string{"geneva", "zurich"} {
		s := &Software{T: t, Dir: Copy(t, munich.Dir), Now: Now}
		s.Write(workspace.SiteFile, siteYAML(name, held))
		three.Sites[name] = s
	}
	return three
}

// siteYAML is the site.yaml of a site, by where each key is.
func siteYAML(name string, held map[string]string) string {
	var here, there []string
	for _, key := range []string{"root-a", "root-b", "targets-a", "snapshot-a", "timestamp-a"} {
		if held[key] == name {
			here = append(here, key+": all")
		} else {
			there = append(there, key+": "+held[key])
		}
	}
	head, _, _ := strings.Cut(site, "keys:")
	return strings.Replace(head, "site: main", "site: "+name, 1) + "keys: {" + strings.Join(here, ", ") + "}\nelsewhere: {" + strings.Join(there, ", ") + "}\n"
}

// Signed is the signature of a step whose bytes are known from the start, by the key of
// another name.
func (s *ThreeSites) Signed(step plan.Step, by string) transcript.Signed {
	s.Helper()
	again, err := derive.Again(s.Sites["munich"].Open(), s.Plan, s.Sum)
	if err != nil {
		s.Fatal(err)
	}
	file, _ := s.Plan.File(step.Role)
	made, err := again.Scene.Draft(file.Next())
	if err != nil {
		s.Fatal(err)
	}
	record, err := workspace.NewKeyRecord(by, Key(by).Public(), Now)
	if err != nil {
		s.Fatal(err)
	}
	value := ed25519.Sign(Key(by), made.Bytes.Signed)
	return transcript.Signed{Role: step.Role, Version: step.Version, Key: step.Key, Fingerprint: digest.SHA256(record.Fingerprint()), SHA256: made.SHA256, Signature: base64.StdEncoding.EncodeToString(value)}
}

// Step is that of a signature.
func (s *ThreeSites) Step(role, key string) plan.Step {
	s.Helper()
	for _, step := range s.Plan.Signing(role) {
		if step.Key == key {
			return step
		}
	}
	s.Fatalf("no step signs %s with %s", role, key)
	return plan.Step{}
}

// Sign has a site sign, and returns the signature's file as it lies there.
func (s *ThreeSites) Sign(site, role, key string) (file string) {
	s.Helper()
	step := s.Step(role, key)
	return s.Put(site, step, s.Signed(step, key))
}

// Put writes a signature into the folder of a site.
func (s *ThreeSites) Put(site string, step plan.Step, signed transcript.Signed) (file string) {
	s.Helper()
	data, err := strict.JSON(signed)
	if err != nil {
		s.Fatal(err)
	}
	file = s.Plan.SignaturePath(site, step)
	s.Sites[site].Write(file, string(data)+"\n")
	return file
}

// Append adds lines to the transcript of a site, and Note to that of its custody.
func (s *ThreeSites) Append(site string, lines ...transcript.Data) {
	s.Helper()
	s.append(site, ceremonies.SiteDir(s.Plan.Ceremony, site), lines)
}

func (s *ThreeSites) Note(site string, lines ...transcript.Data) {
	s.Helper()
	s.append(site, transcript.CustodyOf(site), lines)
}

func (s *ThreeSites) append(site, dir string, lines []transcript.Data) {
	s.Helper()
	folder, err := disk.Open(s.Sites[site].Dir)
	if err != nil {
		s.Fatal(err)
	}
	defer folder.Close()
	open, err := transcript.Open(folder, dir, func() time.Time { return Now.Add(time.Hour) })
	if err != nil {
		s.Fatal(err)
	}
	defer open.Close()
	for _, line := range lines {
		if err := open.Append(0, transcript.ActorTool, line); err != nil {
			s.Fatal(err)
		}
	}
}

// Begin begins a site's transcript.
func (s *ThreeSites) Begin(site string) {
	s.Helper()
	s.Append(site, transcript.Started{Plan: s.Sum, Room: digest.Of([]byte(s.Sites[site].Read(workspace.SiteFile)))})
}
