package ceremonies

import (
	"cmp"
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/ledger"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// Past is what the ceremonies of a repository signed, by their transcripts: the
// workspace's ledger.
type Past struct {
	newest  map[string]Signature    // by role
	stated  map[version][]Signature // that were signed, or perhaps signed
	keys    map[place][]ledger.Signature
	missing map[string]bool // roles of a repository that was taken over without their files
	left    map[digest.SHA256]Left
	own     string   // the name of this site
	Open    []string // ceremonies that began and did not end
	Planned []string // ceremonies that did not begin
}

// Signature is a version that a ceremony signed.
type Signature struct {
	transcript.Mark
	Ceremony string
}

// Newest is the highest version of a role that any ceremony signed.
func (p *Past) Newest(role string) (Signature, bool) {
	s, ok := p.newest[role]
	return s, ok
}

// Roles are those of which a version was signed.
func (p *Past) Roles() []string { return slices.Sorted(maps.Keys(p.newest)) }

// ReadPast reads what came of the ceremonies of a repository, all repositories
// for "". Of one that has ended it reads the last line, once. The ceremony called
// except is left out.
func ReadPast(ws *workspace.Workspace, repository, except string) (*Past, error) {
	return readPast(ws, repository, except, func(*disk.Folder, string) bool { return false })
}

// ReadUnfinished is ReadPast of all repositories, for who asks nothing of the ceremonies
// that are finished: of those it finds out no more than that they are. Those that sealed
// an emergency kit it reads.
func ReadUnfinished(ws *workspace.Workspace) (*Past, error) {
	return readPast(ws, "", "", isFinished)
}

// isFinished says whether all sites that have begun a ceremony have finished it. Where
// anything is odd they have not, and who looks closer says what it is.
func isFinished(all *disk.Folder, name string) bool {
	sites, err := all.List(name)
	finished := false
	for _, site := range sites {
		if !disk.Names.MatchString(site) {
			continue
		}
		ended, readErr := transcript.IsFinished(all, path.Join(name, site))
		if errors.Is(readErr, fs.ErrNotExist) {
			continue // a folder without a transcript
		}
		if finished = ended; !ended {
			return false
		}
	}
	return finished && err == nil
}

func readPast(ws *workspace.Workspace, repository, except string, passOver func(all *disk.Folder, name string) bool) (*Past, error) {
	p := &Past{newest: map[string]Signature{}, stated: map[version][]Signature{}, keys: map[place][]ledger.Signature{}, missing: map[string]bool{}, left: map[digest.SHA256]Left{}}
	var err error
	if p.own, err = ws.SiteName(); err != nil {
		return nil, err
	}
	if err := p.addAll(ws, repository, except, passOver); err != nil {
		return nil, err
	}
	return p, p.addCustody(ws, repository)
}

func (p *Past) addAll(ws *workspace.Workspace, repository, except string, passOver func(all *disk.Folder, name string) bool) error {
	names, err := Names(ws)
	if err != nil || len(names) == 0 {
		return err
	}
	all, err := ws.Folder.Sub(dir)
	if err != nil {
		return err
	}
	defer all.Close()
	for _, name := range names {
		of, err := RepositoryOf(name)
		if err != nil || name == except || repository != "" && of != repository {
			continue // not a ceremony's folder, or of no concern
		}
		if passOver(all, name) {
			continue
		}
		if err := p.add(ws, all, name); err != nil {
			return err
		}
	}
	return nil
}

// addCustody adds what was taken in from elsewhere, and the ledgers that people
// began again: a version that a token knows is taken, whoever has its file.
func (p *Past) addCustody(ws *workspace.Workspace, repository string) error {
	events, err := transcript.ReadCustody(ws.Folder)
	for _, e := range events {
		switch d := e.Data.(type) {
		case transcript.Adopted:
			delete(p.left, d.Fingerprint)
		case transcript.Destroyed:
			delete(p.left, d.Fingerprint)
		}
		if d, ok := e.Data.(transcript.Imported); ok && (repository == "" || d.Repository == repository) {
			p.note("import of "+d.Repository, e.Time, d.Files)
			p.imported(d)
		}
		if d, ok := e.Data.(transcript.Restated); ok && (repository == "" || d.Repository == repository) {
			by := []transcript.MarkedKey{{Key: d.Fingerprint, Record: d.Record, RecordHash: d.RecordHash}}
			p.note("ledger adopt of "+d.Key, e.Time, []transcript.Mark{{Role: d.Role, Version: d.Version, SHA256: d.SHA256, By: by}})
		}
	}
	return err
}

// imported remembers which files are yet to be taken in.
func (p *Past) imported(d transcript.Imported) {
	for _, role := range d.Missing {
		p.missing[role] = true
	}
	for _, m := range d.Files {
		delete(p.missing, m.Role)
	}
}

// add reads what the sites did of a ceremony. It is open while this site has begun and
// not ended it; where this site has no part, until one has finished it or all that
// began have ended.
func (p *Past) add(ws *workspace.Workspace, all *disk.Folder, name string) error {
	// Where anything is odd it is not over, and what is below says what it is.
	if over, err := over(ws, all, name); err == nil && over != nil {
		for _, site := range over {
			p.note(name, site.Time, site.Marks)
		}
		return nil
	}
	sites, err := Sites(ws, name)
	if err != nil {
		return err
	}
	var own part
	begun, open, finished := false, false, false
	for _, site := range sites {
		part, err := p.addSite(ws, name, site)
		if err != nil {
			return err
		}
		if site == p.own {
			own = part
		}
		begun, open, finished = begun || part.begun, open || part.begun && !part.ended, finished || part.finished
	}
	if own.begun {
		open = !own.ended
	} else {
		open = open && !finished
	}
	switch {
	case !begun:
		p.Planned = append(p.Planned, name)
	case open:
		p.Open = append(p.Open, name)
	}
	return nil
}

// part is how far a site came.
type part struct{ begun, ended, finished bool }

func (p *Past) addSite(ws *workspace.Workspace, name, site string) (part, error) {
	dir := SiteDir(name, site)
	end, err := transcript.End(ws.Folder, dir)
	if errors.Is(err, fs.ErrNotExist) {
		return part{}, nil // a folder without a transcript
	}
	if err != nil {
		return part{}, err
	}
	if end != nil {
		if _, marks, ended := end.Ended(); ended {
			p.note(name, end.Time, marks)
			_, finished := end.Data.(transcript.Finished)
			return part{true, true, finished}, p.leftBy(ws, name, site, finished)
		}
	}
	events, err := transcript.Read(ws.Folder, dir)
	if err != nil && end == nil { // torn by a crash: the next run of it says so
		return part{begun: true}, nil
	}
	if err == nil {
		p.note(name, lastTime(events), transcript.Marks(events))
	}
	return part{begun: true}, err
}

func lastTime(events []transcript.Event) (t time.Time) {
	if len(events) > 0 {
		t = events[len(events)-1].Time
	}
	return t
}

func (p *Past) note(ceremony string, at time.Time, marks []transcript.Mark) {
	for _, m := range marks {
		v := version{m.Role, m.Version}
		p.stated[v] = append(p.stated[v], Signature{m, ceremony})
		for _, by := range m.By {
			s := ledger.Signature{Version: m.Version, Signed: m.SHA256, Time: at, Where: ceremony, Seq: uint64(by.Record), Record: by.RecordHash}
			p.remember(place{by.Key, m.Role}, s)
		}
		before, there := p.newest[m.Role]
		if !there || cmp.Or(cmp.Compare(m.Version, before.Version), compare(m.Placed, before.Placed)) > 0 {
			p.newest[m.Role] = Signature{m, ceremony}
		}
	}
}

// version is one version of one role.
type version struct {
	role   string
	number int64
}

// Signed says whether a ceremony signed a version of a role, or perhaps did.
func (p *Past) Signed(role string, number int64) bool {
	return len(p.stated[version{role, number}]) > 0
}

// At are the ceremonies that signed a version of a role, or perhaps did.
func (p *Past) At(role string, number int64) []Signature { return p.stated[version{role, number}] }

// Sealed are the emergency kits that ceremonies sealed.
func (p *Past) Sealed() (list []Signature) {
	for _, signed := range p.stated {
		list = append(list, slices.DeleteFunc(slices.Clone(signed), func(s Signature) bool { return s.Kit == "" })...)
	}
	slices.SortFunc(list, func(a, b Signature) int { return strings.Compare(a.Ceremony, b.Ceremony) })
	return list
}

// place is one key in one role.
type place struct {
	key  digest.SHA256
	role string
}

// remember keeps, of what a key signed, the highest version, in all its forms, and
// the newest record.
func (p *Past) remember(at place, s ledger.Signature) {
	same := func(other ledger.Signature) bool {
		return other.Version == s.Version && other.Signed == s.Signed && other.Seq == s.Seq && other.Record == s.Record
	}
	if slices.ContainsFunc(p.keys[at], same) {
		return // another site's transcript, or a copy
	}
	list := append(p.keys[at], s)
	highest, newest := s, s
	for _, other := range list {
		if other.Version > highest.Version {
			highest = other
		}
		if other.Seq > newest.Seq {
			newest = other
		}
	}
	p.keys[at] = slices.DeleteFunc(list, func(other ledger.Signature) bool {
		return other.Version < highest.Version && other.Seq < newest.Seq
	})
}

// Signatures are what a key signed in a role: the workspace's ledger.
func (p *Past) Signatures(key digest.SHA256, role string) []ledger.Signature {
	return slices.Clone(p.keys[place{key, role}])
}

func compare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// Missing says whether a repository was taken over without the file of a role.
func (p *Past) Missing(role string) bool { return p.missing[role] }
