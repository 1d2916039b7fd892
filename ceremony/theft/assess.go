package theft

import (
	"fmt"
	"slices"
	"time"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// Assessment is what stolen and lost keys mean for a repository as it is signed now.
type Assessment struct {
	Repository string         `json:"repository"`
	Stolen     []string       `json:"stolen,omitempty"`
	Lost       []string       `json:"lost,omitempty"`
	Director   bool           `json:"director"`
	Powers     []roles.Power  `json:"powers,omitempty"`
	Quorums    []roles.Quorum `json:"quorums,omitempty"`  // of the roles that list such a key
	Rotation   []Replacement  `json:"rotation,omitempty"` // the least that ends it
	Hardware   []string       `json:"hardware,omitempty"` // ids of what the roles he has list now

	// Replace are the keys of the rotation that trust.yaml still declares, each with a
	// name that is free for the one in its place; see [Rotate].
	Replace map[string]string `json:"replace,omitempty"`
}

// Replacement is a role in which keys are to be replaced.
type Replacement struct {
	Role   string   `json:"role"`
	Out    []string `json:"out,omitempty"`    // names, stolen or lost
	Beside []string `json:"beside,omitempty"` // names of those that go with them
}

// Assess says what a thief can do with keys, what is left to the others, and the
// least rotation that ends it. It signs and writes nothing.
func Assess(ws *workspace.Workspace, repository string, stolen, lost []string, now time.Time) (*Assessment, error) {
	theScene, err := scene.Read(ws.Folder, repository, now)
	if err != nil {
		return nil, err
	}
	if err := theScene.Signed.Verify(); err != nil {
		return nil, err
	}
	if theScene.Signed.Root() == nil {
		return nil, fault.Errorf(fault.Incomplete, "%s: nothing is signed yet, and so nothing can be stolen", repository).Hint("make a plan: keyrite plan %s", repository)
	}
	t := &Assessment{Repository: repository, Stolen: stolen, Lost: lost, Director: theScene.Policy.Director()}
	losses, err := theScene.Losses(stolen, lost)
	if err != nil {
		return nil, err
	}
	trusted := trustedBy(theScene)
	t.Powers, t.Quorums = trusted.Powers(losses), trusted.Quorums(losses)
	t.Hardware = hardware(trusted, t.Powers)
	for _, out := range trusted.Rotation(losses) {
		t.replace(out, theScene.Ring.Name(out.Key))
	}
	for _, r := range t.Rotation {
		slices.Sort(r.Out)
		slices.Sort(r.Beside)
	}
	t.Replace = t.replacements(theScene)
	return t, nil
}

// trustedBy is what vehicles trust: files that are void are nobody's any more.
func trustedBy(s *scene.Scene) *roles.Trusted {
	t := &roles.Trusted{Root: s.Signed.RootBody(), Targets: map[string]*roles.Targets{}, Alone: s.Policy.Director() && s.Format == roles.OTACE, Together: together(s)}
	t.Snapshot, _ = s.Signed.Sound("snapshot").(*roles.Snapshot)
	t.Timestamp, _ = s.Signed.Sound("timestamp").(*roles.Timestamp)
	for role := range s.Signed.Files {
		if targets, ok := s.Signed.Sound(role).(*roles.Targets); ok {
			t.Targets[role] = targets
		}
	}
	return t
}

// together are the roles of which the policy takes a thief to have all who has one key.
func together(s *scene.Scene) []string {
	if slices.ContainsFunc(s.Repo.Waivers, func(w workspace.Waiver) bool { return w.Check == "KEYS-TOGETHER" }) {
		return nil
	}
	return s.Policy.Together()
}

// hardware are the ids of what roles list now by which a thief can install.
func hardware(t *roles.Trusted, powers []roles.Power) (ids []string) {
	for _, p := range powers {
		if p.What != roles.Install || t.Targets[p.Role] == nil {
			continue
		}
		for i := range t.Targets[p.Role].Images {
			if facts, err := t.Targets[p.Role].Images[i].Facts(); err == nil {
				ids = append(ids, facts.HardwareIDs...)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (t *Assessment) replace(out roles.Replace, name string) {
	i := slices.IndexFunc(t.Rotation, func(r Replacement) bool { return r.Role == out.Role })
	if i < 0 {
		i, t.Rotation = len(t.Rotation), append(t.Rotation, Replacement{Role: out.Role})
	}
	if out.Why == roles.Beside {
		t.Rotation[i].Beside = append(t.Rotation[i].Beside, name)
	} else {
		t.Rotation[i].Out = append(t.Rotation[i].Out, name)
	}
}

// maxHardware is how many hardware ids a line names.
const maxHardware = 6

// Lines say it in words.
func (t *Assessment) Lines() (lines []page.Entry) {
	say := func(head, format string, args ...any) {
		lines = append(lines, page.Entry{Head: fmt.Sprintf("%-10s", head), Text: fmt.Sprintf(format, args...)})
	}
	for _, p := range t.Powers {
		say("thief", "%s", p)
	}
	switch {
	case len(t.Stolen) > 0 && len(t.Powers) == 0:
		say("thief", "below every threshold: with these keys alone he can do nothing")
	case t.installs() && t.Director:
		say("vehicles", "partial verification takes it on the Director's word; full verification only what the Image repository lists too")
	case t.installs():
		say("vehicles", "full verification installs it where the Director assigns it; partial verification does not ask")
	}
	if more := len(t.Hardware) - maxHardware; more > 0 {
		say("hardware", "%s and %d more", words.List(t.Hardware[:maxHardware]), more)
	} else if len(t.Hardware) > 0 {
		say("hardware", "%s", words.List(t.Hardware))
	}
	for _, q := range t.Quorums {
		say("left", "%s: %s, want %d%s", q.Role, words.Count(q.Left, "key"), q.Threshold, short(q))
	}
	for _, text := range t.rotation() {
		say("end", "%s", text)
	}
	return lines
}

func (t *Assessment) installs() bool {
	return slices.ContainsFunc(t.Powers, func(p roles.Power) bool { return p.What == roles.Install })
}

// short says how a role signs whose quorum is broken.
func short(q roles.Quorum) string {
	switch {
	case q.Reached():
		return ""
	case q.Role == "root" && q.Left+q.Stolen >= q.Threshold:
		return "; a new root needs stolen keys that you have too"
	case q.Role == "root":
		return "; no new root can be signed: trust is given out of band (TUF 1.0.34 §2.1.1)"
	}
	return "; root, or the role above it, gives it new keys"
}

func (t *Assessment) rotation() (lines []string) {
	if slices.ContainsFunc(t.Powers, func(p roles.Power) bool { return p.What == roles.TakeOver }) {
		lines = append(lines, "be first with a new root, and give vehicles that saw another one their trust out of band (TUF 1.0.34 §2.1.1)")
	}
	for _, r := range t.Rotation {
		text := fmt.Sprintf("%s: new keys for %s", r.Role, words.List(slices.Concat(r.Out, r.Beside)))
		if len(r.Beside) > 0 && len(r.Out) > 0 {
			text += fmt.Sprintf(" (%s for what may be signed with the others)", words.List(r.Beside))
		}
		lines = append(lines, text)
	}
	return lines
}
