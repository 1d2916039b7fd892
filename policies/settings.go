package policies

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// setting is one line of a policy: a field of a document, its value and the
// check that enforces it. Lines can be compared because each value has a
// strictness.
type setting struct {
	field  string // as in the file
	check  string
	value  string // "" when nothing is set
	strict int64  // higher is stricter; math.MinInt64 when nothing is set
}

// settings lists all lines of a document, set or not, always in the same order.
func (d *Document) settings() []setting {
	var all []setting
	for _, role := range roleNames {
		all = append(all, d.Roles.of(role).settings("roles."+role, strings.ToUpper(role))...)
	}
	for _, kind := range keyTypes {
		all = append(all, word("key-types."+kind, "KEY-TYPE", d.KeyTypes[kind], verdicts))
	}
	depth := setting{"delegations.depth", "DELEGATION-DEPTH", "", math.MinInt64}
	if d.Delegations.Depth != nil {
		depth.value, depth.strict = strconv.Itoa(*d.Delegations.Depth), -int64(*d.Delegations.Depth)
	}
	all = append(all, depth,
		word("images.hardware-ids", "IMAGE-HARDWARE", d.Images.HardwareIDs, needs),
		word("images.release-counters", "IMAGE-COUNTER", d.Images.ReleaseCounters, needs),
		upper("rotations.advised", "ROOT-ROTATIONS", d.Rotations.Advised),
		upper("rotations.max", "ROOT-ROTATIONS", d.Rotations.Max))
	for _, id := range slices.Sorted(maps.Keys(d.Severity)) {
		all = append(all, word("severity."+id, id, d.Severity[id], severities))
	}
	return all
}

func (l *RoleLimit) settings(field, id string) []setting {
	return []setting{
		lower(field+".keys.min", id+"-KEYS", l.Keys.Min),
		lower(field+".keys.advised", id+"-KEYS", l.Keys.Advised),
		lower(field+".threshold.min", id+"-THRESHOLD", l.Threshold.Min),
		lower(field+".threshold.advised", id+"-THRESHOLD", l.Threshold.Advised),
		lower(field+".lifetime.min", id+"-LIFETIME", l.Lifetime.Min),
		upper(field+".lifetime.advised", id+"-LIFETIME", l.Lifetime.Advised),
		upper(field+".lifetime.max", id+"-LIFETIME", l.Lifetime.Max),
		lower(field+".renew", "RENEWAL", l.Renew),
		word(field+".custody", id+"-CUSTODY", l.Custody, custodies),
		word(field+".unattended", id+"-UNATTENDED", l.Unattended, permissions),
		upper(field+".bytes.advised", id+"-SIZE", l.Bytes.Advised),
		upper(field+".bytes.max", id+"-SIZE", l.Bytes.Max),
	}
}

// roleNames are the roles as policies divide them.
var roleNames = []string{"root", "targets", "snapshot", "timestamp", "delegated"}

// roleWords are what people call a kind of role.
var roleWords = map[string]string{"root": "root", "targets": "targets", "snapshot": "snapshot", "timestamp": "timestamp", "delegated": "delegated roles"}

// of returns the limits of a role; all roles but the top-level ones are
// delegated.
func (r *RoleLimits) of(role string) *RoleLimit {
	switch role {
	case "root":
		return &r.Root
	case "targets":
		return &r.Targets
	case "snapshot":
		return &r.Snapshot
	case "timestamp":
		return &r.Timestamp
	}
	return &r.Delegated
}

// lower is a lower limit: a higher one is stricter.
func lower[N int | Lifetime](field, check string, n N) setting {
	if n == 0 {
		return setting{field, check, "", math.MinInt64}
	}
	return setting{field, check, quantity(n), int64(n)}
}

// upper is an upper limit: a lower one is stricter.
func upper[N int | Lifetime](field, check string, n N) setting {
	s := lower(field, check, n)
	if n != 0 {
		s.strict = -s.strict
	}
	return s
}

// word is one of a list of words, the laxest of which stands first.
func word[W ~string](field, check string, w W, words []string) setting {
	if w == "" {
		return setting{field, check, "", math.MinInt64}
	}
	return setting{field, check, string(w), int64(slices.Index(words, string(w)))}
}

func quantity[N int | Lifetime](n N) string {
	if l, ok := any(n).(Lifetime); ok {
		return l.String()
	}
	return strconv.Itoa(int(n))
}
