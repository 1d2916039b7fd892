package run

import (
	"context"
	"errors"
	"fmt"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/preflight"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/transcript"
)

// Run runs plans in a workspace. It is a step machine: each step's intent is in
// the transcript before it begins, its result after it ends. A run that was
// interrupted anywhere continues at the first unfinished step.
//
// What it finds on the disk it believes only where tokens, signatures and people
// confirm it. See the rules in the package's doc.
type Run struct {
	room.Room

	// Yes is consent for what site.yaml marks as unattended. Nobody types words
	// of a paper then: the hashes must be given.
	Yes        bool
	PlanSHA256 digest.SHA256
	RoomSHA256 digest.SHA256
	KeySHA256  map[string]digest.SHA256 // fingerprints of keys that other sites made, by name

	// Rehearsed is the rehearsal that was held of this plan, which the transcript
	// quotes when it begins.
	Rehearsed transcript.Rehearsed

	// Told, if it is set, hears of each event once it is in the transcript.
	Told func(transcript.Event)

	// Inspect looks at the machine before the first step.
	Inspect preflight.Inspector
}

// Ceremony runs the plan of a ceremony to its end, or to the first error.
func (r *Run) Ceremony(ctx context.Context, name string) (err error) {
	repository, err := ceremonies.RepositoryOf(name)
	if err != nil {
		return err
	}
	lock, err := r.Workspace.Lock(repository)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	m, err := r.begin(ctx, name)
	if err != nil {
		return err
	}
	if m == nil {
		return nil
	}
	defer func() { err = errors.Join(err, m.tokens.Close(), m.transcript.Close()) }()
	m.showBefore()
	for _, step := range m.plan.Steps {
		if m.blocked(step) {
			continue
		}
		err := m.step(ctx, step)
		if w := (*wait)(nil); errors.As(err, &w) {
			m.waits = append(m.waits, step)
		} else if err != nil {
			return m.stop(step, err)
		}
	}
	if len(m.waits) > 0 {
		return m.waiting()
	}
	return m.finish(ctx)
}

// step runs one step, or finds that what it does is done.
func (m *machine) step(ctx context.Context, s plan.Step) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if m.isDone(s) {
		return nil
	}
	if s.Key != "" && !m.isOurs(s) && !s.External {
		return m.takeIn(s)
	}
	if s.Do == plan.Review {
		if placed, err := m.findFile(ctx, s); err != nil || placed {
			return err
		}
	}
	if err := m.attended(ctx, s); err != nil {
		return err
	}
	m.Prompter.Show(m.header(s))
	if err := m.do(ctx, s); err != nil {
		return err
	}
	m.tick(s)
	return nil
}

// takeIn finds what another site did of a step.
func (m *machine) takeIn(s plan.Step) error {
	var err error
	switch s.Do {
	case plan.Generate:
		err = m.take(s)
	case plan.Sign:
		err = m.signedElsewhere(s)
	default:
		return nil // a key that is destroyed there
	}
	if err == nil {
		m.tick(s)
	}
	return err
}

func (m *machine) do(ctx context.Context, s plan.Step) error {
	switch s.Do {
	case plan.Generate:
		return m.generate(ctx, s)
	case plan.Review:
		return m.review(ctx, s)
	case plan.Sign:
		return m.sign(ctx, s)
	case plan.Write:
		return m.write(s)
	case plan.Seal:
		return m.seal(s)
	case plan.Verify:
		return m.verify(ctx, s)
	case plan.Destroy:
		return m.destroy(ctx, s)
	}
	return fault.Errorf(fault.Usage, "plan.yaml: steps[%d].do is %q, want generate, review, sign, write, seal, verify or destroy", s.Step-1, s.Do)
}

// stepError says which step did not come to its end, and how to go on.
func (m *machine) stepError(s plan.Step, err error) *fault.Error {
	wrapped := &fault.Error{Code: fault.CodeOf(err), Err: fmt.Errorf("step %d, %s: %w", s.Step, s, err)}
	return wrapped.Hint("what is done stays done; after mending this, continue with: keyrite %s %s", m.command(), m.plan.Ceremony)
}

// command is the one that goes on with this run.
func (m *machine) command() string {
	if m.Rehearsal != nil {
		return "rehearse"
	}
	return "run"
}
