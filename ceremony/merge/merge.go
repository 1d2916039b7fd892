package merge

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/sites"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// Result is what became of what was brought.
type Result struct {
	Ceremony string   `json:"ceremony"`
	Taken    []string `json:"taken"`          // files that were not here, or are longer now
	Here     []string `json:"here,omitempty"` // that were here already
	Left     []string `json:"left,omitempty"` // that no site needs from another
	// Unverified are signatures whose bytes nobody here knows yet: keyrite run verifies
	// them before they count.
	Unverified []string `json:"unverified,omitempty"`
}

// Take takes in what is brought: folders of workspaces, of ceremonies or of sites,
// parcels, single signatures and records of keys, scanned frames and pictures of them.
func Take(ws *workspace.Workspace, ceremony string, sources []string) (r *Result, err error) {
	p, sum, err := plan.Read(ws, ceremony)
	if err != nil {
		return nil, err
	}
	lock, err := ws.Lock(p.Repository)
	if err != nil {
		return nil, err
	}
	defer func() {
		if closeErr := lock.Close(); err == nil {
			err = closeErr
		}
	}()
	site, err := ws.Site()
	if err != nil {
		return nil, err
	}
	b := &bag{plan: p, sum: sum, places: map[string]int{}}
	if err := b.read(sources); err != nil {
		return nil, err
	}
	m := &merger{ws: ws, plan: p, sum: sum, own: site.Name, bag: b, result: &Result{Ceremony: ceremony, Taken: []string{}, Left: b.left}}
	return m.result, m.merge()
}

// merger is one merge.
type merger struct {
	ws     *workspace.Workspace
	plan   *plan.Plan
	sum    digest.SHA256
	own    string
	bag    *bag
	writes []write
	result *Result
}

// write is one file that is to be written; old is what it holds now, of a transcript
// that goes on.
type write struct {
	name      string
	old, data []byte
}

func (m *merger) merge() error {
	if err := m.ownOpen(); err != nil {
		return err
	}
	for _, item := range m.bag.items {
		if err := m.compare(item); err != nil {
			return err
		}
	}
	aborted, err := m.check()
	if err != nil {
		return err
	}
	for _, w := range m.writes {
		if aborted != nil && path.Base(w.name) != transcript.File {
			continue
		}
		if err := m.write(w); err != nil {
			return err
		}
		m.result.Taken = append(m.result.Taken, w.name)
	}
	return aborted
}

// ownOpen refuses to take anything into a ceremony that this site has closed.
func (m *merger) ownOpen() error {
	part, err := sites.ReadPart(m.ws, m.plan, m.sum, m.own)
	if err != nil {
		return err
	}
	if a := part.Aborted(); a != nil {
		return fault.Errorf(fault.Failed, "%s was aborted here: %s", m.plan.Ceremony, a.Because).Hint("make a new plan: keyrite plan %s", m.plan.Repository)
	}
	return nil
}

// compare holds one file against what lies here under its name.
func (m *merger) compare(i item) error {
	name := i.place(m.plan.Ceremony)
	if i.rel == custodyFile {
		if _, err := transcript.Parse(i.from, i.data); err != nil {
			return err
		}
	}
	there, err := m.ws.Exists(name)
	if err != nil {
		return err
	}
	var old []byte
	if there {
		if old, err = m.ws.Read(name, maxItem); err != nil {
			return err
		}
	}
	switch {
	case there && (bytes.Equal(old, i.data) || i.grows() && bytes.HasPrefix(old, i.data)):
		m.result.Here = append(m.result.Here, name)
	case i.site == m.own:
		return fault.Errorf(fault.Unverified, "%s: has something of this site, %s, that is not here", i.from, m.own).
			Hint("either this disk was put back to an older state, or another site is called %s too: find out which before anything else is signed", m.own)
	case !there:
		m.writes = append(m.writes, write{name, nil, i.data})
	case i.grows() && bytes.HasPrefix(i.data, old):
		m.writes = append(m.writes, write{name, old, i.data})
	default:
		return fault.Errorf(fault.Unverified, "%s: is not the %s that is here; got SHA-256 %s, want %s", i.from, name, digest.Of(i.data), digest.Of(old)).
			Hint("one of the two was changed: compare both with %s by voice; nothing was taken in", i.site)
	}
	return nil
}

// check reads the parts of all sites as they would be, and verifies what can be. Of a
// site that has closed its part only the transcript comes in, and aborted says so.
func (m *merger) check() (aborted, err error) {
	files := m.after()
	for _, w := range m.writes {
		site := path.Base(strings.TrimPrefix(path.Dir(w.name), ceremonies.Dir(m.plan.Ceremony)+"/"))
		if !slices.Contains(m.plan.Sites(), site) && path.Base(w.name) == transcript.File {
			return nil, fault.Errorf(fault.Unverified, "%s: no step of the plan is for a site of that name, want one of %s", w.name, words.List(m.plan.Sites()))
		}
	}
	others, err := sites.Read(files, m.plan, m.sum, m.own)
	if err != nil {
		return nil, m.named(err)
	}
	for _, part := range others.Parts() {
		if a := part.Aborted(); a != nil {
			aborted = errAborted(m.plan.Ceremony, part.Site, a, m.writesOf(part.Site))
		}
	}
	if aborted != nil {
		return aborted, nil
	}
	if err := m.keys(others); err != nil {
		return nil, err
	}
	return nil, m.signatures(files, others)
}

func errAborted(ceremony, site string, a *transcript.Aborted, brought []string) error {
	what := "the ceremony"
	if len(brought) > 0 {
		what = words.List(brought)
	}
	return fault.Errorf(fault.Unverified, "%s: %s has aborted %s: %s; no signature of it counts", what, site, ceremony, a.Because).
		Hint("close it here too: keyrite abort %s --reason TEXT", ceremony)
}

// writesOf are the files of a site that would be written, but its transcript.
func (m *merger) writesOf(site string) (names []string) {
	for _, w := range m.writes {
		if strings.HasPrefix(w.name, ceremonies.SiteDir(m.plan.Ceremony, site)+"/") && path.Base(w.name) != transcript.File {
			names = append(names, w.name)
		}
	}
	return names
}

func (m *merger) write(w write) error {
	if w.old != nil {
		return m.ws.Rewrite(w.name, w.old, w.data)
	}
	return m.ws.Create(w.name, w.data)
}

// named adds to an error of a file, which is not here yet, who brought it.
func (m *merger) named(err error) error {
	if wrong := (*sites.Wrong)(nil); errors.As(err, &wrong) {
		return m.in(wrong.File, err)
	}
	return err
}

// in is named, of an error of that file.
func (m *merger) in(file string, err error) error {
	i := slices.IndexFunc(m.bag.items, func(i item) bool { return i.place(m.plan.Ceremony) == file })
	if i < 0 {
		return err
	}
	return &fault.Error{Code: fault.CodeOf(err), Err: fmt.Errorf("%s: %w", m.bag.items[i].from, err), Hints: fault.Hints(err)}
}
