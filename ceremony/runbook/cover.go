package runbook

import (
	"fmt"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/policies"
)

// cover is R1: what is printed here authenticates the plan and the room, since
// nobody who changes files can change it.
func (s *script) cover() page.Section {
	return page.Section{Mark: "R1", Title: "Runbook", Blocks: []page.Block{
		&page.Cover{Over: "Runbook of a key ceremony, REAL", Title: s.Plan.Fleet, Under: s.Plan.Ceremony, Sentence: orNone(s.Plan.Reason)},
		page.Facts{
			{Name: "repository", Value: s.Plan.Repository + ", format " + s.Plan.Format + "; plan made " + utc(s.Plan.Created)},
			{Name: "runbook-id", Value: groups(s.id), Mono: true},
			{Name: "made by", Value: "keyrite " + s.tool + "; language: English"},
			{Name: "date, place, start UTC"},
			{Name: "copy number, held by"},
		},
		hashGrid("PLAN in words (SHA-256 of plan.yaml). No screen ever shows them.", s.sum),
		hashGrid("ROOM in words (SHA-256 of site.yaml). No screen ever shows them.", s.site.SHA256()),
	}}
}

func orNone(reason string) string {
	if reason == "" {
		return "no reason was given"
	}
	return reason
}

func hashGrid(caption string, sum digest.SHA256) *page.Grid {
	return &page.Grid{Caption: caption, Words: sum.Words(), Hash: groups(sum.String())}
}

// groups cuts digits into fours.
func groups(text string) string {
	out := ""
	for ; len(text) > 4; text = text[4:] {
		out += text[:4] + " "
	}
	return out + text
}

// printCheck is what makes the paper worth more than the disk that it was printed
// from.
func (s *script) printCheck() page.Section {
	return page.Section{Title: "Print check, approval, rehearsal, copies", Blocks: []page.Block{
		&page.Text{Text: "Two people print this paper from two checkouts on two machines, and compare the runbook-id and all 32 words of the plan and of the room. The runbook-id is the SHA-256 of this HTML file with 64 underscores in its place (and eight at the foot of each page)."},
		&page.Table{Columns: []page.Column{{Head: "Print check by", Width: 50}, {Head: "Machine", Width: 40}, {Head: "32 of 32 plan words equal", Width: 27}, {Head: "32 of 32 room words equal", Width: 27}, {Head: "Runbook-id equal", Width: 26}},
			Rows: [][]string{{"", "", "", "", ""}, {"", "", "", "", ""}}},
		&page.Table{Columns: []page.Column{{Head: "Approved to hold: name", Width: 60}, {Head: "Function", Width: 60}, {Head: "Reference", Width: 50}}, Rows: [][]string{{"", "", ""}}},
		page.Facts{{Name: "rehearsed on (UTC)"}, {Name: "head of the rehearsal"}},
		&page.Table{Columns: []page.Column{{Head: "Copy", Width: 20}, {Head: "Held by", Width: 75}, {Head: "Official", Width: 75}}, Rows: [][]string{
			{"1", "internal witness, who never types", "yes: this one is filed"}, {"2", "external witness", "no"}, {"3", "ceremony administrator", "no"}}},
		page.Signatures{"administrator", "approver", "print checker 1", "print checker 2"},
	}}
}

// rules are how the paper is filled in.
func rules() page.Section {
	list := []string{
		"Ballpoint only. A mistake gets one line through it, the right value beside it, two initials, UTC and the reason.",
		"A spoilt page gets a diagonal, VOID and two initials, and stays.",
		"An unused box gets a dash and initials. An unticked box is an exception.",
		"Nobody is alone with a token. A token leaves its bag only before its custodian and a witness.",
		"No PIN on paper, aloud, or on camera. Everybody looks away while one is typed.",
		"Dates are 2026-11-22, times 14:05 UTC, by the one visible clock.",
		"Serial numbers are read in full, and read back.",
		"If the screen differs from this paper by one character: stop, and take an exception sheet (R10). " + blankRule,
		"Crossed reading: the custodian reads words from the SCREEN, the external witness follows on PAPER. Never one person for both.",
		"Exceptions change physical steps only. What is signed changes only through a new plan and a new paper.",
	}
	table := &page.Table{Columns: []page.Column{{Head: "", Width: 10}, {Head: "Rule", Width: 160}}}
	for i, rule := range list {
		table.Rows = append(table.Rows, []string{fmt.Sprint(i + 1), rule})
	}
	return page.Section{Title: "How to use this paper", Blocks: []page.Block{table}}
}

const blankRule = "A blank (________) stands for what nobody can know before."

// people is R2.
func (s *script) people() page.Section {
	duties := &page.Table{Columns: []page.Column{{Head: "Short", Width: 18}, {Head: "Part", Width: 62}, {Head: "Least", Width: 16}, {Head: "Does", Width: 74}}}
	trust := s.Scene.Trust.People
	duties.Rows = append(duties.Rows, []string{administrator, "ceremony administrator", atLeast(trust.Administrator), "leads, types commands, decides on exceptions"})
	for _, name := range s.parts.names {
		duties.Rows = append(duties.Rows, []string{s.parts.short[name], name, "1", s.duties(name) + ": consents and types the PIN of the own token"})
	}
	duties.Rows = append(duties.Rows,
		[]string{internalWitness, "internal witness", atLeast(trust.Witnesses), "keeps the official copy, never types; agrees to exceptions"},
		[]string{externalWitness, "external witness", atLeast(trust.ExternalWitnesses), "follows words on paper; may object to an exception"})
	sign := &page.Table{Columns: []page.Column{{Head: "Short", Width: 16}, {Head: "Name", Width: 44}, {Head: "Organisation", Width: 30}, {Head: "ID shown", Width: 22}, {Head: "In UTC", Width: 18}, {Head: "Out UTC", Width: 18}, {Head: "Initials", Width: 22}}}
	for _, part := range s.everyPart() {
		sign.Rows = append(sign.Rows, []string{part[0], s.nameOf(part[1], 0), "", "", "", "", ""})
	}
	sign.Rows = append(sign.Rows, []string{"", "", "", "", "", "", ""})
	return page.Section{Mark: "R2", Title: "People", Blocks: []page.Block{
		duties,
		&page.Text{Text: "Never one person: administrator and witness; custodian and witness; custodians of two keys that count for one threshold, if that is avoidable."},
		sign,
		&page.Text{Text: "Handwriting of the official copy: digits 0 to 9, capital letters A to Z"},
		page.Ruled(2),
	}}
}

// everyPart are the parts, by their short names and in full.
func (s *script) everyPart() [][2]string {
	list := [][2]string{{administrator, string(policies.Administrator)}}
	for _, name := range s.parts.names {
		list = append(list, [2]string{s.parts.short[name], name})
	}
	return append(list, [2]string{internalWitness, string(policies.Witness)}, [2]string{externalWitness, string(policies.ExternalWitness)})
}

func atLeast(n int) string { return fmt.Sprint(max(1, n)) }

// roomSection is R3.
func (s *script) roomSection() page.Section {
	check := &page.Table{Columns: []page.Column{{Head: "Check", Width: 96}, {Head: "Found", Width: 34}, {Head: "UTC", Width: 20}, {Head: "Initials", Width: 20}}}
	for _, what := range []string{"entries of the door log, reference", "cameras run, from UTC", "telephones and radios are outside", "evacuation was explained", "wall clock against an independent source, offset in s", "machine's clock against the wall clock, offset in s", "no network: no cable, no radio, keyrite preflight says so"} {
		check.Rows = append(check.Rows, []string{what, "", "", ""})
	}
	return page.Section{Mark: "R3", Title: "Room, and who sits where", Blocks: []page.Block{check,
		&page.Text{Text: "Who sits where (draw: table, machine, screen, cameras, door, every part by its short name)"}, page.Ruled(7),
		page.Signatures{"internal witness", "external witness"}}}
}

// inventory is R4: count before anything is opened.
func (s *script) inventory() page.Section {
	tokens := &page.Table{Columns: []page.Column{{Head: "Token", Width: 28}, {Head: "Serial number", Width: 36, Mono: true}, {Head: "Custodian, keys", Width: 44}, {Head: "Bag number found", Width: 32}, {Head: "Seal whole", Width: 15}, {Head: "Here", Width: 15}}}
	for _, name := range s.tokensOf() {
		uri := s.site.Tokens[name].URI
		if token, err := s.site.Token(name); err == nil && token.URI.Serial != "" {
			uri = token.URI.Serial
		}
		tokens.Rows = append(tokens.Rows, []string{name, uri, s.holders(name), "", "", ""})
	}
	modules := page.Facts{}
	for _, name := range s.site.ModuleNames() {
		m := s.site.Modules[name]
		sum := "NOT PINNED in site.yaml"
		if m.SHA256 != "" {
			sum = groups(m.SHA256)
		}
		modules = append(modules, page.Fact{Name: "module " + name, Value: m.Path, Strong: true}, page.Fact{Name: "its SHA-256", Value: sum, Mono: true})
	}
	things := &page.Table{Columns: []page.Column{{Head: "Thing", Width: 70}, {Head: "Number or label found", Width: 60}, {Head: "Here", Width: 20}, {Head: "Initials", Width: 20}}}
	for _, what := range []string{"machine, serial number", "boot image, SHA-256 compared by two people", "stick that brings in, its colour and label", "stick that takes out, its colour and label", "readers and cables, how many", "new bags, how many, first and last number", "nothing else is on the table"} {
		things.Rows = append(things.Rows, []string{what, "", "", ""})
	}
	return page.Section{Mark: "R4", Title: "Inventory, before anything is opened", Blocks: []page.Block{tokens, modules, things, page.Signatures{"custodians", "internal witness"}}}
}

// holders are the custodians and keys of a token.
func (s *script) holders(token string) string {
	var who, keys []string
	for _, step := range s.Plan.Steps {
		if step.Key == "" || s.site.Keys[step.Key] != token {
			continue
		}
		who, keys = addOnce(who, s.custodian(step.Key)), addOnce(keys, step.Key)
	}
	if len(keys) == 0 {
		return "confirms keys that it holds"
	}
	return words.List(who) + ": " + words.List(keys)
}

func addOnce(list []string, text string) []string {
	for _, other := range list {
		if other == text {
			return list
		}
	}
	return append(list, text)
}
