package life

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/derive"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/preflight"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/run"
	"github.com/uptane/keyrite/ceremony/simulate"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
	"pgregory.net/rapid"
)

// events are what happens in a life, by name.
var events = map[string]func(*world){
	"rotate a key":        (*world).rotate,
	"change a threshold":  (*world).rethreshold,
	"publish an image":    func(w *world) { w.images++; w.declare() },
	"hold a ceremony":     func(w *world) { w.ceremony("") },
	"edit the plan":       func(w *world) { w.ceremony("plan.yaml") },
	"edit trust.yaml":     func(w *world) { w.ceremony("trust.yaml") },
	"set the clock wrong": func(w *world) { w.ceremony("clock") },
	"lose a key":          (*world).lose,
	"have a key stolen":   (*world).steal,
	"time passes":         func(w *world) { w.now = w.now.AddDate(0, 0, rapid.IntRange(1, 40).Draw(w.T, "days")) },
	"a vehicle is sold":   (*world).born,
	"vehicles look":       (*world).look,
	"an old disk comes":   (*world).rollBack,
}

// pick draws a role.
func (w *world) pick() string { return rapid.SampledFrom(w.order()).Draw(w.T, "role") }

func (w *world) rotate() {
	name := w.pick()
	r := w.declared[name]
	i := rapid.IntRange(0, len(r.keys)-1).Draw(w.T, "key")
	r.keys = slices.Delete(r.keys, i, i+1)
	w.addKey(name)
	w.declare()
}

func (w *world) rethreshold() {
	r := w.declared[w.pick()]
	if r.threshold = rapid.IntRange(1, 3).Draw(w.T, "threshold"); r == w.declared["root"] {
		r.threshold = max(2, r.threshold) // of one, the policy has another opinion
	}
	for name, role := range w.declared {
		for role == r && len(r.keys) < r.threshold {
			w.addKey(name)
		}
	}
	w.declare()
}

// lose has a key lost, and another one named in its place.
func (w *world) lose() {
	name := w.pick()
	r := w.declared[name]
	w.lost = append(w.lost, r.keys[0])
	r.keys = r.keys[1:]
	w.addKey(name)
	w.declare()
}

// steal has a key stolen: those that clients forget together go together.
func (w *world) steal() {
	name := w.pick()
	gone := []string{name}
	if name == "snapshot" || name == "timestamp" {
		gone = []string{"snapshot", "timestamp"}
	}
	if _, err := os.Stat(filepath.Join(w.dir, "keys", w.declared[name].keys[0]+".yaml")); err != nil {
		return // nobody has made it yet
	}
	w.stolen = append(w.stolen, w.declared[name].keys[0])
	for _, name := range gone {
		n := len(w.declared[name].keys)
		w.declared[name].keys = nil
		for range n {
			w.addKey(name)
		}
	}
	w.declare()
}

func (w *world) look() {
	for _, v := range w.vehicles {
		_, _ = v.visit(w.published, w.now) // what has expired meanwhile it refuses
	}
}

// rollBack has somebody work with a copy of the disk from an earlier day. What the
// tokens have signed since they do not sign otherwise. Where they sign what is new, it
// is people who decide which past is the true one, and this history ends.
func (w *world) rollBack() {
	if len(w.disks) < 2 || len(w.others) > 0 {
		return // the other sites would tell: merge has a test of it
	}
	newest := w.copyDisk()
	w.swapDisk(w.disks[rapid.IntRange(0, len(w.disks)-2).Draw(w.T, "disk")])
	written, ran := w.written, w.ran
	w.past = true
	w.try("")
	w.past = false
	w.swapDisk(newest)
	w.disks = w.disks[:len(w.disks)-1]
	w.over = w.written > written || !w.rig.watched() && w.ran > ran
}

// ceremony plans and runs; after it all vehicles fare as was said.
func (w *world) ceremony(attack string) {
	made, said := w.try(attack)
	if made == nil || attack != "" {
		return
	}
	w.held++
	if len(made.Plan.Sites()) > 1 {
		w.together++
	}
	w.published = w.metadata()
	if said != nil {
		w.compare(said, made.Plan.Created)
	}
	w.stolen = nil
	w.copyDisk()
}

// try makes a plan and runs it to its end, through faults. It is nil where there is
// nothing to do, or keyrite refuses. With an attack it must refuse.
func (w *world) try(attack string) (*derive.Made, *simulate.Result) {
	w.now = w.now.Add(time.Hour)
	ws, err := workspace.Open(w.dir)
	w.check(err)
	defer ws.Close()
	made, err := derive.Make(ws, w.request())
	if err != nil || made.Plan == nil {
		if err != nil && !refusedRight(err) {
			w.Fatalf("plan: %v", err)
		}
		w.refused++
		return nil, nil
	}
	var said *simulate.Result
	if clients := w.clients(); clients != nil && !w.past {
		said, err = derive.Simulate(ws, made.Plan.Ceremony, clients)
		w.check(err)
	}
	if attack != "" {
		w.attack(made, attack)
		w.abort(made)
		return nil, nil
	}
	for _, f := range made.Plan.Files {
		w.planned[wanted(f.Role, f.Version, f.Expires)] = true
	}
	w.spread()
	for attempt := 0; ; attempt++ {
		w.rig.failAt(w.fault(attempt))
		err := w.everywhere(made, made.Plan.Created.Add(time.Minute))
		w.rig.failAt(0)
		switch {
		case err == nil:
			return made, said
		case !refusedRight(err):
			w.Fatalf("attempt %d: %v", attempt, err)
		case attempt == faulty && w.past:
			return nil, nil
		case attempt == faulty:
			w.Fatalf("without a fault: %v", err)
		}
	}
}

// faulty is how many attempts may fail.
const faulty = 2

// fault draws the call at which a token fails in an attempt, 0 for none.
func (w *world) fault(attempt int) int {
	if attempt == faulty || rapid.Bool().Draw(w.T, "no fault") {
		return 0
	}
	return rapid.IntRange(1, 400).Draw(w.T, "fault")
}

// run runs a plan by the hashes of its paper.
func (w *world) run(ws *workspace.Workspace, made *derive.Made, site digest.SHA256, heard map[string]digest.SHA256, now time.Time) error {
	w.ran++
	r := run.Run{Inspect: fit, Yes: true, PlanSHA256: made.SHA256, RoomSHA256: site, KeySHA256: heard}
	r.Room = room.Room{Workspace: ws, Prompter: prompt.Nobody(new(bytes.Buffer)), Now: func() time.Time { return now }}
	return r.Ceremony(w.Context(), made.Plan.Ceremony)
}

func fit(context.Context, *workspace.Workspace, preflight.Request) (*preflight.Report, error) {
	return &preflight.Report{Inspected: transcript.Inspected{Build: "a test"}}, nil
}

// attack changes something between plan and run: nothing is signed then.
func (w *world) attack(made *derive.Made, what string) {
	ws, err := workspace.Open(w.dir)
	w.check(err)
	defer ws.Close()
	now, before := made.Plan.Created.Add(time.Minute), w.written
	switch what {
	case "clock":
		now = made.Plan.Created.AddDate(0, 0, -3)
	case "trust.yaml":
		w.change("trust.yaml", "fleet: life", "fleet: loaf")
		defer w.declare()
	default:
		w.change(made.File(), "reason: life", "reason: loaf")
	}
	if err := w.run(ws, made, made.Room, nil, now); err == nil || !refusedRight(err) {
		w.Fatalf("%s was changed after the plan was made: %v", what, err)
	}
	if w.written != before {
		w.Fatalf("%s was changed after the plan was made, and %d files were signed", what, w.written-before)
	}
}

func (w *world) change(name, old, new string) {
	w.Helper()
	data, err := os.ReadFile(filepath.Join(w.dir, name))
	w.check(err)
	w.write(name, strings.Replace(string(data), old, new, 1))
}

// abort takes a plan away that will not run.
func (w *world) abort(made *derive.Made) {
	w.check(os.RemoveAll(filepath.Join(w.dir, made.Plan.Dir())))
}
