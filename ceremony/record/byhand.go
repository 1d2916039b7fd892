package record

import "github.com/uptane/keyrite/ceremony/page"

// byHand is part B: what no tool knows.
func byHand() []page.Section {
	attachments := &page.Table{Columns: []page.Column{{Head: "Attachment", Width: 60}, {Head: "Number", Width: 20}, {Head: "SHA-256 or reference", Width: 50}, {Head: "Kept at", Width: 40}}}
	for _, what := range []string{"scan of the official paper", "video, camera 1", "video, camera 2", "photographs", "attestation certificates", "boot image", "logs of the system", "certificates of destruction", "door log", "site.yaml"} {
		attachments.Rows = append(attachments.Rows, []string{what, "", "", ""})
	}
	return []page.Section{
		{Mark: "B1", Title: "Exception sheets", Blocks: []page.Block{page.Facts{{Name: "sheets used"}, {Name: "agree with A8 (yes/no)"}}}},
		{Mark: "B2", Title: "Head, copied from the witness's paper", Flows: true, Blocks: []page.Block{
			&page.Grid{Caption: "Copied by hand, then compared with A1: all 32 words"},
			page.Facts{{Name: "equal (yes/no), by whom"}},
		}},
		{Mark: "B3", Title: "Attachments", Blocks: []page.Block{attachments}},
		{Mark: "B4", Title: "HSM certificate and mode", Flows: true, Blocks: []page.Block{page.Facts{{Name: "certificate, number"}, {Name: "mode of operation"}}}},
		{Mark: "B5", Title: "Controls of the room that were in force", Blocks: []page.Block{page.Facts{{Name: "access"}, {Name: "cameras"}, {Name: "network, telephones"}, {Name: "clock compared with"}}}},
		{Mark: "B6", Title: "Declaration", Flows: true, Blocks: []page.Block{
			&page.Text{Text: "We were present as stated in A2. The script was followed, except as stated in A8 and on the exception sheets. This record is true to what we saw. Whoever does not agree writes so, and why, below the line."},
			page.Signatures{"ceremony administrator", "internal witness", "external witness", "security role", "person independent of management", "crypto officer", "crypto officer", "crypto officer"},
			page.Ruled(4),
		}},
	}
}
