package record

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/ceremony/tell"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
)

func (s *source) keyNames() []string { return slices.Sorted(maps.Keys(s.keys)) }

// keysSection is A4: every key that this ceremony made, vouched for, signed with,
// adopted or destroyed.
func (s *source) keysSection() page.Section {
	section := page.Section{Mark: "A4", Title: "Keys", Flows: true, Blocks: []page.Block{
		&page.Text{Text: "Fingerprints are the SHA-256 of the public key (SubjectPublicKeyInfo, DER). Key ids were computed again from the public key, and every proof of possession was verified again, when this record was made."},
	}}
	for _, name := range s.keyNames() {
		if did := s.keyHistory(name); did != "" {
			section.Blocks = append(section.Blocks, s.keyFacts(name, did))
		}
	}
	return section
}

// keyHistory is what this ceremony did with a key, "" for nothing.
func (s *source) keyHistory(name string) string {
	var did []string
	used := false
	for _, e := range s.events {
		key, text := keyEvent(e)
		if key != name || slices.Contains(did, text) {
			continue
		}
		did = append(did, text)
		switch e.Data.(type) {
		case transcript.Signed, transcript.Destroyed:
			used = true
		}
	}
	if len(did) > 0 && !used {
		did = append(did, "not used yet")
	}
	return strings.Join(did, "; ")
}

// keyEvent is what a line says of one key, "" for nothing.
func keyEvent(e transcript.Event) (key, text string) {
	switch d := e.Data.(type) {
	case transcript.Generated:
		return d.Key, "generated " + e.Time.Format(layout)
	case transcript.Adopted:
		return d.Key, "found on its token and taken in " + e.Time.Format(layout)
	case transcript.Vouched:
		return d.Key, "enters a role; vouched for: " + d.By
	case transcript.Signed:
		return d.Key, fmt.Sprintf("signed %s %d%s", d.Role, d.Version, choose(d.External, " elsewhere, by hand", ""))
	case transcript.Destroyed:
		return d.Key, "DESTROYED " + e.Time.Format(layout)
	}
	return "", ""
}

func (s *source) keyFacts(name, did string) page.Facts {
	k := s.keys[name]
	print := digest.SHA256(k.Fingerprint())
	facts := page.Facts{
		{Name: name, Value: string(k.Type) + "; " + did, Strong: true},
		{Name: "fingerprint", Value: Hex(print), Mono: true},
		{Name: "in words", Value: print.WordText()},
		{Name: "key id", Value: keyID(k.KeyIDs[s.plan.Format]), Mono: true},
		{Name: "token", Value: tokenText(k)},
	}
	if who := s.plan.Custodians[name]; who != "" {
		facts = append(facts, page.Fact{Name: "custodian", Value: who})
	}
	if k.Evidence != nil {
		facts = append(facts, page.Fact{Name: "its token says", Value: tell.Evidence(*k.Evidence)})
	}
	return append(facts, page.Fact{Name: "possession", Value: proofText(k)})
}

// keyID is in groups as hashes are, unless a tool gave one that is no hash.
func keyID(id string) string {
	if sum, err := digest.Parse(id); err == nil {
		return Hex(sum)
	}
	return id
}

// tokenText tells no times: a record that was lost and made again has later ones, and
// the paper stays the same.
func tokenText(k *workspace.KeyRecord) string {
	if k.Token == nil {
		return "not ours: the public key was imported " + k.Created.Format(layout)
	}
	return fmt.Sprintf("%s, serial %s, %s %s, firmware %s", k.Token.Label, k.Token.Serial, k.Token.Manufacturer, k.Token.Model, k.Token.Firmware)
}

func proofText(k *workspace.KeyRecord) string {
	if k.Proof == nil {
		return "no proof: somebody vouched for the public key"
	}
	return fmt.Sprintf("proved on token %s, for the name %s", k.Proof.TokenSerial, k.Name)
}
