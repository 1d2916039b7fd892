package policies

import (
	"slices"

	"github.com/uptane/keyrite/roles"
)

// file is one metadata file of Next.
type file struct {
	role string
	path string // of the role in trust.yaml
	body roles.Body
	head *roles.Head
}

func (f file) at(field string) place { return place{f.role, f.path + "." + field} }

// everyFile returns all files of Next, and notes when root is not there.
func (e *exam) everyFile() []file {
	e.needRoles("root")
	return e.allFiles()
}

// filesOf returns the files of Next of one kind of role, and notes when they are
// not there.
func (e *exam) filesOf(kind string) []file {
	files := e.files(kind)
	if kind == "delegated" {
		e.needRoles(kind)
	} else if len(files) == 0 {
		e.lacks()
	}
	return files
}

// allFiles returns the files of Next: the top-level ones, then those of trusted
// delegated roles, in the order of a search.
func (sh *shared) allFiles() []file {
	var all []file
	for _, kind := range roleNames {
		all = append(all, sh.files(kind)...)
	}
	return all
}

// files returns the files of Next of one kind of role.
func (sh *shared) files(kind string) []file {
	if kind != "delegated" {
		return sh.file(kind, sh.subject.Next.body(kind))
	}
	return sh.signed()
}

// listDelegated collects the files of delegated roles.
func (sh *shared) listDelegated() []file {
	var all []file
	seen := map[string]bool{}
	for _, t := range sh.trusted {
		if t.kind == "delegated" && !seen[t.Name] {
			all = append(all, sh.file(t.Name, sh.subject.Next.body(t.Name))...)
		}
		seen[t.Name] = true
	}
	return all
}

func (sh *shared) file(role string, body roles.Body) []file {
	if body == nil {
		return nil
	}
	return []file{{role, sh.rolePath(role), body, roles.HeadOf(body)}}
}

// rolePath spells a role's path in trust.yaml, also where Next does not trust
// the role.
func (sh *shared) rolePath(role string) string {
	if t := sh.role(role); t != nil {
		return t.path
	}
	path := "repositories." + sh.subject.Repository
	if topLevel(role) {
		return path + ".roles." + role
	}
	return path + ".delegations." + role
}

// body returns the content of a role's file, nil when there is none.
func (s *Set) body(role string) roles.Body {
	if s == nil {
		return nil
	}
	switch role {
	case "root":
		return bodyOf(s.Root)
	case "targets":
		return bodyOf(s.Targets)
	case "snapshot":
		return bodyOf(s.Snapshot)
	case "timestamp":
		return bodyOf(s.Timestamp)
	}
	return bodyOf(s.Delegated[role])
}

// bodyOf keeps a nil pointer from becoming a body that is not nil.
func bodyOf[T any, B interface {
	*T
	roles.Body
}](b B) roles.Body {
	if b == nil {
		return nil
	}
	return b
}

func topLevel(role string) bool { return slices.Contains(roles.TopLevel, roles.Type(role)) }
