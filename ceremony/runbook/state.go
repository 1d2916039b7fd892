package runbook

import (
	"fmt"
	"slices"

	"github.com/uptane/keyrite/ceremony/fault"
)

// state is where the tokens are while the script goes on: a paper that has a token
// used before its bag is open, or leaves one on the table, is not printed.
type state struct {
	unpacked []string // tokens that are out of their bags
	inserted string   // the one that is in the reader
}

func newState() *state { return &state{} }

func (s *state) unpack(token string) error {
	if slices.Contains(s.unpacked, token) {
		return fault.Errorf(fault.Failed, "runbook: token %s is unpacked twice", token)
	}
	s.unpacked = append(s.unpacked, token)
	return nil
}

func (s *state) insert(token string) error {
	switch {
	case !slices.Contains(s.unpacked, token):
		return fault.Errorf(fault.Failed, "runbook: token %s is used before its bag is open", token)
	case s.inserted != "":
		return fault.Errorf(fault.Failed, "runbook: token %s is to be inserted while %s still is", token, s.inserted)
	}
	s.inserted = token
	return nil
}

func (s *state) remove(token string) error {
	if s.inserted != token {
		return fault.Errorf(fault.Failed, "runbook: token %s is to be removed, but it is not inserted", token)
	}
	s.inserted = ""
	return nil
}

func (s *state) pack(token string) error {
	i := slices.Index(s.unpacked, token)
	if i < 0 || s.inserted == token {
		return fault.Errorf(fault.Failed, "runbook: token %s is to be sealed in, but it is not on the table", token)
	}
	s.unpacked = slices.Delete(s.unpacked, i, i+1)
	return nil
}

// closed demands that nothing is open at the end.
func (s *state) closed() error {
	if len(s.unpacked) > 0 || s.inserted != "" {
		return fault.Errorf(fault.Failed, "runbook: at the end these tokens are not in their bags: %s", fmt.Sprint(s.unpacked))
	}
	return nil
}
