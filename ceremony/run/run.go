package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"time"

	"github.com/uptane/keyrite/ceremony/custody"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// Run runs plans in a workspace. It is a step machine: each step's intent is in
// the transcript before it begins, its result after it ends. A run that was
// interrupted anywhere continues at the first unfinished step and never repeats
// a finished one.
type Run struct {
	Workspace *workspace.Workspace
	Prompter  prompt.Prompter
	Now       func() time.Time
	Yes       bool // consent for what site.yaml marks as unattended
}

// Plan runs a plan to its end, or to the first error.
func (r *Run) Plan(ctx context.Context, thePlan *plan.Plan) (err error) {
	if err := r.mayBegin(thePlan); err != nil {
		return err
	}
	m, err := r.machine(thePlan)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.tokens.Close(), m.transcript.Close()) }()
	if m.finished {
		r.Prompter.Say("%s is finished already.", thePlan.Ceremony)
		return nil
	}
	if err := thePlan.CheckInputs(r.Workspace, m.written()); err != nil {
		return err
	}
	if err := m.checkOutputs(); err != nil {
		return err
	}
	for _, step := range thePlan.Steps {
		if err := m.step(ctx, step); err != nil {
			return err
		}
	}
	return m.transcript.Append(0, transcript.ActorTool, transcript.EventFinished, finishedData{Outputs: thePlan.Outputs})
}

// mayBegin refuses a plan that is out of date before its transcript is opened:
// what has not begun leaves nothing behind, least of all keys on tokens.
func (r *Run) mayBegin(thePlan *plan.Plan) error {
	begun, err := r.Workspace.Exists(path.Join(thePlan.Dir(), transcript.TranscriptFile))
	if err != nil || begun {
		return err
	}
	for _, file := range thePlan.Files {
		if err := thePlan.CheckTime(file, r.Now()); err != nil {
			return err
		}
	}
	return thePlan.CheckInputs(r.Workspace, nil)
}

// machine is one run of one plan.
type machine struct {
	*Run
	plan       *plan.Plan
	repo       *workspace.Repository
	site       *workspace.Site
	format     roles.Format
	tokens     *custody.Tokens
	transcript *transcript.Transcript
	intents    map[int]json.RawMessage // of steps that began, by number
	results    map[int]json.RawMessage // of steps that ended
	finished   bool
	reviewed   map[string]Reviewed // by role
}

// startedData opens a transcript: it binds the ceremony to the exact plan.
type startedData struct {
	PlanSHA256 string `json:"plan-sha256"`
	PlanWords  string `json:"plan-words"`
}

type finishedData struct {
	Outputs []string `json:"outputs"`
}

func (r *Run) machine(thePlan *plan.Plan) (*machine, error) {
	trust, err := r.Workspace.Trust()
	if err != nil {
		return nil, err
	}
	site, err := r.Workspace.Site()
	if err != nil {
		return nil, err
	}
	repo, err := trust.Repository(thePlan.Repository)
	if err != nil {
		return nil, err
	}
	format, err := roles.FormatByName(thePlan.Format)
	if err != nil {
		return nil, &fault.Error{Code: fault.Usage, Err: fmt.Errorf("plan.yaml: %w", err)}
	}
	m := &machine{
		Run: r, plan: thePlan, repo: repo, site: site, format: format, tokens: custody.NewTokens(site, r.Prompter),
		intents: map[int]json.RawMessage{}, results: map[int]json.RawMessage{}, reviewed: map[string]Reviewed{},
	}
	return m, m.open()
}

// open opens or resumes the transcript.
func (m *machine) open() error {
	sum, err := keepPlan(m.Workspace, m.plan)
	if err != nil {
		return err
	}
	if m.transcript, err = transcript.Open(m.Workspace.Folder, m.plan.Dir(), m.Now); err != nil {
		return err
	}
	begun := false
	for e := range m.transcript.Events() {
		begun = true
		switch e.Event {
		case transcript.EventStarted:
			var started startedData
			if err := json.Unmarshal(e.Data, &started); err != nil || started.PlanSHA256 != fmt.Sprintf("%x", sum) {
				return errors.Join(fault.Errorf(fault.Unverified, "%s: the transcript belongs to another plan; got SHA-256 %x, want %s", m.plan.Dir(), sum, started.PlanSHA256), m.transcript.Close())
			}
		case transcript.EventIntent:
			m.intents[e.Step] = e.Data
		case transcript.EventResult:
			m.results[e.Step] = e.Data
		case transcript.EventFinished:
			m.finished = true
		case transcript.EventAborted:
			return errors.Join(fault.Errorf(fault.Failed, "%s was aborted", m.plan.Ceremony).Hint("make a new plan: keyrite plan %s", m.plan.Repository), m.transcript.Close())
		}
	}
	if begun {
		return nil
	}
	if err := plan.NoneUnderWay(m.Workspace, m.plan.Repository); err != nil {
		return errors.Join(err, m.transcript.Close())
	}
	return m.transcript.Append(0, transcript.ActorTool, transcript.EventStarted, startedData{PlanSHA256: fmt.Sprintf("%x", sum), PlanWords: words.Of(sum[:])})
}

// step runs one step, or checks again what it left behind if it is done.
func (m *machine) step(ctx context.Context, s plan.Step) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if raw, done := m.results[s.Step]; done {
		return m.recheck(s, raw)
	}
	m.Prompter.Say("step %d of %d: %s", s.Step, len(m.plan.Steps), s)
	for _, w := range m.repo.Waivers {
		m.Prompter.Say("  waived   %s by %s: %s", w.Check, w.Person, w.Reason)
	}
	result, err := m.do(ctx, s)
	if err != nil {
		return m.failed(s, err)
	}
	raw, err := json.Marshal(result)
	if err != nil {
		return err
	}
	m.results[s.Step] = raw
	return m.transcript.Append(s.Step, transcript.ActorTool, transcript.EventResult, result)
}

// failed records that a step did not come to its end and says how to go on.
func (m *machine) failed(s plan.Step, err error) error {
	wrapped := &fault.Error{Code: fault.CodeOf(err), Err: fmt.Errorf("step %d, %s: %w", s.Step, s, err)}
	wrapped.Hint("what is done stays done; after mending this, continue with: keyrite run %s/plan.yaml", m.plan.Dir())
	return errors.Join(wrapped, m.transcript.Append(s.Step, transcript.ActorTool, transcript.EventFailed, transcript.FailedData{Error: err.Error()}))
}

func (m *machine) do(ctx context.Context, s plan.Step) (any, error) {
	switch s.Do {
	case plan.DoGenerate:
		return m.generate(ctx, s)
	case plan.DoReview:
		return m.review(ctx, s)
	case plan.DoSign:
		return m.sign(ctx, s)
	case plan.DoWrite:
		return m.write(s)
	case plan.DoVerify:
		return m.verify(s)
	case plan.DoDestroy:
		return m.destroy(ctx, s)
	}
	return nil, fault.Errorf(fault.Usage, "plan.yaml: steps[%d].do is %q, want generate, review, sign, write, verify or destroy", s.Step-1, s.Do)
}

// intend writes the intent of a step. Every attempt has its own, so that the
// transcript holds each call of a token also after an interruption.
func (m *machine) intend(s plan.Step, intent any) error {
	return m.transcript.Append(s.Step, transcript.ActorTool, transcript.EventIntent, intent)
}

// consent asks for the exact phrase of an irreversible step, unless --yes was
// given and every token involved is marked unattended for those roles.
func (m *machine) consent(ctx context.Context, s plan.Step, what, phrase string, keys, forRoles []string) error {
	if m.Yes {
		return m.unattended(keys, forRoles)
	}
	return transcript.Consent(ctx, m.transcript, m.Prompter, s.Step, what, phrase)
}

// unattended refuses --yes for keys on tokens that are not marked for it.
func (m *machine) unattended(keys, forRoles []string) error {
	for _, key := range keys {
		name := m.site.Keys[key]
		for _, role := range forRoles {
			if !slices.Contains(m.site.Tokens[name].Unattended, role) {
				return fault.Errorf(fault.Refused, "--yes: token %s may not sign %s unattended", name, role).
					Hint("run without --yes and answer the questions, or add %s to tokens.%s.unattended in site.yaml", role, name)
			}
		}
	}
	return nil
}

// load reads what is signed and what is wanted, as of this moment.
func (m *machine) load() (*signed.State, *plan.Desired, error) {
	created, err := time.Parse(time.RFC3339, m.plan.Created)
	if err != nil {
		return nil, nil, fault.Errorf(fault.Usage, "plan.yaml: created is %q, want RFC 3339", m.plan.Created)
	}
	return plan.Declared(m.Workspace, m.repo, created)
}
