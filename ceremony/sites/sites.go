package sites

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// Others are the parts of all sites but one.
type Others struct {
	plan  *plan.Plan
	parts map[string]*Part
}

// Read reads the parts of a ceremony that lie here, but that of the own site.
func Read(files workspace.Files, p *plan.Plan, sum digest.SHA256, own string) (*Others, error) {
	o := &Others{p, map[string]*Part{}}
	names, err := ceremonies.Sites(files, p.Ceremony)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if name == own {
			continue
		}
		part, err := ReadPart(files, p, sum, name)
		if err != nil {
			return nil, err
		}
		o.parts[name] = part
	}
	return o, nil
}

// Parts are those that are here, by name.
func (o *Others) Parts() []*Part {
	list := make([]*Part, 0, len(o.parts))
	for _, name := range slices.Sorted(maps.Keys(o.parts)) {
		list = append(list, o.parts[name])
	}
	return list
}

// None says whether nothing of another site is here.
func (o *Others) None() bool { return len(o.parts) == 0 }

// Key is the record of a key that the site of a step made, nil while it is not here.
func (o *Others) Key(s plan.Step) *Record {
	if part := o.parts[o.plan.SiteOf(s)]; part != nil {
		if record, made := part.keys[s.Key]; made {
			return &record
		}
	}
	return nil
}

// Signature is that of a step, nil while it is not here. Of a site that has closed its
// part none counts. One that was brought in by hand may lie at any site, and then once.
func (o *Others) Signature(s plan.Step) (*Signature, error) {
	var found *Signature
	for _, part := range o.Parts() {
		signature, made := part.signatures[s.Step]
		switch {
		case !made:
		case part.Aborted() != nil:
			return nil, wrong(signature.File, fault.Errorf(fault.Unverified, "%s: is of a ceremony that %s has aborted: %s", signature.File, part.Site, part.Aborted().Because).
				Hint("close it here too: keyrite abort %s --reason TEXT", o.plan.Ceremony))
		case found != nil && found.Signed != signature.Signed:
			return nil, wrong(signature.File, fault.Errorf(fault.Unverified, "%s: step %d has another signature already, %s; want one", signature.File, s.Step, found.File).
				Hint("move one of them away; which one vehicles get must be the same at every site"))
		default:
			found = &signature
		}
	}
	return found, nil
}

// Closed is an error when some site has closed the ceremony for all.
func (o *Others) Closed() error {
	for _, part := range o.Parts() {
		if a := part.Aborted(); a != nil && a.All {
			return fault.Errorf(fault.Failed, "%s was aborted for all sites, by %s: %s", o.plan.Ceremony, part.Site, a.Because).
				Hint("close it here too: keyrite abort %s --reason TEXT", o.plan.Ceremony)
		}
	}
	return nil
}

// Last is the newest time that a transcript of another site states, and where.
func (o *Others) Last() (last time.Time, where string) {
	for _, part := range o.Parts() {
		for _, e := range part.Events {
			if e.Time.After(last) {
				last, where = e.Time, fmt.Sprintf("%s/%s:%d", ceremonies.SiteDir(o.plan.Ceremony, part.Site), transcript.File, e.Seq)
			}
		}
	}
	return last, where
}
