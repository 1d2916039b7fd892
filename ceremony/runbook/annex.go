package runbook

import "github.com/uptane/keyrite/ceremony/page"

// branches is the first part of R11: what to do when something fails. The decision
// is the administrator's; the external witness may object.
func branches() page.Section {
	table := &page.Table{Columns: []page.Column{{Head: "", Width: 10}, {Head: "If", Width: 40}, {Head: "Then", Width: 120}}, Rows: [][]string{
		{"A", "wrong PIN", "keyrite never tries a PIN twice. Read the tries left aloud. Ask the custodian “again?”, then keyrite run. With one try left a phrase is asked for: decide together. Locked: stop, use another officer's key in a new plan."},
		{"B", "wrong phrase, or none", "Nothing was done in this step. Compare what was typed with the screen, character by character. Go on with keyrite run. It stands in the record."},
		{"C", "words differ, or are refused", "Do not type, do not switch off. The plan, the room or the transcript is not the one of the paper. Photograph the screen. Compare with the second copy. Equal to it: this copy is wrong. Else stop: somebody has changed a file."},
		{"D", "token missing, bag or seal wrong", "Do not use the token. Its keys count as lost: another officer, or a new plan without it. The administrator tells the security role today."},
		{"E", "power lost, machine dead", "Log the time. Tokens stay where they are, before two people. Start again with the same boot image and keyrite run: two words of the head are asked for. What is done stays done; a step that was cut short is shown and asked again."},
		{"F", "person gone", "Stop at the end of the step. A token whose custodian is gone is bagged by two witnesses. With fewer people than the parts need, take a break (R7) or stop."},
		{"G", "keyrite refuses", "Write down the whole text and the exit code: 2 wrong usage, 3 policy, 4 something was changed, 5 not complete, 6 token. Follow its hint only if it fits this paper. Never edit a file in the room."},
		{"H", "stop for good", "keyrite abort, with the reason in words. Write the head into R8, close as R8 says. What was signed stays signed; nothing of it is published by that."},
	}}
	return page.Section{Mark: "R11", Title: "If something fails", Blocks: []page.Block{table}}
}

// spelling is the alphabet for serial numbers, beside the rules.
func spelling() page.Section {
	table := &page.Table{Columns: []page.Column{{Head: "Say", Width: 42}, {Head: "Say", Width: 42}, {Head: "Say", Width: 43}, {Head: "Say", Width: 43}}, Rows: [][]string{
		{"0 zero", "4 four", "8 eight", "c Charlie"}, {"1 one", "5 fife", "9 niner", "d Delta"}, {"2 two", "6 six", "a Alfa", "e Echo"}, {"3 tree", "7 seven", "b Bravo", "f Foxtrot"},
	}}
	return page.Section{Title: "Digits aloud", Flows: true, Blocks: []page.Block{table}}
}

// glossary explains the words of the paper to those who hold one for the first
// time.
func glossary() page.Section {
	table := &page.Table{Columns: []page.Column{{Head: "Word", Width: 34}, {Head: "Means", Width: 136}}, Rows: [][]string{
		{"plan", "plan.yaml: what this ceremony does. It follows from trust.yaml and from what is signed; its hash stands on the cover in words."},
		{"room", "site.yaml: the modules and tokens that are here. Its hash stands on the cover in words."},
		{"transcript", "the chained record of everything that happened, line by line."},
		{"head", "the hash of the newest line of the transcript. On the witness's paper it fixes everything before it."},
		{"root", "the file that says which keys sign for which role. Vehicles follow from one version to the next."},
		{"threshold", "how many different keys must sign a file, so that it counts: 2 of 3."},
		{"token", "the device that holds a private key and never gives it away."},
		{"PIN", "what only a token's custodian knows. It is never on paper."},
		{"phrase", "the exact text that stands for yes. Anything else is no."},
		{"fingerprint", "the SHA-256 of a public key, in digits or in words."},
		{"finding, waiver", "what the policy did not like; that somebody set it aside, with name and reason."},
		{"crossed reading", "one reads from the screen, another follows on paper."},
	}}
	photos := &page.Table{Columns: []page.Column{{Head: "Photograph, attachment", Width: 100}, {Head: "Number", Width: 35}, {Head: "UTC", Width: 35}}}
	for range 6 {
		photos.Rows = append(photos.Rows, []string{"", "", ""})
	}
	return page.Section{Title: "Glossary, photographs, attachments", Flows: true, Blocks: []page.Block{table, photos}}
}
