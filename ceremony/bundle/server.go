package bundle

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/roles"
)

// encode is the field of a manifest, nothing for a complete bundle.
func (s Server) encode() (string, error) {
	if s.First == "" {
		return "", nil
	}
	due, err := json.Marshal(append([]roles.Due{}, s.Due...))
	return fmt.Sprintf(`"server":{"first":%q,"due":%s},`, s.First, due), err
}

// check checks what another program may have written. Its texts are shown to
// people, and none of them is long.
func (s Server) check() error {
	left := roles.From(s.First)
	if s.First != "" && len(left) == 0 {
		return fmt.Errorf("server.first is %.300q, want targets, snapshot or timestamp", s.First)
	}
	for i, due := range s.Due {
		if !slices.Contains(left, due.Role) || due.Version < 0 {
			return fmt.Errorf("server.due[%d] is of %.300q version %d, want one of %v", i, due.Role, due.Version, left)
		}
		for _, key := range due.Keys {
			if !disk.Names.MatchString(key) {
				return fmt.Errorf("server.due[%d].keys has %.300q, %s", i, key, disk.NamesRule)
			}
		}
		for _, over := range due.Over {
			if err := roles.CheckDelegatedName(over.Role); err != nil && !slices.Contains(roles.From(roles.TypeTargets), roles.Type(over.Role)) || over.Version < 0 {
				return fmt.Errorf("server.due[%d].over has %.300q version %d, want a role", i, over.Role, over.Version)
			}
		}
	}
	return nil
}

// server reads what encode writes. What it decodes is spelled again, and must be the
// same.
func (r *manifestReader) server() (s Server) {
	rest, there := strings.CutPrefix(r.rest, `"server":`)
	if !there {
		return s
	}
	var read struct {
		First roles.Type  `json:"first"`
		Due   []roles.Due `json:"due"`
	}
	if err := json.NewDecoder(strings.NewReader(rest)).Decode(&read); err != nil {
		r.wrong = true
		return s
	}
	s = Server{read.First, read.Due}
	again, err := s.encode()
	r.wrong = r.wrong || err != nil
	r.word(again)
	return s
}
