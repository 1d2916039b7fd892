package policies

import (
	"fmt"
	"strings"

	"github.com/uptane/keyrite/roles"
)

// sizeChecks hold the size of each file below what clients take.
func sizeChecks() []check {
	var all []check
	for _, kind := range roleNames {
		all = append(all, check{CheckInfo{
			ID:       strings.ToUpper(kind) + "-SIZE",
			Severity: Error,
			Title:    "metadata of " + roleWords[kind] + " is small enough for every client",
			Hint:     "use fewer or shorter keys, or move images into delegations: vehicles ignore a larger file",
			Sources:  []string{"UPT-009", "CLIENTS"},
			Needs:    "the sizes of the files",
			Waivable: true,
		}, func(e *exam) { checkSizes(e, kind) }})
	}
	return all
}

func checkSizes(e *exam, kind string) {
	limit := e.policy.doc.Roles.of(kind).Bytes
	for _, f := range e.filesOf(kind) {
		size, known := e.Next.Bytes[f.role]
		most := e.mostBytes(f.body.Type(), limit)
		switch {
		case !known:
			e.lacks()
		case size > most:
			e.mendable(f)(place{f.role, f.path}, fmt.Sprintf("%d bytes", size), fmt.Sprintf("at most %d", most))
		case limit.Advised != 0 && size > int64(limit.Advised):
			e.advise(place{f.role, f.path}, fmt.Sprintf("%d bytes", size), fmt.Sprintf("at most %d, as advised", limit.Advised))
		}
	}
}

// mostBytes is the smaller of the policy's limit and the format's.
func (e *exam) mostBytes(t roles.Type, limit AtMost) int64 {
	most := e.Format.MaxBytes(t)
	if limit.Max != 0 {
		most = min(most, int64(limit.Max))
	}
	return most
}
