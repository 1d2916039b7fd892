package ceremony

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/policies"
	"github.com/uptane/keyrite/roles"
)

// subject gathers everything that policy checks look at: what is signed, what
// would be signed, by whom, and what is known of the keys.
type subject struct {
	trust   *Trust
	site    *Site
	repo    *Repository
	state   *signedState
	desired *desired
	plan    *Plan
	written func(role string) bool // files of the plan that are in state already; nil: none
	now     time.Time

	next  map[string]roles.Body // by role, those that would be signed
	sizes map[string]int64      // bytes of their signed parts, by role
}

// refusedBy is the error of a policy that refuses, with its hints.
func refusedBy(result policies.Result) error {
	err := result.Refused()
	if err == nil {
		return nil
	}
	refusal := &Error{Code: Refused, Err: err}
	for _, f := range result.Findings {
		if f.Severity == policies.Error && f.Waived == nil && f.Hint != "" {
			refusal.Hint("%s", f.Hint)
		}
	}
	return refusal.Hint("keyrite policy explain ID says more about a check")
}

// planned makes the files of the plan that are not signed yet, as far as they
// can be known: snapshot and timestamp state planned versions, without hashes.
func (s *subject) planned() error {
	s.next, s.sizes = map[string]roles.Body{}, map[string]int64{}
	for _, file := range s.plan.Files {
		if s.written != nil && s.written(file.Role) {
			continue
		}
		body, err := s.desired.body(file.Role, s.state)
		if err != nil {
			return err
		}
		switch b := body.(type) {
		case *roles.Snapshot:
			s.stateVersions(b)
		case *roles.Timestamp:
			if snapshot, ok := s.plan.file("snapshot"); ok {
				b.Snapshot = roles.Meta{Name: "snapshot.json", Version: snapshot.Version, Length: -1}
			}
		}
		draft, err := draftFile(s.desired.format, body, file)
		if err != nil {
			return err
		}
		s.next[file.Role], s.sizes[file.Role] = body, int64(len(draft.JSON))
	}
	return nil
}

// stateVersions gives a snapshot the versions of planned targets files, and of
// whatever else it lists.
func (s *subject) stateVersions(snapshot *roles.Snapshot) {
	for _, file := range s.plan.Files {
		meta := roles.Meta{Name: file.Role + ".json", Version: file.Version, Length: -1}
		if there := snapshot.Find(file.Role); there != nil {
			*there = meta
		} else if roleType(file.Role) == roles.TypeTargets {
			snapshot.Meta = append(snapshot.Meta, meta)
			slices.SortFunc(snapshot.Meta, func(a, b roles.Meta) int { return strings.Compare(a.Name, b.Name) })
		}
	}
}

// check holds the subject against a policy.
func (s *subject) check(policy *policies.Policy) (policies.Result, error) {
	if err := s.planned(); err != nil {
		return policies.Result{}, err
	}
	return policy.Check(&policies.Subject{
		Repository: s.repo.Name,
		Format:     s.desired.format,
		Now:        s.now,
		NotBefore:  s.notBefore(),
		Previous:   s.state.set(),
		Next:       s.nextSet(),
		Signing:    s.signers(),
		Roots:      s.rootVersions(),
		Keys:       s.keyFacts(),
		Elsewhere:  s.elsewhere(),
		People:     s.people(),
		Unattended: s.site.unattended(),
		Waivers:    s.waivers(),
	}), nil
}

// loadPolicy returns the policy that trust.yaml names: a preset, or a policy
// file of the workspace.
func (r *Repository) loadPolicy(ws *Workspace) (*policies.Policy, error) {
	if slices.Contains(policies.Presets(), r.Policy) {
		return policies.Preset(r.Policy)
	}
	data, err := ws.Read(r.Policy, maxYAML)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w; want a policy file or one of %s", err, orNone(policies.Presets()))
	}
	if err != nil {
		return nil, r.trust.errorf(Usage, r.path("policy"), "cannot be used: %w", err)
	}
	return parsePolicy(r.Policy, data)
}

// set is the signed state as policies look at it, nil when nothing is signed.
func (s *signedState) set() *policies.Set {
	if len(s.roots) == 0 {
		return nil
	}
	set := &policies.Set{Root: s.rootBody(), Delegated: map[string]*roles.Targets{}, Bytes: map[string]int64{"root": int64(len(s.root().Raw))}}
	for role, file := range s.files {
		put(set, role, file.Body)
		set.Bytes[role] = int64(len(file.Raw))
	}
	return set
}

func put(set *policies.Set, role string, body roles.Body) {
	switch b := body.(type) {
	case *roles.Root:
		set.Root = b
	case *roles.Snapshot:
		set.Snapshot = b
	case *roles.Timestamp:
		set.Timestamp = b
	case *roles.Targets:
		if role == "targets" {
			set.Targets = b
		} else {
			set.Delegated[role] = b
		}
	}
}

// nextSet is what would be signed, laid over what is.
func (s *subject) nextSet() *policies.Set {
	set := s.state.set()
	if set == nil {
		set = &policies.Set{Delegated: map[string]*roles.Targets{}, Bytes: map[string]int64{}}
	}
	for role, body := range s.next {
		put(set, role, body)
		set.Bytes[role] = s.sizes[role]
	}
	return set
}

// signers are the keys that the plan asks to sign, by role.
func (s *subject) signers() map[string][]roles.Fingerprint {
	signers := map[string][]roles.Fingerprint{}
	for _, step := range s.plan.Steps {
		if _, open := s.next[step.Role]; open && step.Do == doSign {
			signers[step.Role] = append(signers[step.Role], s.desired.ring.keys[step.Key].Fingerprint)
		}
	}
	return signers
}

func (s *subject) rootVersions() []int64 {
	var versions []int64
	for _, file := range s.state.roots {
		versions = append(versions, roles.HeadOf(file.Body).Version)
	}
	if body, ok := s.next["root"]; ok {
		versions = append(versions, roles.HeadOf(body).Version)
	}
	return versions
}

func (s *subject) keyFacts() map[roles.Fingerprint]policies.KeyFacts {
	facts := map[roles.Fingerprint]policies.KeyFacts{}
	for name, key := range s.desired.ring.keys {
		f := policies.KeyFacts{Name: name, Custodian: s.repo.Keys[name].Custodian, Type: string(s.repo.Keys[name].Type)}
		_, f.Planned = s.desired.ring.planned[name]
		f.Backup = s.repo.Keys[name].Backup
		if record := s.desired.ring.records[name]; record != nil {
			f.Type, f.Possession = string(record.Type), record.Proof != nil
			if record.Token != nil {
				f.Token = record.Token.Serial + " " + record.Token.Label
			}
			if e := record.Evidence; e != nil {
				f.Evidence = &policies.Evidence{Local: e.Local, Sensitive: e.Sensitive, AlwaysSensitive: e.AlwaysSensitive, Extractable: e.Extractable, NeverExtractable: e.NeverExtractable, Modifiable: e.Modifiable}
			}
		}
		if token, ok := s.site.Keys[name]; ok && f.Token == "" {
			f.Token = token
		}
		facts[key.Fingerprint] = f
	}
	return facts
}

// elsewhere are the keys of the other repositories of this fleet: no key
// serves two (TUF 1.0.34 §3).
func (s *subject) elsewhere() map[roles.Fingerprint]string {
	keys := map[roles.Fingerprint]string{}
	for name, other := range s.trust.Repositories {
		if name == s.repo.Name {
			continue
		}
		for _, key := range other.KeyNames {
			if record := s.desired.ring.records[key]; record != nil {
				keys[record.Fingerprint()] = name
			}
		}
	}
	return keys
}

func (s *subject) people() *policies.People {
	p := s.trust.People
	return &policies.People{Administrators: p.Administrator, Officers: p.CryptoOfficers, Witnesses: p.Witnesses}
}

// notBefore is the newest time in the inputs: no clock can be before it.
func (s *subject) notBefore() time.Time {
	newest, _ := time.Parse(time.RFC3339, s.plan.Created)
	for _, name := range s.repo.KeyNames {
		if r := s.desired.ring.records[name]; r != nil && r.Created.After(newest) {
			newest = r.Created
		}
	}
	return newest
}

// unattended lists every role that some token signs without a person.
func (s *Site) unattended() []string {
	found := []string{}
	for _, name := range s.TokenNames() {
		for _, role := range s.Tokens[name].Unattended {
			if !slices.Contains(found, role) {
				found = append(found, role)
			}
		}
	}
	return found
}

func (s *subject) waivers() []policies.Waiver {
	var list []policies.Waiver
	for _, w := range s.repo.Waivers {
		list = append(list, policies.Waiver{Check: w.Check, Reason: w.Reason, Person: w.Person})
	}
	return list
}
