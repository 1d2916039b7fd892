package record

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/uptane/keyrite/ceremony/authority"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/roles"
)

// signedFiles is A5: what was signed, by whom, and whether it counts.
func (s *source) signedFiles() page.Section {
	section := page.Section{Mark: "A5", Title: "Signed files", Flows: true}
	for i := range s.files {
		section.Blocks = append(section.Blocks, s.fileBlocks(&s.files[i])...)
	}
	if len(s.files) == 0 {
		section.Blocks = []page.Block{&page.Text{Text: "none"}}
	}
	return section
}

func (s *source) fileBlocks(f *signedFile) []page.Block {
	p := f.planned
	facts := page.Facts{
		{Name: fmt.Sprintf("%s %d", p.Role, p.Version), Value: fmt.Sprintf("%s; %s; expires %s", p.Path, p.Why, roles.FormatTime(p.Expires)), Strong: true},
		{Name: "signatures count", Value: s.counts(p)},
	}
	if f.written != nil {
		facts = append(facts, page.Fact{Name: "whole file, SHA-256", Value: Hex(f.written.SHA256), Mono: true})
		if published := digest.Of(f.file.Published()); published != f.written.SHA256 {
			facts = append(facts, page.Fact{Name: "as it is published", Value: Hex(published), Mono: true})
		}
	} else {
		facts = append(facts, page.Fact{Name: "in place", Value: "NO: it was not written"})
	}
	if f.sum.IsZero() {
		return []page.Block{facts, &page.Text{Text: "It was not reviewed, and nobody signed it.", Strong: true}}
	}
	return []page.Block{facts, hashGrid(fmt.Sprintf("Bytes to sign of %s %d, in words", p.Role, p.Version), f.sum), s.signatureTable(f)}
}

func (s *source) signatureTable(f *signedFile) *page.Table {
	table := &page.Table{Columns: []page.Column{{Head: "Step", Width: 12}, {Head: "UTC", Width: 34}, {Head: "Key", Width: 30},
		{Head: "Token, serial", Width: 36, Mono: true}, {Head: "Consent by", Width: 34}, {Head: "Verified again", Width: 24}}}
	for _, g := range f.signatures {
		table.Rows = append(table.Rows, []string{fmt.Sprint(g.line.Step), g.line.Time.Format(layout), g.Key, where(g), consent(g), s.again(f, g)})
	}
	return table
}

// where is the token that signed, or that none here did.
func where(g signature) string {
	if g.External {
		return "none: brought in by hand"
	}
	return cmp.Or(g.token, "not told")
}

// consent is who agreed to a signature; of one that was made elsewhere nobody here did.
func consent(g signature) string { return choose(g.External, "not asked here", g.who) }

// again verifies a signature once more, with the key of the key's record.
func (s *source) again(f *signedFile, g signature) string {
	if f.file == nil {
		return "not in a file"
	}
	key, err := roles.NewKey(s.format, s.keys[g.Key].PublicKey())
	if err != nil {
		return "NO: " + err.Error()
	}
	value, err := base64.StdEncoding.Strict().DecodeString(g.Signature)
	if err == nil {
		err = roles.VerifySignature(key, f.file.Signed, value)
	}
	if err != nil {
		return "NO: " + err.Error()
	}
	return "yes"
}

// counts says for what the signatures of a file count, and how many there are, as
// the plan has it and as they were given.
func (s *source) counts(file plan.File) string {
	var parts []string
	given := map[string]int{}
	planned := map[string]int{}
	var order []string
	f := s.fileOf(file.Role)
	for _, step := range s.plan.Steps {
		if step.Do != plan.Sign || step.Role != file.Role {
			continue
		}
		for _, quorum := range step.CountsFor {
			if planned[quorum] == 0 {
				order = append(order, quorum)
			}
			planned[quorum]++
			for _, g := range f.signatures {
				if g.Key == step.Key {
					given[quorum]++
				}
			}
		}
	}
	for _, quorum := range order {
		parts = append(parts, fmt.Sprintf("for %s: %d given, %d planned%s", quorum, given[quorum], planned[quorum], s.threshold(quorum)))
	}
	return cmp.Or(strings.Join(parts, "; "), words.List(nil))
}

// threshold is how many signatures a quorum needs, where its root is known.
func (s *source) threshold(quorum string) string {
	set := s.after
	if quorum == "previous root" {
		set = s.before
	}
	role := quorum
	if quorum == "previous root" || quorum == "new root" {
		role = "root"
	}
	for _, r := range authority.Of(set) {
		if r.Name == role {
			return fmt.Sprintf(", %d needed", r.Threshold)
		}
	}
	return ""
}
