package simulate

import (
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/uptane/keyrite/roles"
)

// Publication is what a repository serves, and what it will serve next.
type Publication struct {
	Repository string
	Format     roles.Format
	Director   bool
	Now        time.Time         // when vehicles visit
	Roots      []*roles.Foreseen // that were published, from version 1
	Served     roles.Served      // all that is published now, by name
	Known      []Edition         // of all roles but root, as vehicles may remember them
	Steps      []Step
	Top        bool   // vehicles look at the files of top-level roles alone
	Other      *Other // what the other repository publishes; nil where nothing is known of it
}

// Other is the other one of Director and Image repository, as it is published now: a
// vehicle with full verification holds each against the other (Uptane Standard 2.1.0
// §5.4.4.2).
type Other struct {
	Repository string
	Roots      []*roles.Foreseen
	Served     roles.Served
}

// Edition is one version of the file of a role.
type Edition struct {
	Role string
	File *roles.Foreseen
}

// Step is one file that is put online.
type Step struct {
	Step    int    `json:"step"` // of the publication, from 1
	Role    string `json:"role"`
	Version int64  `json:"version"`
	Name    string `json:"name"`             // below the metadata folder
	Server  bool   `json:"server,omitempty"` // a server signs it

	file *roles.Foreseen
}

// Add appends a file to what will be published.
func (p *Publication) Add(role, name string, server bool, f *roles.Foreseen) {
	p.Steps = append(p.Steps, Step{len(p.Steps) + 1, role, f.Head().Version, name, server, f})
}

// rank is the order in which files are put online: what nothing points to before what
// points to it (TUF 1.0.34 §6.3, Uptane Standard 2.1.0 §5.2.7). Root comes when all is
// there but timestamp, since vehicles obey it at once.
func (s Step) rank() int {
	return slices.Index([]string{"targets", "snapshot", "root", "timestamp"}, s.Role) // delegated roles: -1, first
}

// inOrder are the steps in the order of publication.
func (p *Publication) inOrder() []Step {
	steps := slices.Clone(p.Steps)
	slices.SortStableFunc(steps, func(a, b Step) int { return a.rank() - b.rank() })
	for i := range steps {
		steps[i].Step = i + 1
	}
	return steps
}

// after is what is served once some steps were taken.
func (p *Publication) after(steps []Step) roles.Served {
	served := maps.Clone(p.Served)
	if served == nil {
		served = roles.Served{}
	}
	for _, s := range steps {
		served[s.Name] = s.file
	}
	return served
}

// newest are the versions that a vehicle has once it came along, by role; some are of
// files that stay as they are.
func (p *Publication) newest() iter.Seq2[string, int64] {
	served := p.after(p.Steps)
	return func(yield func(string, int64) bool) {
		for _, t := range roles.TopLevel {
			if version := served.Newest(string(t)); version > 0 && !yield(string(t), version) {
				return
			}
		}
	}
}

// roots are those that are published and those that come.
func (p *Publication) roots() []*roles.Foreseen {
	roots := slices.Clone(p.Roots)
	for _, s := range p.Steps {
		if s.Role == "root" {
			roots = append(roots, s.file)
		}
	}
	return roots
}
