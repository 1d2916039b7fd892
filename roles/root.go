package roles

import (
	"fmt"
	"slices"
	"strings"
)

// Root says which keys sign for which role of a repository, itself included
// (Uptane Standard 2.1.0 §5.2.2, TUF 1.0.34 §4.3).
type Root struct {
	Head
	ConsistentSnapshot bool
	Keys               []Key  // by key id, ascending
	Roles              []Role // by name, ascending; roles that keyrite does not know included
}

// Role is a set of keys and how many of them must sign.
type Role struct {
	Name      string
	KeyIDs    []KeyID
	Threshold int // at least 1; counts different public keys
	Extra     []Member
}

func (*Root) Type() Type    { return TypeRoot }
func (r *Root) head() *Head { return &r.Head }

// Role returns the role of that name, nil when root has none.
func (r *Root) Role(name string) *Role {
	for i := range r.Roles {
		if r.Roles[i].Name == name {
			return &r.Roles[i]
		}
	}
	return nil
}

// KeysOf are the keys of a role, in the order in which it lists them.
func (r *Root) KeysOf(role string) []Key {
	of := r.Role(role)
	if of == nil {
		return nil
	}
	return of.Keys(r.Keys)
}

// Keys are those of a role among the keys of its file, in the order in which it
// lists them.
func (r *Role) Keys(all []Key) (keys []Key) {
	for _, id := range r.KeyIDs {
		if i := slices.IndexFunc(all, func(k Key) bool { return k.ID == id }); i >= 0 {
			keys = append(keys, all[i])
		}
	}
	return keys
}

// ImagePaths lists where clients look for an image in the targets folder: under its own
// path where root wants no consistent snapshots (TUF 1.0.34 §6.2), else as the format
// names it.
func (r *Root) ImagePaths(f Format, image Image) []string {
	if !r.ConsistentSnapshot {
		return []string{image.Path}
	}
	return f.ImagePaths(image)
}

// maxThreshold bounds thresholds as OTA CE does.
const maxThreshold = 1000

// maxListed bounds the keys and signatures of a file, so that no file can make
// a reader check signatures for hours.
const maxListed = 1024

func (s *scanner) root(f Format, r *Root) error {
	var seen fields
	err := s.object(func(name []byte) (err error) {
		switch string(name) {
		case "consistent_snapshot":
			seen.add("consistent_snapshot")
			r.ConsistentSnapshot, err = s.boolean()
		case "keys":
			seen.add("keys")
			r.Keys, err = s.keys(f)
		case "roles":
			seen.add("roles")
			r.Roles, err = s.roles()
		default:
			err = s.headField(f, TypeRoot, &r.Head, &seen, name)
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := seen.need("_type", "expires", "keys", "roles", "version"); err != nil {
		return err
	}
	return nil
}

// headField reads the members that every type has and keeps unknown ones.
func (s *scanner) headField(f Format, t Type, h *Head, seen *fields, name []byte) (err error) {
	switch string(name) {
	case "_type":
		seen.add("_type")
		kind, err := s.str()
		if err == nil && kind != f.typeName(t) {
			err = fmt.Errorf("got %s, want %q in format %s", Quote(kind), f.typeName(t), f.Name())
		}
		return err
	case "version":
		seen.add("version")
		h.Version, err = s.integer(s.least(1))
		return err
	case "expires":
		seen.add("expires")
		return s.expires(f, h)
	case "spec_version":
		h.SpecVersion, err = s.str()
		if err == nil && f.spec() != "" && !s.lenient && !strings.HasPrefix(h.SpecVersion, "1.") {
			err = fmt.Errorf("got %s, want 1.x (TUF 1.0.34 §4.3)", Quote(h.SpecVersion))
		}
		return err
	}
	return s.keep(&h.Extra, name)
}

func (s *scanner) keys(f Format) (keys []Key, err error) {
	err = s.object(func(name []byte) error {
		if len(keys) >= maxListed {
			return fmt.Errorf("more than %d keys", maxListed)
		}
		k, err := s.key(f, string(name))
		keys = append(keys, k)
		return err
	})
	slices.SortFunc(keys, func(a, b Key) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return keys, err
}

func (s *scanner) roles() (roles []Role, err error) {
	err = s.object(func(name []byte) error {
		r := Role{Name: string(name)}
		var seen fields
		err := s.object(func(name []byte) error { return s.roleField(&r, &seen, name) })
		if err == nil {
			err = seen.need("keyids", "threshold")
		}
		roles = append(roles, r)
		return err
	})
	slices.SortFunc(roles, func(a, b Role) int { return strings.Compare(a.Name, b.Name) })
	return roles, err
}

// roleField reads the members that top-level and delegated roles share.
func (s *scanner) roleField(r *Role, seen *fields, name []byte) error {
	switch string(name) {
	case "keyids":
		seen.add("keyids")
		return s.keyIDs(r)
	case "threshold":
		seen.add("threshold")
		n, err := s.integer(s.least(1))
		if err == nil && n > maxThreshold {
			err = fmt.Errorf("got %d, want at most %d", n, maxThreshold)
		}
		r.Threshold = int(n)
		return err
	}
	return s.keep(&r.Extra, name)
}

func (s *scanner) keyIDs(r *Role) error {
	return s.array(func(int) error {
		id, err := s.str()
		if err == nil && slices.Contains(r.KeyIDs, KeyID(id)) {
			err = fmt.Errorf("key id %s is listed twice", KeyID(id))
		}
		if len(r.KeyIDs) >= maxListed {
			err = fmt.Errorf("more than %d key ids", maxListed)
		}
		r.KeyIDs = append(r.KeyIDs, KeyID(id))
		return err
	})
}

func (r *Root) check() error {
	for _, t := range TopLevel {
		if r.Role(string(t)) == nil {
			return fieldf("roles."+string(t), "the role is missing")
		}
	}
	for _, extra := range r.Roles {
		for _, t := range TopLevel {
			if extra.Name != string(t) && strings.EqualFold(extra.Name, string(t)) {
				return fieldf("roles."+extra.Name, "differs from %q in case only: some clients take its keys for that role's", t)
			}
		}
	}
	return nil
}

func (r *Root) write(f Format, w *writer) {
	w.object(r.Extra, func() {
		w.field("_type").text(f.typeName(TypeRoot))
		w.field("consistent_snapshot").boolean(r.ConsistentSnapshot)
		w.field("expires").text(FormatTime(r.Expires))
		w.field("keys").keys(r.Keys)
		w.field("roles").object(nil, func() {
			for _, role := range r.Roles {
				w.field(role.Name).object(role.Extra, func() {
					w.field("keyids").keyIDs(role.KeyIDs)
					w.field("threshold").integer(int64(role.Threshold))
				})
			}
		})
		w.spec(f)
		w.field("version").integer(r.Version)
	})
}

func (w *writer) keys(keys []Key) {
	w.object(nil, func() {
		for _, k := range keys {
			w.field(string(k.ID)).raw(k.record)
		}
	})
}

func (w *writer) keyIDs(ids []KeyID) {
	w.list(len(ids), func(i int) { w.text(string(ids[i])) })
}

func (w *writer) spec(f Format) {
	if f.spec() != "" {
		w.field("spec_version").text(f.spec())
	}
}
