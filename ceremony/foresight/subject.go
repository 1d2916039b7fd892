package foresight

import (
	"slices"
	"time"

	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/policies"
	"github.com/uptane/keyrite/roles"
)

// Subject gathers everything that policy checks look at: what is signed, what
// would be signed, by whom, and what is known of the keys.
type Subject struct {
	*scene.Scene
	Plan    *plan.Plan
	Room    scene.Room
	Written func(role string) bool // files of the plan that are signed already; nil: none
	Now     time.Time
	Present []policies.Person // nil: nobody has arrived yet

	next  map[string]roles.Body // by role, those that would be signed
	sizes map[string]int64      // bytes of their signed parts, by role
}

// planned makes the files of the plan that are not signed yet, as far as they
// can be known: snapshot and timestamp state planned versions, without hashes.
func (s *Subject) planned() error {
	s.next, s.sizes = map[string]roles.Body{}, map[string]int64{}
	for _, file := range s.unsigned() {
		body, size, err := s.foreseen(file)
		if err != nil {
			return err
		}
		s.next[file.Role], s.sizes[file.Role] = body, int64(size)
	}
	return nil
}

// foreseen is the content of a file as it will be, but for what is not known
// before other files are signed, and its size.
func (s *Subject) foreseen(file plan.File) (roles.Body, int, error) {
	var body roles.Body
	switch signed.RoleType(file.Role) {
	case roles.TypeSnapshot:
		body = s.Snapshot(s.stated())
	case roles.TypeTimestamp:
		t := s.Timestamp()
		if snapshot, ok := s.Plan.File("snapshot"); ok {
			t.Snapshot = roles.Meta{Name: "snapshot.json", Version: snapshot.Version, Length: -1}
		}
		body = t
	default:
		d, err := s.Draft(file.Next())
		if err != nil {
			return nil, 0, err
		}
		return d.Body, len(d.Bytes.JSON), nil
	}
	draft, err := s.Encode(body, file.Next())
	if err != nil {
		return nil, 0, err
	}
	return body, len(draft.JSON), nil
}

// unsigned are the files of the plan that are yet to be signed.
func (s *Subject) unsigned() []plan.File {
	return slices.DeleteFunc(slices.Clone(s.Plan.Files), func(f plan.File) bool { return s.Written != nil && s.Written(f.Role) })
}

// stated are the unsigned files as snapshot states them.
func (s *Subject) stated() []scene.Next {
	var next []scene.Next
	for _, file := range s.unsigned() {
		next = append(next, file.Next())
	}
	return next
}

// Check holds the subject against the policy of its repository.
func (s *Subject) Check() (policies.Result, error) {
	if err := s.planned(); err != nil {
		return policies.Result{}, err
	}
	stranded, err := s.stranded()
	if err != nil {
		return policies.Result{}, err
	}
	subject := &policies.Subject{
		Repository: s.Repo.Name,
		Format:     s.Format,
		Now:        s.Now,
		NotBefore:  s.notBefore(),
		Previous:   s.previousSet(),
		Next:       s.nextSet(),
		Signing:    s.signers(),
		Roots:      s.rootVersions(),
		Keys:       s.keyFacts(),
		Elsewhere:  s.elsewhere(),
		Stolen:     s.stolen(),
		Stranded:   stranded,
		Server:     roles.From(s.Signed.Server),
		People:     s.people(),
		Unattended: append([]string{}, s.Room.Unattended...), // known, also when there are none
		Waivers:    s.Repo.PolicyWaivers(),
	}
	return s.tolerate(subject, s.Policy.Check(subject)), nil
}

// previousSet is what is published: of a supplier whose new file lies here, the older one.
func (s *Subject) previousSet() *policies.Set {
	set := s.Signed.Set()
	for role, before := range s.Signed.Before {
		signed.Put(set, role, before.Body)
	}
	return set
}

// nextSet is what would be signed, laid over what is and can be used. Of what a server signs it
// holds what still stands: it will have signed anew what has expired.
func (s *Subject) nextSet() *policies.Set {
	set := s.Signed.Set()
	if set == nil {
		set = &policies.Set{Delegated: map[string]*roles.Targets{}, Bytes: map[string]int64{}}
	}
	for _, t := range roles.From(s.Signed.Server) {
		if body := s.Signed.Sound(string(t)); body == nil || !s.Now.Before(roles.HeadOf(body).Expires) || s.LacksSignatures(string(t)) {
			signed.Drop(set, t)
		}
	}
	for _, supplier := range s.Plan.Suppliers {
		if supplier.Lost != "" {
			delete(set.Delegated, supplier.Role)
		}
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
		if _, open := s.next[step.Role]; open && step.Do == plan.Sign {
			signers[step.Role] = append(signers[step.Role], s.Ring.Keys[step.Key].Fingerprint)
		}
	}
	if s.Plan.Emergency != "" { // a policy judges the root as it will be once others have signed it
		for _, key := range s.canSign() {
			signers["root"] = append(signers["root"], s.Ring.Keys[key].Fingerprint)
		}
	}
	return signers
}

func (s *Subject) rootVersions() []int64 {
	var versions []int64
	for _, file := range s.Signed.Roots {
		versions = append(versions, roles.HeadOf(file.Body).Version)
	}
	if body, ok := s.next["root"]; ok {
		versions = append(versions, roles.HeadOf(body).Version)
	}
	return versions
}

func (s *Subject) keyFacts() map[roles.Fingerprint]policies.KeyFacts {
	facts := map[roles.Fingerprint]policies.KeyFacts{}
	for name, key := range s.Ring.Keys {
		f := policies.KeyFacts{Name: name, Custodian: s.Repo.Keys[name].Custodian, Type: string(s.Repo.Keys[name].Type)}
		f.Planned = s.Ring.Planned(name)
		f.Backup = s.Repo.Keys[name].Backup
		f.External = s.Repo.Keys[name].External != ""
		if record := s.Ring.Record(name); record != nil {
			f.Type, f.Possession = string(record.Type), record.Proof != nil
			if record.Token != nil {
				f.Token = record.Token.Serial + " " + record.Token.Label
			}
			if e := record.Evidence; e != nil {
				f.Evidence = &policies.Evidence{Local: e.Local, Sensitive: e.Sensitive, AlwaysSensitive: e.AlwaysSensitive, Extractable: e.Extractable, NeverExtractable: e.NeverExtractable, Modifiable: e.Modifiable}
			}
		}
		if f.Token == "" {
			f.Token = s.tokenOf(name)
		}
		facts[key.Fingerprint] = f
	}
	return facts
}

// tokenOf is the token that will hold a key. What another site calls it nobody knows
// here: it counts as one of its own.
func (s *Subject) tokenOf(key string) string {
	if site, away := s.Room.Elsewhere[key]; away {
		return "token of " + key + " at " + site
	}
	return s.Room.Held[key]
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
			if record := s.Ring.Record(key); record != nil {
				keys[record.Fingerprint()] = name
			}
		}
	}
	return keys
}

func (s *Subject) stolen() map[roles.Fingerprint]bool {
	keys := map[roles.Fingerprint]bool{}
	for _, name := range s.Plan.Stolen {
		keys[s.Ring.Keys[name].Fingerprint] = true
	}
	return keys
}

func (s *Subject) people() *policies.People {
	p := s.Trust.People
	return &policies.People{Administrators: p.Administrator, Officers: p.CryptoOfficers, Witnesses: p.Witnesses, External: p.ExternalWitnesses, Present: s.Present, Away: s.away()}
}

// away are the custodians who sign at other sites, or another day what is sealed, and
// hold nothing here that signs.
func (s *Subject) away() (list []string) {
	var here []string
	for _, step := range s.Plan.Steps {
		who := s.Repo.Custodian(step.Key)
		if step.Sealed || step.Site != "" && step.Site != s.Room.Site {
			list = append(list, who)
		} else if step.Key != "" {
			here = append(here, who)
		}
	}
	if s.Plan.Emergency != "" {
		for _, key := range s.canSign() {
			list = append(list, s.Repo.Custodian(key))
		}
	}
	return slices.DeleteFunc(list, func(who string) bool { return slices.Contains(here, who) })
}

// notBefore is the newest time in the inputs: no clock can be before it.
func (s *Subject) notBefore() time.Time {
	newest := s.Plan.Created
	for _, name := range s.Repo.KeyNames {
		if r := s.Ring.Record(name); r != nil && r.Created.After(newest) {
			newest = r.Created
		}
	}
	return newest
}

// canSign are the keys that can sign a kit's root when it is completed.
func (s *Subject) canSign() []string {
	return slices.DeleteFunc(scene.Candidates(s.Quorums("root")), s.Plan.Gone)
}
