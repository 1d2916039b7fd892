package generate

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/uptane/keyrite/roles"
)

// Case is one repository that clients judge.
type Case struct {
	Name    string
	Says    string // what it is, in words
	Good    bool   // whether a client has to accept it
	Profile Profile
	// Delegation says that only the delegated role tells.
	Delegation bool
	// ClientOnly says that only a client tells, with its clock, its memory and
	// its downloads; a server that validates uploads cannot.
	ClientOnly bool
	// Remembers says that the client has seen the honest repository before.
	Remembers bool
	// Before changes what the client has seen before; nil leaves it honest.
	Before func(*Repository)
	// Bend changes the honest repository; nil leaves it as it is.
	Bend func(*Repository)
}

// plain is what every TUF client can read: Ed25519 and an exact path.
var plain = Profile{roles.TUF, []kind{ed25519Key}, "app.bin", "app.bin"}

// otace is what OTA Community Edition reads.
var otace = Profile{roles.OTACE, []kind{ed25519Key}, "apps/app.bin", "apps/*"}

// Cases lists all repositories in the order of the table.
func Cases() []Case {
	return slices.Concat(
		with(plain, "", good()), with(plain, "", recovered()), keyTypes(), with(plain, "", bad()), with(plain, "", robbedAgain()), spellings(),
		with(otace, "ota-ce-", good()), with(otace, "ota-ce-", recovered()), rsaAtOTACE(), with(otace, "ota-ce-", bad()), with(otace, "ota-ce-", robbedAgain()),
	)
}

func with(p Profile, prefix string, cases []Case) []Case {
	for i := range cases {
		cases[i].Profile, cases[i].Name = p, prefix+cases[i].Name
	}
	return cases
}

// Write makes the case in a folder: root.json is the trusted root, before/ the
// honest repository and now/ the one to judge, which is the same but for what
// was bent.
func (c Case) Write(dir string) error {
	r, err := Honest(c.Profile)
	if err != nil {
		return err
	}
	if c.Before != nil {
		c.Before(r)
	}
	before := filepath.Join(dir, "before")
	if err := r.Publish(before); err != nil {
		return err
	}
	root, err := os.ReadFile(filepath.Join(before, "metadata", "1.root.json"))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "root.json"), root, 0o644)
	}
	if err != nil {
		return err
	}
	if c.Bend != nil {
		c.Bend(r)
	}
	return r.Publish(filepath.Join(dir, "now"))
}
