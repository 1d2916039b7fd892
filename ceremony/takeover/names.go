package takeover

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// naming gives every key a name of its own: that of its file, that which the tool
// before gave it, or its role and a number.
type naming struct {
	files map[roles.Fingerprint]string
	taken map[string]bool // lower case
	names map[roles.Fingerprint]string
}

func newNaming(f *Found, there map[string]*workspace.KeyRecord) *naming {
	n := &naming{files: f.named, taken: map[string]bool{}, names: map[roles.Fingerprint]string{}}
	for name, record := range there {
		n.taken[name] = true
		n.names[record.Fingerprint()] = name
	}
	return n
}

// of is the name of a key that signs for a role.
func (n *naming) of(k roles.Key, role string) string {
	if name, done := n.names[k.Fingerprint]; done {
		return name
	}
	for _, wish := range []string{n.files[k.Fingerprint], hint(k)} {
		if name := spell(wish); name != "" && !n.taken[name] {
			return n.give(k, name)
		}
	}
	stem := spell(role)
	if stem == "" {
		stem = "key"
	}
	for i := 1; ; i++ {
		if name := fmt.Sprintf("%s-%d", stem, i); !n.taken[name] {
			return n.give(k, name)
		}
	}
}

func (n *naming) give(k roles.Key, name string) string {
	n.taken[name], n.names[k.Fingerprint] = true, name
	return name
}

// hint is what a tool wrote into the key object.
func hint(k roles.Key) string {
	var record struct {
		Owner  string `json:"x-tuf-on-ci-keyowner"`
		Online string `json:"x-tuf-on-ci-online-uri"`
		Name   string `json:"x-rstuf-key-name"`
	}
	if json.Unmarshal(k.Record(), &record) != nil {
		return ""
	}
	if record.Owner == "" && record.Name == "" && record.Online != "" {
		return "online"
	}
	return record.Owner + record.Name
}

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// spell makes a name for a key of a text, "" where nothing is left of it.
func spell(text string) string {
	name := strings.Trim(notInNames.ReplaceAllString(strings.ToLower(text), "-"), "-")
	name = strings.Trim(name[:min(len(name), 28)], "-")
	if !disk.Names.MatchString(name) {
		return ""
	}
	return name
}
