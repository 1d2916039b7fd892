package policies

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// Policy is a set of limits in force. It is made by New or Preset and does not
// change.
type Policy struct {
	name  string
	doc   Document // complete: the document over all that it extends
	lines []Line
}

// Name is the preset's name, marked when a document changes it.
func (p *Policy) Name() string { return p.name }

// Renew is how long before its expiry a new version of a role's file is due; 0
// where the policy does not say.
func (p *Policy) Renew(role string) time.Duration { return time.Duration(p.doc.Roles.of(role).Renew) }

//go:embed presets/*.yaml
var presetFiles embed.FS

// Presets names the policies that keyrite comes with: for the Image repository,
// for the Director, for a first fleet, and for plain TUF repositories.
func Presets() []string { return []string{"uptane-image", "uptane-director", "uptane-small", "tuf"} }

// Preset returns the policy of that name.
func Preset(name string) (*Policy, error) {
	if !slices.Contains(Presets(), name) {
		return nil, fmt.Errorf("policy is %q, want one of %s", name, strings.Join(Presets(), ", "))
	}
	data, err := presetFiles.ReadFile("presets/" + name + ".yaml")
	if err != nil {
		return nil, err
	}
	var doc Document
	if err := decodeOnto(&doc, data); err != nil {
		return nil, fmt.Errorf("preset %s: %w", name, err)
	}
	return build(name, doc)
}

// New returns the policy that a document asks for. Errors name the fields of
// the document, all of them at once: a limit that is looser than the preset's
// and not accounted for in `loosen`, an entry of `loosen` that loosens nothing
// or names no reason or person, ids and types that do not exist, and limits
// that contradict each other.
func New(doc Document) (*Policy, error) {
	if doc.Extends == "" {
		return nil, fmt.Errorf("policy: extends is missing, want one of %s", strings.Join(Presets(), ", "))
	}
	return build(doc.Extends+", changed", doc)
}

// build puts a document over what it extends.
func build(name string, doc Document) (*Policy, error) {
	if doc.Version != 1 {
		return nil, fmt.Errorf("policy: version is %d, want 1", doc.Version)
	}
	base := &Policy{}
	if doc.Extends != "" {
		var err error
		if base, err = Preset(doc.Extends); err != nil {
			return nil, fmt.Errorf("policy: extends: %w", err)
		}
	}
	p := &Policy{name: name, doc: base.doc}
	changes, err := yaml.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	if err := decodeOnto(&p.doc, changes); err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	problems := slices.Concat(doc.checkNames(), p.doc.checkLimits(), p.accountFor(base, &doc))
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return p, nil
}

// decodeOnto reads a document strictly; what it leaves out keeps its value.
func decodeOnto(doc *Document, data []byte) error {
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	return d.Decode(doc)
}

// accountFor records where each line comes from and demands a name and a reason
// for every line that is looser than before.
func (p *Policy) accountFor(base *Policy, changes *Document) (problems []error) {
	before, changed := map[string]Line{}, map[string]bool{}
	for _, l := range base.lines {
		before[l.Field] = l
	}
	for _, s := range changes.settings() {
		changed[s.field] = s.value != ""
	}
	looser := map[string]bool{} // by check
	for _, s := range p.doc.settings() {
		old, known := before[s.field]
		line := Line{Field: s.field, Value: s.value, Check: s.check, Origin: old.Origin, Loosened: old.Loosened, strict: s.strict}
		if changed[s.field] {
			line.Origin, line.Loosened = p.name, nil
		}
		if changes.Extends != "" && s.strict < strictness(old, known, s) {
			looser[s.check] = true
			if line.Loosened = changes.loosened(s.check); line.Loosened == nil {
				problems = append(problems, fmt.Errorf("policy: %s is %s, want %s, as in %s; or an entry of loosen for %s with a reason and a person",
					s.field, s.value, old.wanted(), changes.Extends, s.check))
			}
		}
		p.lines = append(p.lines, line)
	}
	return append(problems, changes.checkLoosen(looser)...)
}

// checkLoosen refuses entries that are not valid or loosen nothing.
func (d *Document) checkLoosen(looser map[string]bool) (problems []error) {
	for i, w := range d.Loosen {
		if why := w.problem(); why != "" {
			problems = append(problems, fmt.Errorf("policy: loosen[%d] is %s", i, why))
		} else if !looser[w.Check] {
			problems = append(problems, fmt.Errorf("policy: loosen[%d] is for %s, of which nothing is looser than before", i, w.Check))
		}
	}
	return problems
}

// strictness is how strict a line was before. A severity that was not set is
// that of the check itself.
func strictness(old Line, known bool, now setting) int64 {
	if known {
		return old.strict
	}
	if c := checkByID(now.check); c != nil && strings.HasPrefix(now.field, "severity.") {
		return word("", "", c.Severity, severities).strict
	}
	return now.strict
}

// loosened is the entry of loosen for a check, nil when there is none.
func (d *Document) loosened(check string) *Waiver {
	for _, w := range d.Loosen {
		if w.Check == check && w.problem() == "" {
			return &w
		}
	}
	return nil
}

// checkNames refuses ids and types that do not exist: a misspelt one would
// limit nothing.
func (d *Document) checkNames() (problems []error) {
	for id := range d.Severity {
		if checkByID(id) == nil {
			problems = append(problems, fmt.Errorf("policy: severity.%s is for no check", id))
		}
	}
	for kind := range d.KeyTypes {
		if !slices.Contains(keyTypes, kind) {
			problems = append(problems, fmt.Errorf("policy: key-types.%s is no key type, want one of %s", kind, strings.Join(keyTypes, ", ")))
		}
	}
	slices.SortFunc(problems, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return problems
}

// checkLimits refuses limits that no ceremony could meet.
func (d *Document) checkLimits() (problems []error) {
	refuse := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("policy: "+format, args...))
	}
	for _, role := range roleNames {
		l := d.Roles.of(role)
		if min(l.Keys.Min, l.Keys.Advised, l.Threshold.Min, l.Threshold.Advised, l.Bytes.Max, l.Bytes.Advised) < 0 {
			refuse("roles.%s has a negative number, want none", role)
		}
		if l.Lifetime.Max != 0 && l.Lifetime.Min > l.Lifetime.Max {
			refuse("roles.%s.lifetime.min is %s, want at most max, %s", role, l.Lifetime.Min, l.Lifetime.Max)
		}
		if l.Lifetime.Min != 0 && l.Renew >= l.Lifetime.Min {
			refuse("roles.%s.renew is %s, want less than lifetime.min, %s", role, l.Renew, l.Lifetime.Min)
		}
	}
	if depth := d.Delegations.Depth; depth != nil && *depth < 0 {
		refuse("delegations.depth is %d, want at least 0", *depth)
	}
	if d.Rotations.Max < 0 || d.Rotations.Advised < 0 {
		refuse("rotations has a negative number, want none")
	}
	return problems
}
