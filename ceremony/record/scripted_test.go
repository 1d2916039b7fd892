package record

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"path"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/roles"
)

// scripted is a ceremony of software keys whose transcript is written by the test:
// every byte of it is the same each time.
type scripted struct {
	*ceremonytest.Software
	plan *plan.Plan
	log  *transcript.Transcript
	now  time.Time
}

// newScripted replaces a root key in a workspace in which everything is signed,
// with a plan of that reason. Before its last line, extra may write more.
func newScripted(t *testing.T, reason string, extra func(*scripted)) *scripted {
	t.Helper()
	s := &scripted{Software: ceremonytest.SignedSoftware(t)}
	s.Now = s.Now.Add(48 * time.Hour)
	s.AddKeys("root-c", "root-d")
	s.Edit("trust.yaml", "root-b: {type: ed25519, custodian: b}", "root-c: {type: ed25519, custodian: c}", "root-a, root-b", "root-a, root-c")
	s.plan = s.CarryOut(plan.Request{Reason: reason})
	s.now = s.Now
	log, err := transcript.Open(s.Open().Folder, ceremonies.SiteDir(s.plan.Ceremony, "main"), func() time.Time { s.now = s.now.Add(13 * time.Second); return s.now })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	s.log = log
	s.write(0, transcript.ActorTool, transcript.Started{Plan: digest.Of([]byte(s.Read(s.plan.Dir() + "/plan.yaml"))), Room: digest.Of([]byte(s.Read("site.yaml")))})
	s.write(0, transcript.ActorTool, inspected)
	s.write(0, transcript.ActorPerson, transcript.Note{Text: "words of the plan: word 22 differs"})
	s.write(0, transcript.ActorPerson, transcript.Compared{What: "plan", Places: []int{3, 17, 22, 30}})
	s.write(0, transcript.ActorTool, transcript.Checkpoint{})
	s.write(0, transcript.ActorTool, transcript.Generated{Key: "root-d", Fingerprint: fingerprint(t, "root-d"), Record: digest.Of([]byte(s.Read("keys/root-d.yaml"))), Evidence: locked})
	for _, step := range s.plan.Steps {
		s.step(step)
	}
	if extra != nil {
		extra(s)
	}
	s.write(0, transcript.ActorTool, transcript.Checkpoint{})
	s.write(0, transcript.ActorTool, transcript.Finished{Repository: "image", Signed: []transcript.Mark{{Role: "root", Version: 2, Placed: true}}})
	return s
}

// locked is what a good token says.
var locked = hsm.Evidence{Local: true, Sensitive: true, AlwaysSensitive: true, NeverExtractable: true, KeyGenMechanism: "CKM_EC_EDWARDS_KEY_PAIR_GEN", SignMechanism: "CKM_EDDSA"}

func (s *scripted) write(step int, actor string, d transcript.Data) {
	s.T.Helper()
	if err := s.log.Append(step, actor, d); err != nil {
		s.T.Fatal(err)
	}
}

// step writes the lines of one step, as a run does.
func (s *scripted) step(step plan.Step) {
	s.T.Helper()
	raw := []byte(s.Read("image/metadata/2.root.json"))
	file, err := roles.Read(roles.TUF, roles.TypeRoot, raw)
	if err != nil {
		s.T.Fatal(err)
	}
	sum := digest.Of(file.Signed)
	switch step.Do {
	case plan.Review:
		s.write(step.Step, transcript.ActorTool, transcript.Vouched{Key: "root-c", Fingerprint: fingerprint(s.T, "root-c"), By: "somebody compared its fingerprint"})
		s.write(step.Step, transcript.ActorTool, transcript.Reviewed{Role: "root", Version: 2, SHA256: sum, Policy: "tuf", Passed: []string{"ROOT-STEP"}, Findings: s.plan.Findings})
	case plan.Sign:
		phrase := fmt.Sprintf("sign root 2 %s %s", sum.Words()[0], sum.Words()[1])
		s.write(step.Step, transcript.ActorTool, transcript.Asked{Who: "custodian of " + step.Key, Phrase: phrase})
		s.write(step.Step, transcript.ActorPerson, transcript.Agreed{Phrase: phrase})
		s.write(step.Step, transcript.ActorTool, transcript.Signing{Role: "root", Version: 2, Key: step.Key, Token: "serial of " + step.Key, SHA256: sum})
		signed := transcript.Signed{Role: "root", Version: 2, Key: step.Key, Fingerprint: fingerprint(s.T, step.Key), SHA256: sum,
			Signature: base64.StdEncoding.EncodeToString(ed25519.Sign(ceremonytest.Key(step.Key), file.Signed))}
		line, err := json.Marshal(signed)
		if err != nil {
			s.T.Fatal(err)
		}
		s.Write(path.Join(ceremonies.SiteDir(s.plan.Ceremony, "main"), "signatures", step.Key+".json"), string(line)+"\n")
		s.write(step.Step, transcript.ActorTool, signed)
	case plan.Write:
		w := transcript.Writing{Role: "root", Version: 2, Path: step.Path, SHA256: digest.Of(raw), Bytes: len(raw)}
		s.write(step.Step, transcript.ActorTool, w)
		s.write(step.Step, transcript.ActorTool, transcript.Written(w))
	case plan.Verify:
		s.write(step.Step, transcript.ActorTool, transcript.Verified{Files: []transcript.VerifiedFile{{Name: "2.root.json", Version: 2, SHA256: digest.Of(raw)}}})
	}
}

func fingerprint(t testing.TB, key string) digest.SHA256 {
	sum, err := digest.Parse(ceremonytest.Fingerprint(t, key))
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// inspected is what preflight says of a good machine, but for one line.
var inspected = transcript.Inspected{Build: "1.0.0 4f1c", Program: digest.Of([]byte("keyrite")), Lines: []transcript.Inspection{
	{Check: "NETWORK", Of: "eth0", Verdict: transcript.Waived, Text: "network interface eth0 is up", WaivedBy: "A. Example", Because: "the cable is cut in March"},
	{Check: "TOKEN", Of: "officer-1", Verdict: transcript.Pass, Text: "token officer-1 is here: label officer-1, serial 01, box, firmware 1.0"},
}}
