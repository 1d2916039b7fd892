package transcript

// What people said and did.

// Asked is a question to one person: the phrase that stands for yes.
type Asked struct {
	Who    string `json:"who,omitempty"`    // custodian, as trust.yaml calls them
	Name   string `json:"name,omitempty"`   // of the person, by the roll-call
	What   string `json:"what,omitempty"`   // they are asked to do, where the phrase does not say
	Phrase string `json:"phrase"`           // to be typed
	Places []int  `json:"places,omitempty"` // where the words of the phrase stand in the hash that was shown, 1 to 32
}

// Agreed is the phrase, given.
type Agreed struct {
	Phrase string `json:"phrase"`
}

// Mistyped is something else, which was asked for again. What was typed stands
// nowhere: it may have been a PIN.
type Mistyped struct {
	Phrase string `json:"phrase"` // that was asked for
	Word   int    `json:"word"`   // the first that differs, from 1
}

// Declined is a no.
type Declined struct {
	Phrase string `json:"phrase"` // that was asked for
}

// Arrived is a person who takes a part in the room.
type Arrived struct {
	Name string `json:"name"`
	Part string `json:"part"` // administrator, internal witness, external witness, or a custodian
}

// Left is one who went away.
type Left struct {
	Name string `json:"name"`
	Part string `json:"part"`
}

// Equipped is what was plugged in when the roll was called.
type Equipped struct {
	Tokens []Equipment `json:"tokens"`
}

// Equipment is a token that the ceremony needs.
type Equipment struct {
	Token    string `json:"token"` // name in site.yaml
	Here     bool   `json:"here"`
	Serial   string `json:"serial,omitempty"`
	Label    string `json:"label,omitempty"`
	Model    string `json:"model,omitempty"`
	Firmware string `json:"firmware,omitempty"`
}

// Unbagged is a token that was taken out of its bag.
type Unbagged struct {
	Token string `json:"token"` // name in site.yaml
	Bag   string `json:"bag"`   // its number, as typed
}

// Bagged is a token that was put into a bag.
type Bagged struct {
	Token string `json:"token"`
	Bag   string `json:"bag"`
}

// Exception is something that went otherwise than the paper has it, told by a
// person. Its sheet holds the rest.
type Exception struct {
	Number int    `json:"number"` // of the sheet, from 1
	Text   string `json:"text"`
}

// Unattended is consent without a person: what site.yaml allows a token, or anything
// that is fake.
type Unattended struct {
	Phrase string   `json:"phrase"`
	Token  string   `json:"token"` // name in site.yaml
	Roles  []string `json:"roles"`
	Fake   bool     `json:"fake,omitempty"` // in a rehearsal, whatever site.yaml says
}
