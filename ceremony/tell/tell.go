package tell

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
)

// Event is what a line of a transcript reports, in words on one line. Hashes are
// short: whoever compares one takes it from where it stands in full. Text of
// foreign origin is made printable.
func Event(d transcript.Data) string { return words.Line(event(d)) }

func event(d transcript.Data) string {
	switch d := d.(type) {
	case transcript.Generating, transcript.Generated, transcript.Vouched, transcript.Confirmed, transcript.Destroying, transcript.Destroyed, transcript.Adopted, transcript.Restated, transcript.ImportedKey:
		return key(d)
	case transcript.Imported, transcript.Reviewed, transcript.Signing, transcript.Signed, transcript.Received, transcript.Writing, transcript.Written, transcript.Sealed, transcript.Verified:
		return file(d)
	case transcript.Wrapping, transcript.Wrapped, transcript.Shared, transcript.BackingUp, transcript.BackedUp, transcript.Restoring, transcript.Restored,
		transcript.Initialising, transcript.Initialised:
		return token(d)
	case transcript.Arrived, transcript.Left, transcript.Equipped, transcript.Unbagged, transcript.Bagged, transcript.Exception:
		return present(d)
	case transcript.Asked, transcript.Agreed, transcript.Mistyped, transcript.Declined, transcript.Unattended, transcript.Compared:
		return consent(d)
	}
	return course(d)
}

// course is how the ceremony itself went.
func course(d transcript.Data) string {
	switch d := d.(type) {
	case transcript.Started:
		text := fmt.Sprintf("began with plan %s in room %s", d.Plan.Short(), d.Room.Short())
		if d.Fake {
			text = "FAKE: a rehearsal " + text
		}
		return text
	case transcript.Rehearsed:
		return d.String()
	case transcript.Practised:
		return fmt.Sprintf("practice with the token of serial %s: its PIN was right, and %s signed bytes that are no metadata", d.Token, words.Count(len(d.Keys), "key"))
	case transcript.Drilled:
		return drilled(d)
	case transcript.Resumed:
		return fmt.Sprintf("went on with plan %s in room %s", d.Plan.Short(), d.Room.Short())
	case transcript.Inspected:
		return fmt.Sprintf("the machine was looked at by keyrite %s (%s): %s", d.Build, d.Program.Short(), unfit(d.Lines))
	case transcript.Checkpoint:
		return "the hash of this line was shown in words, for the witness's paper"
	case transcript.Failed:
		return "did not come to its end: " + d.Error
	case transcript.Note:
		return "note: " + d.Text
	case transcript.Torn:
		return fmt.Sprintf("a line of %s that a crash had cut short was removed (%s)", words.Count(d.Bytes, "byte"), d.SHA256.Short())
	case transcript.Finished:
		return "finished; signed " + marks(d.Signed)
	case transcript.Aborted:
		if d.All {
			return fmt.Sprintf("aborted for all sites: %s; signed %s", d.Because, marks(d.Signed))
		}
		return fmt.Sprintf("aborted: %s; signed %s", d.Because, marks(d.Signed))
	}
	return fmt.Sprintf("%+v", d)
}

// drilled is how a backup was tried.
func drilled(d transcript.Drilled) string {
	text := fmt.Sprintf("a backup (%s) was restored for trial, and a new root of %s signed with fake keys", d.Backup.Short(), words.List(d.Repositories))
	if len(d.Keys) > 0 {
		text += "; wrapped keys that signed on a throwaway token: " + words.List(d.Keys)
	}
	if len(d.Unopened) > 0 {
		text += "; wrapped keys that stayed closed: " + words.List(d.Unopened)
	}
	return text
}

// unfit is all that is not as it should be.
func unfit(lines []transcript.Inspection) string {
	var list []string
	for _, l := range lines {
		if l.Verdict != transcript.Pass {
			list = append(list, string(l.Verdict)+" "+l.Text)
		}
	}
	if list == nil {
		return fmt.Sprintf("all %s pass", words.Count(len(lines), "line"))
	}
	return strings.Join(list, "; ")
}

func key(d transcript.Data) string {
	switch d := d.(type) {
	case transcript.Generating:
		kind := string(d.Type)
		if d.Backup {
			kind += ", for backup"
		}
		return fmt.Sprintf("about to generate %s (%s) on token %s under id %s", d.Key, kind, d.Token, d.ID)
	case transcript.Generated:
		return fmt.Sprintf("generated %s, public key %s: %s", d.Key, d.Fingerprint.Short(), Evidence(d.Evidence))
	case transcript.Vouched:
		return fmt.Sprintf("%s, public key %s, is vouched for: %s", d.Key, d.Fingerprint.Short(), d.By)
	case transcript.Confirmed:
		return fmt.Sprintf("the words of %s, public key %s, were compared with %s, which holds it", d.Key, d.Fingerprint.Short(), d.Site)
	case transcript.Destroying:
		return fmt.Sprintf("about to destroy %s on token %s", d.Key, d.Token)
	case transcript.Destroyed:
		return fmt.Sprintf("destroyed %s on token %s", d.Key, d.Token)
	case transcript.Restated:
		return fmt.Sprintf("the ledger of %s on token %s begins again with record %d, %s %d (%s): %s", d.Key, d.Token, d.Record, d.Role, d.Version, d.SHA256.Short(), d.Because)
	case transcript.ImportedKey:
		by := "nobody has compared its words"
		if d.ComparedBy != "" {
			by = fmt.Sprintf("%s compared its words with %s: %s", d.ComparedBy, d.With, d.Channel)
		}
		return fmt.Sprintf("took in %s, public key %s, of somebody else; %s", d.Key, d.Fingerprint.Short(), by)
	case transcript.Adopted:
		return fmt.Sprintf("took in %s, public key %s, found on token %s: %s", d.Key, d.Fingerprint.Short(), d.Token, d.Because)
	}
	return ""
}

func file(d transcript.Data) string {
	switch d := d.(type) {
	case transcript.Imported:
		return fmt.Sprintf("took in %s of repository %s that others signed, verified from the root with SHA-256 %s", words.Count(len(d.Files), "file"), d.Repository, d.Root.Short())
	case transcript.Reviewed:
		return fmt.Sprintf("reviewed %s %d, bytes to sign %s: policy %s, %s passed, %s", d.Role, d.Version, d.SHA256.Short(),
			d.Policy, words.Count(len(d.Passed), "check"), words.Count(len(d.Findings), "finding"))
	case transcript.Signing:
		return fmt.Sprintf("about to have %s on token %s sign %s %d (%s)", d.Key, d.Token, d.Role, d.Version, d.SHA256.Short())
	case transcript.Signed:
		if d.External {
			return fmt.Sprintf("%s signed %s %d (%s) elsewhere, and the signature was brought in; it is verified", d.Key, d.Role, d.Version, d.SHA256.Short())
		}
		return fmt.Sprintf("%s signed %s %d (%s); the signature is verified", d.Key, d.Role, d.Version, d.SHA256.Short())
	case transcript.Received:
		return fmt.Sprintf("took in the signature of %s %d (%s) by %s, made at %s; it is verified", d.Signed.Role, d.Signed.Version, d.Signed.SHA256.Short(), d.Signed.Key, d.Site)
	case transcript.Writing:
		return "about to write " + written(transcript.Written(d))
	case transcript.Written:
		if d.Found {
			return "found in place, as another site wrote it: " + written(d)
		}
		return "wrote " + written(d) + "; read back"
	case transcript.Sealed:
		return fmt.Sprintf("sealed root %d (%s) in the emergency kit %s, file %s, below every threshold", d.Version, d.SHA256.Short(), d.Kit, d.File.Short())
	case transcript.Verified:
		what := "verified as a client does: "
		if d.Until != "" {
			what = "verified as a client does, up to " + d.Until + ", which is signed elsewhere: "
		}
		what += words.Count(len(d.Files), "file")
		for _, note := range d.Notes {
			what += "; " + note.Text
		}
		return what
	}
	return ""
}

func written(d transcript.Written) string {
	text := fmt.Sprintf("%s, %s, %s", d.Path, words.Count(d.Bytes, "byte"), d.SHA256.Short())
	if d.Kept != "" {
		text += ", in the place of " + d.Kept
	}
	return text
}

func token(d transcript.Data) string {
	switch d := d.(type) {
	case transcript.Wrapping:
		return fmt.Sprintf("about to make the wrapping key %s on %s", d.Label, d.Token)
	case transcript.Wrapped:
		return fmt.Sprintf("made the wrapping key %s on %s, check value %s", d.Label, d.Token, d.CheckValue)
	case transcript.Shared:
		return fmt.Sprintf("gave out a new wrapping key in %s, %d needed, check value %s", words.Count(d.Made, "share"), d.Needed, d.CheckValue)
	case transcript.BackingUp:
		return fmt.Sprintf("about to take %s from token %s, wrapped under %s", d.Key, d.Token, d.WrappingKey)
	case transcript.BackedUp:
		return fmt.Sprintf("%s was backed up, file %s, wrapping key with check value %s", d.Key, d.Backup.Short(), cmp.Or(d.CheckValue, "not told"))
	case transcript.Restoring:
		return fmt.Sprintf("about to put %s onto token %s from backup %s", d.Key, d.Token, d.Backup.Short())
	case transcript.Restored:
		return fmt.Sprintf("%s was put onto token %s from backup %s", d.Key, d.Token, d.Backup.Short())
	case transcript.Initialising:
		if d.Erases != "" {
			return fmt.Sprintf("about to set up token %s of module %s, which destroys the keys on %s", d.Label, d.Module, d.Erases)
		}
		return fmt.Sprintf("about to set up token %s of module %s", d.Label, d.Module)
	case transcript.Initialised:
		return fmt.Sprintf("set up token %s, serial %s", d.Label, d.Serial)
	}
	return ""
}

func consent(d transcript.Data) string {
	switch d := d.(type) {
	case transcript.Asked:
		if d.Places != nil {
			return fmt.Sprintf("asked %s to %s: words %s of the card, %q", Asked(d), d.What, words.Numbers(d.Places), d.Phrase)
		}
		return fmt.Sprintf("asked %s to type %q", Asked(d), d.Phrase)
	case transcript.Agreed:
		return fmt.Sprintf("typed %q", d.Phrase)
	case transcript.Mistyped:
		return fmt.Sprintf("typed something else than %q, from word %d on", d.Phrase, d.Word)
	case transcript.Declined:
		return fmt.Sprintf("did not type %q: that is a no", d.Phrase)
	case transcript.Unattended:
		if d.Fake {
			return fmt.Sprintf("%q without a person: it is a rehearsal, and token %s is FAKE", d.Phrase, d.Token)
		}
		return fmt.Sprintf("%q without a person: site.yaml lets token %s do so for %s", d.Phrase, d.Token, words.List(d.Roles))
	case transcript.Compared:
		return fmt.Sprintf("typed words %s of the %s, as they stand on paper", words.Numbers(d.Places), d.What)
	}
	return ""
}

// Asked is who was asked: by name where the roll has one, and by post.
func Asked(d transcript.Asked) string {
	switch {
	case d.Who == "":
		return cmp.Or(d.Name, "whoever is there")
	case d.Name == "" || d.Name == d.Who:
		return d.Who
	}
	return d.Name + ", " + d.Who
}

// present is who came and went, and what lay on the table.
func present(d transcript.Data) string {
	switch d := d.(type) {
	case transcript.Arrived:
		return fmt.Sprintf("%s is here as %s", d.Name, d.Part)
	case transcript.Left:
		return fmt.Sprintf("%s, %s, left", d.Name, d.Part)
	case transcript.Equipped:
		return "looked for the tokens: " + equipped(d.Tokens)
	case transcript.Unbagged:
		return fmt.Sprintf("token %s came out of bag %s", d.Token, d.Bag)
	case transcript.Bagged:
		return fmt.Sprintf("token %s went into bag %s", d.Token, d.Bag)
	case transcript.Exception:
		return fmt.Sprintf("exception E%d: %s", d.Number, d.Text)
	}
	return ""
}

func equipped(tokens []transcript.Equipment) string {
	var here, missing []string
	for _, t := range tokens {
		if t.Here {
			here = append(here, t.Token+" ("+t.Serial+")")
		} else {
			missing = append(missing, t.Token)
		}
	}
	text := "here " + words.List(here)
	if missing != nil {
		text += "; not here " + words.List(missing)
	}
	return text
}

func marks(list []transcript.Mark) string {
	var texts []string
	for _, m := range list {
		text := fmt.Sprintf("%s %d", m.Role, m.Version)
		if !m.Placed {
			text += " (not put in place)"
		}
		texts = append(texts, text)
	}
	return words.List(texts)
}
