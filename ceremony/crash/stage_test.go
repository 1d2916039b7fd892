package crash

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/derive"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/preflight"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/run"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

// trust is a repository whose keys are all Ed25519, so that what is signed is as long
// each time.
const trust = `version: 1
fleet: crash
repositories:
  image:
    format: tuf
    policy: tuf
    keys:
      root-a: {type: ed25519, custodian: a}
      root-b: {type: ed25519, custodian: b}
      root-c: {type: ed25519, custodian: c}
      targets-a: {type: ed25519, custodian: d}
      snapshot-a: {type: ed25519, custodian: e}
      timestamp-a: {type: ed25519, custodian: f}
    roles:
      root: {keys: [root-a, root-b, root-c], threshold: 2, expires: 365d}
      targets: {keys: [targets-a], threshold: 1, expires: 90d}
      snapshot: {keys: [snapshot-a], threshold: 1, expires: 30d}
      timestamp: {keys: [timestamp-a], threshold: 1, expires: 14d}
    waivers:
      - {check: ROOT-UNATTENDED, reason: test, person: test}
      - {check: TOKEN-QUORUM, reason: test, person: test}
`

// stage is a workspace with one token, whose module writes down its calls.
type stage struct {
	testing.TB
	dir   string
	order order
	day   int // of the next plan
}

// order is what a process is to run.
type order struct {
	Dir, Ceremony    string
	Plan, Room, Head digest.SHA256
	Now              time.Time
	Attended         bool // by somebody who has the paper
}

// newStage makes one, in which nothing is signed.
func newStage(t testing.TB, proxy string) *stage {
	s := &stage{TB: t, dir: t.TempDir()}
	module, err := hsm.NewSoftHSM(ceremonytest.MakeDir(t, s.dir, "hsm"))
	if err != nil {
		t.Fatal(err)
	}
	uri := hsmtest.AddToken(t, module, "all")
	sum, err := hsm.HashModule(proxy)
	if err != nil {
		t.Fatal(err)
	}
	ceremonytest.MakeDir(t, s.dir, "hsm/log")
	ceremonytest.MakeDir(t, s.dir, "keys")
	s.write("pin", hsmtest.PIN)
	s.write("trust.yaml", trust)
	s.write("site.yaml", fmt.Sprintf(`version: 1
site: main
modules:
  soft: {path: %s, sha256: %s, env: {SOFTHSM2_CONF: hsm/softhsm2.conf, FAULTPROXY_MODULE: %q, FAULTPROXY_LOG: "%s/hsm/log/calls"}, state: [hsm/tokens, hsm/log]}
tokens:
  all: {module: soft, uri: %q, pin: "file:%s/pin", unattended: [root, targets, snapshot, timestamp]}
keys: {root-a: all, root-b: all, root-c: all, targets-a: all, snapshot-a: all, timestamp-a: all}
`, proxy, sum, module.Path, s.dir, uri, s.dir))
	return s
}

func (s *stage) write(name, text string) {
	s.Helper()
	ceremonytest.MakeDir(s, filepath.Dir(filepath.Join(s.dir, name)))
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
		s.Fatal(err)
	}
}

// edit replaces texts of a file, each of which is there.
func (s *stage) edit(name string, pairs ...string) {
	s.Helper()
	for i := 0; i < len(pairs); i += 2 {
		ceremonytest.Rewrite(s, s.dir, name, func(text string) string { return strings.ReplaceAll(text, pairs[i], pairs[i+1]) })
	}
}

// newKey declares a key in the place of another, on the same token.
func (s *stage) newKey(old, new string) {
	s.Helper()
	s.edit("trust.yaml", old, new)
	s.edit("site.yaml", "keys: {", "keys: {"+new+": all, ")
}

// declareOthers declares keys of others, for which trust.yaml itself vouches.
func (s *stage) declareOthers(keys ...string) {
	s.Helper()
	for _, key := range keys {
		s.edit("trust.yaml", "      targets-a: {", "      "+key+": {public: keys/"+key+".yaml, fingerprint: "+ceremonytest.Fingerprint(s, key)+"}\n      targets-a: {")
		s.addRecord(key)
	}
}

// addRecord writes the record of somebody else's key.
func (s *stage) addRecord(name string) {
	s.Helper()
	record, err := workspace.NewKeyRecord(name, ceremonytest.Key(name).Public(), ceremonytest.Now)
	if err != nil {
		s.Fatal(err)
	}
	data, err := record.Encode()
	if err != nil {
		s.Fatal(err)
	}
	s.write(workspace.KeyPath(name), string(data))
}

// plan makes a plan, each on a day of its own.
func (s *stage) plan(r plan.Request) {
	s.Helper()
	r.Repository, r.Reason, r.Now = "image", "crash", ceremonytest.Now.AddDate(0, 0, s.day)
	s.day++
	ws, err := workspace.Open(s.dir)
	if err != nil {
		s.Fatal(err)
	}
	defer ws.Close()
	made, err := derive.Make(ws, r)
	if err != nil || made.Plan == nil {
		s.Fatal(made, err)
	}
	s.order = order{Dir: s.dir, Ceremony: made.Plan.Ceremony, Plan: made.SHA256, Room: made.Room, Now: r.Now.Add(time.Minute), Attended: len(r.Destroy) > 0}
}

// run does what is ordered, in this process.
func (o order) run(ctx context.Context) error {
	ws, err := workspace.Open(o.Dir)
	if err != nil {
		return err
	}
	defer ws.Close()
	r := run.Run{Inspect: fit, Yes: true, PlanSHA256: o.Plan, RoomSHA256: o.Room}
	r.Room = room.Room{Workspace: ws, Prompter: prompt.Nobody(new(bytes.Buffer)), Now: func() time.Time { return o.Now }}
	if o.Attended {
		r.Yes, r.PlanSHA256, r.RoomSHA256 = false, digest.SHA256{}, digest.SHA256{}
		r.Prompter = &ceremonytest.Person{
			Answers: slices.Repeat([]string{ceremonytest.AsAsked}, 100),
			Paper:   map[string]digest.SHA256{"plan": o.Plan, "room": o.Room, "head": o.Head},
		}
	}
	return r.Ceremony(ctx, o.Ceremony)
}

// hold plans and runs a ceremony that nobody disturbs.
func (s *stage) hold(r plan.Request) {
	s.Helper()
	s.plan(r)
	if err := s.runHere(); err != nil {
		s.Fatal(err)
	}
}

// fit is a machine without a fault.
func fit(context.Context, *workspace.Workspace, preflight.Request) (*preflight.Report, error) {
	return &preflight.Report{Inspected: transcript.Inspected{Build: "a test"}}, nil
}

// runHere runs what is ordered, as it goes on after a crash: the witness's paper has
// the head of the last stop.
func (s *stage) runHere() error {
	o := s.order
	for _, e := range s.events() {
		if _, ok := e.Data.(transcript.Checkpoint); ok {
			o.Head = e.Hash
		}
	}
	return o.run(s.Context())
}

// events are those of the ceremony, as far as it came.
func (s *stage) events() []transcript.Event {
	ws, err := workspace.Open(s.dir)
	if err != nil {
		s.Fatal(err)
	}
	defer ws.Close()
	events, _ := transcript.ReadSoFar(ws.Folder, "ceremonies/"+s.order.Ceremony+"/main")
	return events
}

// env hands the order to a process.
func (o order) env() string {
	data, err := json.Marshal(o)
	if err != nil {
		panic(err)
	}
	return "KEYRITE_CRASH_ORDER=" + string(data)
}

// save copies the workspace away, and restore brings it back.
func (s *stage) save() (restore func()) {
	s.Helper()
	kept := filepath.Join(s.TempDir(), "kept")
	copyAll := func(from, to string) {
		if out, err := exec.Command("cp", "-a", from, to).CombinedOutput(); err != nil {
			s.Fatalf("%v: %s", err, out)
		}
	}
	copyAll(s.dir, kept)
	return func() {
		if err := os.RemoveAll(s.dir); err != nil {
			s.Fatal(err)
		}
		copyAll(kept, s.dir)
	}
}

// pin is that of the token.
const pin = hsmtest.PIN

// background is for what nobody interrupts.
var background = context.Background()

// first is the request of a first ceremony.
var first = plan.Request{}
