package frontdoor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/audit"
	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/horizon"
	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/roles"
)

// Title begins the title of every such page, by which a later one may take its place.
const Title = "Status of "

// shown is how many rows a table has at most: a repository may have thousands of
// delegations, and roots for centuries.
const shown = 200

// door is the page in the making.
type door struct {
	*audit.Site
	status  *audit.Status
	repo    audit.RepositoryStatus
	horizon *horizon.Horizon
}

// Paper is the page. The same repository at the same time makes the same page.
func Paper(status *audit.Status, site *audit.Site, h *horizon.Horizon) *page.Document {
	d := door{site, status, status.Repositories[0], h}
	at := roles.FormatTime(h.At)
	name := strings.TrimSpace(status.Fleet + " " + d.repo.Name)
	doc := &page.Document{Title: Title + name, Foot: fmt.Sprintf("Made by keyrite status --site at %s, from what was served then and from nothing else.", at), Size: 11}
	doc.Sections = []page.Section{
		{Blocks: []page.Block{&page.Cover{Over: cmp.Or(status.Fleet, "repository"), Title: d.repo.Name, Under: "as served at " + at, Sentence: d.verdict()}}},
		{Title: "What is served", Blocks: d.served()},
		{Title: "Who may change it", Blocks: d.trusted()},
		{Title: "Chain of roots", Blocks: d.roots()},
	}
	if len(site.Ceremonies) > 0 {
		doc.Sections = append(doc.Sections, page.Section{Title: "How it came about", Blocks: d.ceremonies()})
	}
	doc.Sections = append(doc.Sections, page.Section{Title: "Verify it yourself", Blocks: d.verify()})
	return doc
}

// verdict is what a client would say, in one sentence.
func (d door) verdict() string {
	var expired, lost []string
	for _, r := range d.repo.Roles {
		if r.Overdue {
			expired = append(expired, fmt.Sprintf("%s %d", r.Role, r.Version))
		}
	}
	for _, l := range d.repo.Lost {
		lost = append(lost, l.Role)
	}
	switch {
	case d.Unverified != "":
		return "CLIENTS REFUSE what is served here: " + d.Unverified
	case expired != nil:
		return "EXPIRED: " + words.List(some(expired)) + ". Clients refuse it until it is signed anew."
	case len(d.Server) > 0:
		return fmt.Sprintf("Not complete: a server has yet to sign %s.", words.List(typeNames(d.Server)))
	case lost != nil:
		return "Clients accept it, but for what is delegated to " + words.List(some(lost)) + "."
	}
	next := d.horizon.Items[0]
	return fmt.Sprintf("Clients accept it. The first to expire is %s %d, on %s, in %s.", next.Role, next.Version, next.Expires.Format(time.DateOnly), next.In)
}

func typeNames(list []roles.Type) (names []string) {
	for _, t := range list {
		names = append(names, string(t))
	}
	return names
}

// some are the first of a list that may be long.
func some(list []string) []string {
	const most = 8
	if len(list) > most {
		return append(slices.Clone(list[:most]), words.Count(len(list)-most, "other"))
	}
	return list
}

// served is each file: until when it is good, who signed it, how many images it lists.
func (d door) served() []page.Block {
	t := &page.Table{Columns: []page.Column{{Head: "role", Width: 32}, {Head: "version", Width: 18}, {Head: "expires", Width: 44}, {Head: "signed by", Width: 56}, {Head: "images", Width: 20}}}
	for _, r := range d.repo.Roles {
		left := "in " + r.In
		if r.Overdue {
			left = "EXPIRED"
		}
		t.Rows = append(t.Rows, []string{r.Role, fmt.Sprint(r.Version), fmt.Sprintf("%s, %s", roles.FormatTime(r.Expires), left), words.List(some(r.SignedBy)), images(r)})
	}
	blocks := append([]page.Block{d.horizon.Timeline()}, cut(t)...)
	for _, l := range d.repo.Lost {
		blocks = append(blocks, &page.Text{Text: l.Text(d.repo.Name), Strong: true})
	}
	return append(blocks, &page.Text{Text: fmt.Sprintf("Images that clients find: %d.", d.Images)})
}

func images(r audit.RoleStatus) string {
	if r.Role == "root" || r.Role == "snapshot" || r.Role == "timestamp" {
		return "–"
	}
	return fmt.Sprint(r.Images)
}

// cut leaves out what is too much to read, and says how much.
func cut(t *page.Table) []page.Block {
	more := len(t.Rows) - shown
	if more <= 0 {
		return []page.Block{t}
	}
	t.Rows = t.Rows[:shown]
	return []page.Block{t, &page.Text{Text: fmt.Sprintf("And %d more.", more)}}
}

// trusted is how many of which keys sign each role.
func (d door) trusted() []page.Block {
	t := &page.Table{Columns: []page.Column{{Head: "role", Width: 40}, {Head: "signatures needed", Width: 30}, {Head: "of the keys", Width: 100}}}
	for _, r := range d.repo.Roles {
		t.Rows = append(t.Rows, []string{r.Role, fmt.Sprintf("%d of %d", r.Threshold, len(r.Keys)), words.List(some(r.Keys))})
	}
	return cut(t)
}

// roots is the chain, newest first.
func (d door) roots() []page.Block {
	t := &page.Table{Columns: []page.Column{{Head: "root", Width: 18}, {Head: "expires", Width: 26}, {Head: "signed by", Width: 46}, {Head: "SHA-256 of the file", Width: 80, Mono: true}}}
	for _, r := range slices.Backward(d.Roots) {
		var signed []string
		for _, s := range r.Signed {
			signed = append(signed, fmt.Sprintf("%s: %d of %d needed by %s", words.List(slices.Sorted(slices.Values(s.Keys))), len(s.Keys), s.Threshold, s.By))
		}
		t.Rows = append(t.Rows, []string{fmt.Sprint(r.Version), r.Expires.Format(time.DateOnly), strings.Join(signed, "; "), r.SHA256.String()})
	}
	return cut(t)
}

// ceremonies are those that the evidence proves, newest first.
func (d door) ceremonies() []page.Block {
	t := &page.Table{Columns: []page.Column{{Head: "ceremony", Width: 46}, {Head: "ended", Width: 34}, {Head: "watched by", Width: 40}, {Head: "head of its transcript", Width: 50, Mono: true}}}
	for _, c := range slices.Backward(d.Ceremonies) {
		var watched []string
		for _, w := range c.Witnesses {
			watched = append(watched, w.Witness)
		}
		ended := roles.FormatTime(c.Last)
		if c.State != ceremonies.Finished {
			ended = c.State.Words()
		}
		t.Rows = append(t.Rows, []string{c.Name, ended, cmp.Or(words.List(watched), "nobody who signed"), c.Head.String()})
	}
	return cut(t)
}

// verify is how somebody who trusts neither this page nor who serves it finds out.
func (d door) verify() []page.Block {
	root := fmt.Sprintf("%d.root.json", d.Trusted.Version)
	begin := "This page was made with a root that whoever made it had already."
	if !d.Given {
		begin = "This page was made with nothing but what is served here."
	}
	return []page.Block{
		&page.Text{Text: begin + " Whoever can change what is served can change this page too: it proves nothing. Take the first root, compare its words with those that you got on another way, by telephone or on paper, and verify the rest from it."},
		&page.Grid{Caption: fmt.Sprintf("Root %d, %s, in words", d.Trusted.Version, root), Hash: d.Trusted.SHA256.String(), Words: d.Trusted.SHA256.Words()},
		&page.Verbatim{Label: "In a copy of what is served, metadata/ and targets/ below it", Text: fmt.Sprintf("sha256sum metadata/%s\nkeyrite verify . --trusted-root metadata/%s", root, root)},
	}
}
