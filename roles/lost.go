package roles

import (
	"errors"
	"fmt"
	"strings"
)

// Lost is a delegated role whose file no client can use, and what that costs: a
// search ends there, and finds nothing in the role or behind it (Uptane Standard
// 2.1.0 §5.4.4.7, step 1).
type Lost struct {
	Role      string   `json:"role"`
	Delegator string   `json:"delegator"`
	Problem   Problem  `json:"problem"`
	Paths     []string `json:"paths"`            // the first that are delegated to it: patterns, or hash prefixes
	Images    []string `json:"images,omitempty"` // the first that are listed and cannot be installed
	Count     int      `json:"count"`            // of all that are known to be
}

// maxLost bounds how many images and paths of a lost role are named.
const maxLost = 20

// lostError ends a search at a role that is lost.
type lostError struct {
	visit
	err error
}

// lost is an error that a role answers for, not the whole repository: unless it is
// the top-level one.
func (v visit) lost(err error) error {
	if v.role == nil {
		return err
	}
	return &lostError{v, err}
}

func (l *lostError) Error() string { return l.err.Error() }
func (l *lostError) Unwrap() error { return l.err }

// losses are the roles that a client has lost, in the order in which it came to
// them.
type losses struct {
	list []*Lost
	by   map[*DelegatedRole]*Lost
}

// tolerates notes the role that an error comes of, if one can do without it, and
// returns its entry.
func (c *Client) tolerates(err error) *Lost {
	var lost *lostError
	if !c.Tolerant || !errors.As(err, &lost) {
		return nil
	}
	if c.losses.by[lost.role] == nil {
		c.losses.add(lost, bodyOf[*Targets](c.refused[lost.role.Name]))
	}
	return c.losses.by[lost.role]
}

// add makes the entry of a role. What its refused file lists is lost too.
func (l *losses) add(lost *lostError, refused *Targets) {
	paths := lost.role.Paths
	if lost.role.HashPrefixes != nil {
		paths = lost.role.HashPrefixes
	}
	entry := &Lost{Role: lost.role.Name, Delegator: lost.delegator, Problem: ProblemOf(lost), Paths: paths[:min(len(paths), maxLost)]}
	if refused != nil {
		for i := range refused.Images {
			entry.add(refused.Images[i].Path)
		}
	}
	if l.by == nil {
		l.by = map[*DelegatedRole]*Lost{}
	}
	l.by[lost.role] = entry
	l.list = append(l.list, entry)
}

func (l *Lost) add(path string) {
	if l.Count++; l.Count <= maxLost {
		l.Images = append(l.Images, path)
	}
}

// lines are the loss for people.
func (l *Lost) lines() []string {
	lines := []string{
		fmt.Sprintf("warning: delegated role %s cannot be used: %s", l.Role, l.Problem),
		"  no client installs what is delegated to it: " + strings.Join(l.Paths, ", "),
	}
	if l.Count > 0 {
		named := strings.Join(l.Images, ", ")
		if more := l.Count - len(l.Images); more > 0 {
			named += fmt.Sprintf(" and %d more", more)
		}
		lines = append(lines, fmt.Sprintf("  images affected: %d (%s)", l.Count, named))
	}
	return lines
}
