package plan

import (
	"fmt"

	"github.com/uptane/keyrite/ceremony/words"
)

// Notice is what vehicles notice of keys that change, or what a server does when a file
// is published.
type Notice struct {
	Roles  []string `yaml:"roles,flow" json:"roles"`                 // whose keys, or whose images
	Out    []string `yaml:"out,omitempty,flow" json:"out,omitempty"` // names of keys that go
	In     []string `yaml:"in,omitempty,flow" json:"in,omitempty"`   // names of keys that come
	File   string   `yaml:"file" json:"file"`                        // root, or the targets role that delegates
	From   int64    `yaml:"from" json:"from"`                        // the version of it from which on this holds
	Effect Effect   `yaml:"effect" json:"effect"`
}

// Effect is what is noticed or done.
type Effect string

const (
	Follows       Effect = "follow the chain of roots"
	Unseen        Effect = "see the new root with the next image only"
	Forgets       Effect = "forget snapshot and timestamp"
	MayForget     Effect = "differ in what they forget"
	NewSigners    Effect = "take targets by the new keys only"
	NewSupplier   Effect = "take the delegated file by the new keys only"
	KeyServer     Effect = "the key server deletes private keys"
	ForgetsAtAll  Effect = "aktualizr forgets all but root"
	ImagesDropped Effect = "the server deletes omitted images"
)

// texts say each effect in a sentence. The clauses are those of the design's
// requirements: UPT-011, UPT-042, UPT-051, UPT-054, DBP-020, DBP-036, DBP-053, C8, C9,
// C30.
var texts = map[Effect]string{
	Follows:       "every vehicle takes it by the old keys and the new ones, however long it was away, if all roots stay published",
	Unseen:        "a vehicle looks at the Image repository only when the Director has something new for it: assign an image, if only a dummy under a new path, to one ECU of each vehicle (Deployment Best Practices, Rotating an Image repository Root key)",
	Forgets:       "every vehicle forgets the snapshot and timestamp that it remembers, and takes their versions from 1 on (Uptane Standard 2.1.0 §5.4.4.3, 4)",
	MayForget:     "vehicles differ: by the Standard they forget snapshot and timestamp, many forget only files that the new root's keys did not sign; keep versions rising",
	NewSigners:    "vehicles refuse targets signed by the old keys alone: publish both together",
	NewSupplier:   "vehicles refuse the role's file without signatures by the new keys, and those that remember its version want a higher one: publish both together",
	KeyServer:     "OTA CE's key server deletes the online private keys that the new root does not list",
	ForgetsAtAll:  "aktualizr forgets all metadata but root, and fetches the rest again",
	ImagesDropped: "OTA CE's server deletes what it stores of the images that targets list no more: keep those that deltas are made from (Deployment Best Practices, Backup and garbage collection)",
}

// Head says from which file on, and which keys change.
func (n Notice) Head() string {
	text := fmt.Sprintf("from %s %d on", n.File, n.From)
	switch {
	case len(n.Out) > 0 && len(n.In) > 0:
		text += fmt.Sprintf(" (%s for %s)", words.List(n.In), words.List(n.Out))
	case len(n.In) > 0:
		text += fmt.Sprintf(" (%s added)", words.List(n.In))
	case len(n.Out) > 0:
		text += fmt.Sprintf(" (%s removed)", words.List(n.Out))
	}
	return text
}

// Text says what vehicles notice.
func (n Notice) Text() string { return texts[n.Effect] }

// String says both in one line.
func (n Notice) String() string { return n.Head() + ": " + n.Text() }
