package policies

import (
	"crypto/ed25519"
	"fmt"
	"slices"
	"strings"

	"github.com/uptane/keyrite/roles"
)

var rolesExact = check{CheckInfo{
	ID:       "ROLES-EXACT",
	Severity: Error,
	Title:    "root names the four top-level roles and no other",
	Hint:     "remove the role from root: python-tuf and tough refuse the file; servers of OTA Community Edition may have roles of their own",
	Sources:  []string{"TUF-011", "DBP-048", "CLIENTS"},
	Waivable: true,
}, func(e *exam) {
	e.needRoles("root")
	if e.Next.Root == nil {
		return
	}
	for _, r := range e.Next.Root.Roles {
		at := place{r.Name, "repositories." + e.Repository + ".roles." + r.Name}
		switch {
		case topLevel(r.Name):
		case e.Format == roles.OTACE:
			e.remark(at, "a role that only servers know", "root, targets, snapshot and timestamp")
		default:
			e.report(at, "a fifth role", "root, targets, snapshot and timestamp")
		}
	}
}}

var consistentSnapshot = check{CheckInfo{
	ID:       "CONSISTENT-SNAPSHOT",
	Severity: Warning,
	Title:    "files are stored under names with their versions, as the format has it",
	Hint:     "set consistent_snapshot with the next root, and publish every file under its numbered name",
	Sources:  []string{"UPT-036", "TUF-012"},
	Waivable: true,
}, func(e *exam) {
	e.needRoles("root")
	if e.Format == roles.TUF && e.Next.Root != nil && !e.Next.Root.ConsistentSnapshot {
		e.report(place{"root", e.rolePath("root")}, "without consistent_snapshot", "consistent_snapshot true")
	}
}}

var rootsKept = check{CheckInfo{
	ID:       "ROOTS-KEPT",
	Severity: Error,
	Title:    "every root ever signed stays published, from version 1 without a gap",
	Hint:     "put the missing root back: vehicles that hold an older one cannot walk past the gap",
	Sources:  []string{"TUF-010", "DBP-052"},
	Needs:    "the root files that are published",
	Waivable: true,
}, func(e *exam) {
	if e.Roots == nil || e.Next.Root == nil {
		e.lacks()
		return
	}
	for version := int64(1); version <= min(e.Next.Root.Version, maxRoots); version++ {
		if !slices.Contains(e.Roots, version) {
			e.report(place{"root", e.rolePath("root")}, fmt.Sprintf("without version %d", version), fmt.Sprintf("versions 1 to %d", e.Next.Root.Version))
			return
		}
	}
}}

// maxRoots bounds the search for a gap: no list of files is longer.
const maxRoots = 1 << 16

var clientSpec = check{CheckInfo{
	ID:       "CLIENT-SPEC-VERSION",
	Severity: Note,
	Title:    "every file says spec_version 1.0.0, which all TUF clients take",
	Hint:     "sign a new version; rust-tuf takes 1.0.0 and nothing newer",
	Sources:  []string{"TUF-012", "CLIENTS"},
	Waivable: true,
}, func(e *exam) {
	var others []file
	for _, f := range e.everyFile() {
		spec := f.head.SpecVersion
		if e.Format == roles.TUF && !e.signs(f.role) && spec != "1.0.0" && spec != "1.0" {
			others = append(others, f)
		}
	}
	if len(others) > 0 {
		first := others[0]
		got := fmt.Sprintf("of spec_version %q", first.head.SpecVersion)
		if more := len(others) - 1; more > 0 {
			got += fmt.Sprintf(", like %d more files", more)
		}
		e.report(place{first.role, first.path}, got, `"1.0.0"`)
	}
}}

var clientPEM = check{CheckInfo{
	ID:       "CLIENT-PEM",
	Severity: Note,
	Title:    "all keys are Ed25519, which every TUF client reads alike",
	Hint:     "use ed25519 if rust-tuf has to read the repository: it cannot verify a file with a PEM key",
	Sources:  []string{"CLIENTS"},
	Waivable: true,
}, func(e *exam) {
	e.needRoles("root")
	var others []string
	for _, k := range e.keys() {
		if _, ok := k.Public.(ed25519.PublicKey); !ok && k.Problem == nil && e.Format == roles.TUF {
			others = append(others, strings.TrimPrefix(k.at.field, "repositories."+e.Repository+".keys."))
		}
	}
	if others != nil {
		e.report(place{field: "repositories." + e.Repository + ".keys"}, "not all Ed25519 ("+strings.Join(others, ", ")+")", "ed25519 for rust-tuf")
	}
}}
