package takeover

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/policies"
	"github.com/uptane/keyrite/roles"
)

// Key is a key of the repository that was taken over.
type Key struct {
	Name  string      `json:"name"`
	Type  string      `json:"type"`
	ID    roles.KeyID `json:"keyid"` // as metadata lists it
	Own   bool        `json:"own"`   // the key id is the one that keyrite would give it
	Roles []string    `json:"roles"`

	External bool `json:"external"` // its signatures are brought in by hand; else it signs elsewhere
}

// derived is what follows from metadata: who is declared for what.
type derived struct {
	repository, fleet string
	format, policy    string
	keys              []Key
	records           []*workspace.KeyRecord
	roles             []role
	delegations       []delegation
	block             string // of trust.yaml
	trust             []byte // the whole file, with the block
	before            []byte // the file as it was, nil for none
}

type role struct {
	name      string
	keys      []string
	threshold int
	lifetime  policies.Lifetime
}

type delegation struct {
	role
	paths, prefixes []string
	terminating     bool
}

// derivation is a derived in the making.
type derivation struct {
	*derived
	found  *Found
	state  *signed.State
	naming *naming
	online []string
	now    time.Time
}

// derive makes trust.yaml and the records of keys. What metadata does not say,
// lifetimes above all, is as in a new workspace.
func derive(r room.Room, q Request, f *Found, s *signed.State) (*derived, error) {
	records, err := r.Workspace.Keys()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if q.Policy == "" {
		q.Policy = "tuf"
	}
	d := &derivation{&derived{repository: q.Repository, fleet: q.Fleet, format: s.Format.Name(), policy: q.Policy}, f, s, newNaming(f, records), onlineRoles(q, s), r.Now()}
	root := s.RootBody()
	for _, name := range workspace.TopLevel {
		made, err := d.role(name, *root.Role(name), root.Keys)
		if err != nil {
			return nil, err
		}
		made.lifetime = lifetime(s.Body(name), root.Role(name).Extra, name)
		d.roles = append(d.roles, made)
	}
	if err := d.delegated(); err != nil {
		return nil, err
	}
	d.others(root)
	if err := d.files(r.Workspace); err != nil {
		return nil, err
	}
	return d.derived, nil
}

// onlineRoles are those whose signatures no ceremony asks for: a Director's targets, and
// hash bins, are signed by a service.
func onlineRoles(q Request, s *signed.State) []string {
	if len(q.Online) > 0 {
		return q.Online
	}
	online := []string{"snapshot", "timestamp"}
	t := s.Targets("targets")
	bins := t != nil && t.Delegations != nil && t.Delegations.Succinct != nil
	if bins || t != nil && slices.ContainsFunc(t.Images, assigned) {
		online = append(online, "targets")
	}
	return online
}

// assigned says whether a Director assigns an image to an ECU.
func assigned(i roles.Image) bool {
	facts, err := i.Facts()
	return err == nil && len(facts.ECUs) > 0
}

// role names the keys of a role. One that keyrite cannot use counts for nothing, and
// the next file does not list it any more.
func (d *derivation) role(name string, r roles.Role, all []roles.Key) (role, error) {
	made := role{name: name, threshold: r.Threshold}
	for _, k := range r.Keys(all) {
		if k.Problem != nil {
			d.found.note(NoteKey, string(k.ID), "key %s of role %s cannot be used: %v; the next file does not list it", k.ID, name, k.Problem)
			continue
		}
		key, err := d.key(k, name)
		if err != nil {
			return made, err
		}
		if !slices.Contains(made.keys, key) {
			made.keys = append(made.keys, key)
		}
	}
	if len(made.keys) < made.threshold {
		return made, fault.Errorf(fault.Refused, "role %s: threshold is %d, but only %d of its keys can be used (%s)", name, made.threshold, len(made.keys), strings.Join(made.keys, ", ")).
			Hint("change that with the tool that signs the repository now, then import it again")
	}
	return made, nil
}

// key declares a key, once.
func (d *derivation) key(k roles.Key, of string) (string, error) {
	name := d.naming.of(k, of)
	i := slices.IndexFunc(d.keys, func(key Key) bool { return key.Name == name })
	if i < 0 {
		record, err := workspace.NewKeyRecord(name, k.Public, d.now)
		if err != nil {
			return "", err
		}
		d.records = append(d.records, record)
		d.keys = append(d.keys, Key{Name: name, Type: string(record.Type), ID: k.ID, Own: k.CheckID(d.state.Format) == nil})
		i = len(d.keys) - 1
	}
	d.keys[i].Roles = append(d.keys[i].Roles, of)
	if slices.Contains([]string{"root", "targets"}, of) && !slices.Contains(d.online, of) {
		d.keys[i].External = true
	}
	return name, nil
}

func (d *derivation) delegated() error {
	t := d.state.Targets("targets")
	if t == nil || t.Delegations == nil {
		return nil
	}
	if t.Delegations.Succinct != nil {
		d.found.note(NoteBins, "targets", "targets: its %d hash bins (TAP 15) are kept as they are; whoever has their keys goes on signing them, and targets too", len(t.Delegations.Roles))
		return nil
	}
	for _, r := range t.Delegations.Roles {
		r.Paths = d.paths(r)
		if r.Paths != nil && len(r.Paths) == 0 || r.HashPrefixes != nil && len(r.HashPrefixes) == 0 {
			d.found.note(NoteNoPath, r.Name, "delegation %s: speaks for no path; the next file of targets does not list it", r.Name)
			continue
		}
		if err := declarable(d.state.Format, r); err != nil {
			return fault.Errorf(fault.Refused, "%s: %w", d.state.MetadataPath("targets", t.Version), err).
				Hint("have targets delegate in another way, with the tool that signs the repository now, then import it again")
		}
		made, err := d.role(r.Name, r.Role, t.Delegations.Keys)
		if err != nil {
			return err
		}
		made.lifetime = lifetime(d.state.Body(r.Name), r.Extra, "targets")
		d.delegations = append(d.delegations, delegation{made, r.Paths, r.HashPrefixes, r.Terminating})
		if d.state.Files[r.Name] == nil {
			d.found.note(NoteNoFile, r.Name, "delegation %s: its file is not there; whoever signs it has to deliver it", r.Name)
		}
	}
	for _, m := range t.Delegations.Extra {
		d.found.note(NoteKept, m.Name, "delegations: %s is kept as it is", m.Name)
	}
	return nil
}

// paths are the patterns of a delegation, each once.
func (d *derivation) paths(r roles.DelegatedRole) []string {
	once := slices.Clone(r.Paths[:0:0])
	for i, pattern := range r.Paths {
		if slices.Contains(r.Paths[:i], pattern) {
			d.found.note(NotePattern, r.Name, "delegation %s: %q is listed twice; the next file of targets lists it once", r.Name, pattern)
		} else {
			once = append(once, pattern)
		}
	}
	return once
}

// declarable says what of a delegation trust.yaml cannot say, which is what no client
// takes, or no file can be named after. What clients only read differently can be
// declared: a policy finding says so until it is gone.
func declarable(f roles.Format, r roles.DelegatedRole) error {
	if err := roles.CheckDelegatedName(r.Name); err != nil {
		return fmt.Errorf("delegation %q: its name cannot be declared in trust.yaml: %w", r.Name, err)
	}
	for _, pattern := range r.Paths {
		if err := roles.CheckPathPattern(f, pattern); err != nil {
			return fmt.Errorf("delegation %s: its pattern %q cannot be declared in trust.yaml: %w", r.Name, pattern, err)
		}
	}
	return nil
}

// others names the roles of root that keyrite does not know.
func (d *derivation) others(root *roles.Root) {
	for _, r := range root.Roles {
		if !slices.Contains(workspace.TopLevel, r.Name) {
			d.found.note(NoteKept, r.Name, "root: role %s is none of Uptane's; it is kept as it is", r.Name)
		}
	}
}

// defaults are lifetimes in days, by kind of role.
var defaults = map[string]int{"root": 365, "targets": 90, "snapshot": 30, "timestamp": 14}

// maxPeriod bounds a lifetime that metadata states, in days.
const maxPeriod = 10 * 365

// lifetime is what tuf-on-ci states of it, or that of a new workspace.
func lifetime(body roles.Body, ofRole []roles.Member, kind string) policies.Lifetime {
	days := defaults[kind]
	members := slices.Clone(ofRole)
	if body != nil {
		members = append(members, roles.HeadOf(body).Extra...)
	}
	for _, m := range members {
		stated := 0
		if m.Name == "x-tuf-on-ci-expiry-period" && json.Unmarshal(m.Raw, &stated) == nil && stated > 0 && stated <= maxPeriod {
			days = stated
		}
	}
	return policies.Lifetime(time.Duration(days) * 24 * time.Hour)
}

// quoted is a list of YAML's double-quoted texts.
func quoted(list []string) string {
	texts := make([]string, len(list))
	for i, text := range list {
		texts[i] = fmt.Sprintf("%q", text)
	}
	return "[" + strings.Join(texts, ", ") + "]"
}
