package policies

import (
	"fmt"
	"slices"
)

var rootRotations = check{CheckInfo{
	ID:       "ROOT-ROTATIONS",
	Severity: Error,
	Title:    "a vehicle can walk from the first root to the newest in one go",
	Hint:     "let the factory install a newer root, and sign fewer roots: clients stop after 256 and then hold a stale one",
	Sources:  []string{"TUF-014"},
	Waivable: true,
}, func(e *exam) {
	if e.Next.Root == nil {
		e.lacks()
		return
	}
	first := int64(1)
	if len(e.Roots) > 0 {
		first = slices.Min(e.Roots)
	}
	steps, limit := e.Next.Root.Version-first, e.policy.doc.Rotations
	at := e.role("root").at("version")
	switch {
	case limit.Max != 0 && steps > int64(limit.Max):
		e.report(at, fmt.Sprintf("%d rotations after the oldest root", steps), fmt.Sprintf("at most %d", limit.Max))
	case limit.Advised != 0 && steps > int64(limit.Advised):
		e.advise(at, fmt.Sprintf("%d rotations after the oldest root", steps), fmt.Sprintf("at most %d, as advised", limit.Advised))
	}
}}
