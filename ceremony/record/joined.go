package record

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/ceremony/tell"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// JoinedFile is the name of the record of all sites, in the folder of the one that made
// it.
const JoinedFile = "joined.html"

// joined is a ceremony that several sites held: what each did, and what came of all.
type joined struct {
	all   *source   // every line, in the order of time
	parts []*source // by the names of sites
}

// MakeJoined makes one record of what every site did whose transcript is here. The same
// transcripts make the same bytes, wherever they are brought together.
func MakeJoined(files workspace.Files, ceremony string) (*page.Document, error) {
	names, err := TranscriptsOf(files, ceremony)
	if err != nil {
		return nil, err
	}
	j := &joined{}
	for _, name := range names {
		part, err := read(files, name)
		if err != nil {
			return nil, err
		}
		j.parts = append(j.parts, part)
	}
	if len(j.parts) == 0 {
		return nil, fault.Errorf(fault.Incomplete, "%s has not begun", ceremony)
	}
	j.join()
	return j.document(), nil
}

// siteOf is the site of a part.
func siteOf(s *source) string { return path.Base(s.chain.Name) }

// join lays the parts together.
func (j *joined) join() {
	first := j.parts[0]
	all := *first
	all.keys, all.after, all.events, all.sites = maps.Clone(first.keys), maps.Clone(first.after), nil, nil
	all.files = slices.Clone(first.files)
	type at struct {
		transcript.Event
		site string
	}
	var lines []at
	for _, part := range j.parts {
		maps.Copy(all.keys, part.keys)
		for role, file := range part.after {
			if old := all.after[role]; old == nil || roles.HeadOf(old.Body).Version < roles.HeadOf(file.Body).Version {
				all.after[role] = file
			}
		}
		for _, e := range part.events {
			lines = append(lines, at{e, siteOf(part)})
		}
	}
	slices.SortStableFunc(lines, func(a, b at) int { return a.Time.Compare(b.Time) })
	for _, l := range lines {
		all.events, all.sites = append(all.events, l.Event), append(all.sites, l.site)
	}
	for i := range all.files {
		all.files[i] = j.file(i)
	}
	j.all = &all
}

// file is one signed file: with the signatures of every site, those first of which the
// site that made them tells.
func (j *joined) file(i int) signedFile {
	f := j.parts[0].files[i]
	f.signatures = nil
	for _, own := range []bool{true, false} {
		for _, part := range j.parts {
			of := part.files[i]
			if f.written == nil {
				f.written, f.file = of.written, of.file
			}
			if f.sum.IsZero() {
				f.sum = of.sum
			}
			for _, s := range of.signatures {
				if s.received != own {
					f.add(s)
				}
			}
		}
	}
	slices.SortStableFunc(f.signatures, func(a, b signature) int { return a.line.Step - b.line.Step })
	return f
}

// document sets the sections: what is of a site for each, what is of the ceremony once.
func (j *joined) document() *page.Document {
	d := &page.Document{
		Title: "Record of " + j.all.plan.Ceremony + ", all sites",
		Band:  j.all.band(),
		Foot:  fmt.Sprintf("%s · record of %s, all sites", j.all.plan.Fleet, j.all.plan.Ceremony),
		Size:  10,
	}
	d.Sections = []page.Section{
		j.identity(), j.each((*source).people), j.each((*source).equipment), j.all.keysSection(), j.all.signedFiles(), j.all.trust(), j.all.findings(),
		j.each((*source).deviations), j.each((*source).rehearsal), j.all.withoutKeyrite(), j.chronicle(),
	}
	d.Sections = append(d.Sections, byHand()...)
	return d
}

// each is a section that every site has.
func (j *joined) each(of func(*source) page.Section) (section page.Section) {
	for i, part := range j.parts {
		own := of(part)
		if i == 0 {
			section = own
			section.Blocks = nil
		}
		section.Blocks = append(append(section.Blocks, &page.Text{Text: "At " + siteOf(part), Strong: true}), own.Blocks...)
	}
	return section
}

// identity is A1: the ceremony once, each site with its room and the head of its chain.
func (j *joined) identity() page.Section {
	p := j.all.plan
	section := page.Section{Mark: "A1", Title: "Which ceremony, and how it ended", Blocks: []page.Block{
		&page.Cover{Over: "Record of a key ceremony at " + words.Count(len(j.parts), "site"), Title: p.Fleet, Under: p.Ceremony, Sentence: j.verdict()},
		&page.Text{Text: "Part A (A1 to A11) follows from the transcripts of all sites and from what they and the plan state by hash; the same transcripts have the same part A, byte for byte. Each transcript is a chain of its own. Empty boxes, and part B, are filled in by hand."},
		page.Facts{
			{Name: "repository", Value: p.Repository + ", format " + p.Format},
			{Name: "reason", Value: cmp.Or(p.Reason, "none was given")},
			{Name: "plan made", Value: p.Created.Format(layout) + " at " + p.Room.Site},
			{Name: "sites", Value: words.List(j.sites())},
			{Name: "sites without a transcript here", Value: words.List(j.absent())},
			{Name: "keep until"},
		},
		hashGrid("Plan, in words (plan.yaml)", j.all.sum),
	}}
	for _, part := range j.parts {
		section.Blocks = append(section.Blocks, part.siteBlocks()...)
	}
	return section
}

// siteBlocks say how one site held its part.
func (s *source) siteBlocks() []page.Block {
	first, last := s.events[0], s.events[len(s.events)-1]
	facts := page.Facts{
		{Name: "site", Value: siteOf(s) + ", " + s.chain.State.Words(), Strong: true},
		{Name: "held", Value: first.Time.Format(layout) + " to " + last.Time.Format(layout)},
		{Name: "head of the transcript", Value: Hex(s.chain.Head), Mono: true},
	}
	return []page.Block{append(append(facts, s.witnessFacts()...), page.Fact{Name: "runbook-id (its cover)"}, s.tool()),
		hashGrid("Room of "+siteOf(s)+", in words (site.yaml)", s.room()), s.witnessGrid()}
}

func (j *joined) sites() (names []string) {
	for _, part := range j.parts {
		names = append(names, siteOf(part))
	}
	return names
}

// absent are sites of the plan of which no transcript is here.
func (j *joined) absent() []string {
	return slices.DeleteFunc(j.all.plan.Sites(), func(site string) bool { return slices.Contains(j.sites(), site) })
}

// verdict is the ceremony in one sentence: it is as good as the worst of its parts.
func (j *joined) verdict() string {
	chain := *j.all.chain
	for _, part := range j.parts {
		if part.chain.State == ceremonies.Aborted || part.chain.State != ceremonies.Finished && chain.State != ceremonies.Aborted {
			chain.State = part.chain.State
		}
	}
	if len(j.absent()) > 0 && chain.State == ceremonies.Finished {
		chain.State = ceremonies.UnderWay
	}
	all := *j.all
	all.chain = &chain
	return all.verdict()
}

// chronicle is A11: every line, in the order of time, and what each witness wrote down.
func (j *joined) chronicle() page.Section {
	section := page.Section{Mark: "A11", Title: "Chronicle"}
	for _, part := range j.parts {
		section.Blocks = append(section.Blocks, &page.Text{Text: "At " + siteOf(part), Strong: true}, part.checkpoints())
	}
	table := &page.Table{Columns: []page.Column{{Head: "Site, line", Width: 24}, {Head: "UTC", Width: 34}, {Head: "Step", Width: 11}, {Head: "Who", Width: 18}, {Head: "What", Width: 83}}}
	for i, e := range j.all.events {
		table.Rows = append(table.Rows, []string{fmt.Sprintf("%s %d", j.all.sites[i], e.Seq), e.Time.Format(layout), choose(e.Step > 0, fmt.Sprint(e.Step), "–"), e.Actor, tell.Event(e.Data)})
	}
	section.Blocks = append(section.Blocks, table)
	return section
}
