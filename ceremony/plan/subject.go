package plan

import (
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/policies"
	"github.com/uptane/keyrite/roles"
)

// Subject gathers everything that policy checks look at: what is signed, what
// would be signed, by whom, and what is known of the keys.
type Subject struct {
	Trust   *workspace.Trust
	Site    *workspace.Site
	Repo    *workspace.Repository
	State   *signed.State
	Desired *Desired
	Plan    *Plan
	Written func(role string) bool // files of the plan that are in state already; nil: none
	Now     time.Time

	next  map[string]roles.Body // by role, those that would be signed
	sizes map[string]int64      // bytes of their signed parts, by role
}

// RefusedBy is the error of a policy that refuses, with its hints.
func RefusedBy(result policies.Result) error {
	err := result.Refused()
	if err == nil {
		return nil
	}
	refusal := &fault.Error{Code: fault.Refused, Err: err}
	for _, f := range result.Findings {
		if f.Severity == policies.Error && f.Waived == nil && f.Hint != "" {
			refusal.Hint("%s", f.Hint)
		}
	}
	return refusal.Hint("keyrite policy explain ID says more about a check")
}

// planned makes the files of the plan that are not signed yet, as far as they
// can be known: snapshot and timestamp state planned versions, without hashes.
func (s *Subject) planned() error {
	s.next, s.sizes = map[string]roles.Body{}, map[string]int64{}
	for _, file := range s.Plan.Files {
		if s.Written != nil && s.Written(file.Role) {
			continue
		}
		body, err := s.Desired.Body(file.Role, s.State)
		if err != nil {
			return err
		}
		switch b := body.(type) {
		case *roles.Snapshot:
			s.stateVersions(b)
		case *roles.Timestamp:
			if snapshot, ok := s.Plan.File("snapshot"); ok {
				b.Snapshot = roles.Meta{Name: "snapshot.json", Version: snapshot.Version, Length: -1}
			}
		}
		draft, err := DraftFile(s.Desired.Format, body, file)
		if err != nil {
			return err
		}
		s.next[file.Role], s.sizes[file.Role] = body, int64(len(draft.JSON))
	}
	return nil
}

// stateVersions gives a snapshot the versions of planned targets files, and of
// whatever else it lists.
func (s *Subject) stateVersions(snapshot *roles.Snapshot) {
	for _, file := range s.Plan.Files {
		meta := roles.Meta{Name: file.Role + ".json", Version: file.Version, Length: -1}
		if there := snapshot.Find(file.Role); there != nil {
			*there = meta
		} else if signed.RoleType(file.Role) == roles.TypeTargets {
			snapshot.Meta = append(snapshot.Meta, meta)
			slices.SortFunc(snapshot.Meta, func(a, b roles.Meta) int { return strings.Compare(a.Name, b.Name) })
		}
	}
}

// Check holds the subject against a policy.
func (s *Subject) Check(policy *policies.Policy) (policies.Result, error) {
	if err := s.planned(); err != nil {
		return policies.Result{}, err
	}
	return policy.Check(&policies.Subject{
		Repository: s.Repo.Name,
		Format:     s.Desired.Format,
		Now:        s.Now,
		NotBefore:  s.notBefore(),
		Previous:   s.State.Set(),
		Next:       s.nextSet(),
		Signing:    s.signers(),
		Roots:      s.rootVersions(),
		Keys:       s.keyFacts(),
		Elsewhere:  s.elsewhere(),
		People:     s.people(),
		Unattended: s.Site.Unattended(),
		Waivers:    s.waivers(),
	}), nil
}

// nextSet is what would be signed, laid over what is.
func (s *Subject) nextSet() *policies.Set {
	set := s.State.Set()
	if set == nil {
		set = &policies.Set{Delegated: map[string]*roles.Targets{}, Bytes: map[string]int64{}}
	}
	for role, body := range s.next {
		signed.Put(set, role, body)
		set.Bytes[role] = s.sizes[role]
	}
	return set
}

// signers are the keys that the plan asks to sign, by role.
func (s *Subject) signers() map[string][]roles.Fingerprint {
	signers := map[string][]roles.Fingerprint{}
	for _, step := range s.Plan.Steps {
		if _, open := s.next[step.Role]; open && step.Do == DoSign {
			signers[step.Role] = append(signers[step.Role], s.Desired.Ring.Keys[step.Key].Fingerprint)
		}
	}
	return signers
}

func (s *Subject) rootVersions() []int64 {
	var versions []int64
	for _, file := range s.State.Roots {
		versions = append(versions, roles.HeadOf(file.Body).Version)
	}
	if body, ok := s.next["root"]; ok {
		versions = append(versions, roles.HeadOf(body).Version)
	}
	return versions
}

func (s *Subject) keyFacts() map[roles.Fingerprint]policies.KeyFacts {
	facts := map[roles.Fingerprint]policies.KeyFacts{}
	for name, key := range s.Desired.Ring.Keys {
		f := policies.KeyFacts{Name: name, Custodian: s.Repo.Keys[name].Custodian, Type: string(s.Repo.Keys[name].Type)}
		_, f.Planned = s.Desired.Ring.planned[name]
		f.Backup = s.Repo.Keys[name].Backup
		if record := s.Desired.Ring.records[name]; record != nil {
			f.Type, f.Possession = string(record.Type), record.Proof != nil
			if record.Token != nil {
				f.Token = record.Token.Serial + " " + record.Token.Label
			}
			if e := record.Evidence; e != nil {
				f.Evidence = &policies.Evidence{Local: e.Local, Sensitive: e.Sensitive, AlwaysSensitive: e.AlwaysSensitive, Extractable: e.Extractable, NeverExtractable: e.NeverExtractable, Modifiable: e.Modifiable}
			}
		}
		if token, ok := s.Site.Keys[name]; ok && f.Token == "" {
			f.Token = token
		}
		facts[key.Fingerprint] = f
	}
	return facts
}

// elsewhere are the keys of the other repositories of this fleet: no key
// serves two (TUF 1.0.34 §3).
func (s *Subject) elsewhere() map[roles.Fingerprint]string {
	keys := map[roles.Fingerprint]string{}
	for name, other := range s.Trust.Repositories {
		if name == s.Repo.Name {
			continue
		}
		for _, key := range other.KeyNames {
			if record := s.Desired.Ring.records[key]; record != nil {
				keys[record.Fingerprint()] = name
			}
		}
	}
	return keys
}

func (s *Subject) people() *policies.People {
	p := s.Trust.People
	return &policies.People{Administrators: p.Administrator, Officers: p.CryptoOfficers, Witnesses: p.Witnesses}
}

// notBefore is the newest time in the inputs: no clock can be before it.
func (s *Subject) notBefore() time.Time {
	newest, _ := time.Parse(time.RFC3339, s.Plan.Created)
	for _, name := range s.Repo.KeyNames {
		if r := s.Desired.Ring.records[name]; r != nil && r.Created.After(newest) {
			newest = r.Created
		}
	}
	return newest
}

func (s *Subject) waivers() []policies.Waiver {
	var list []policies.Waiver
	for _, w := range s.Repo.Waivers {
		list = append(list, policies.Waiver{Check: w.Check, Reason: w.Reason, Person: w.Person})
	}
	return list
}
