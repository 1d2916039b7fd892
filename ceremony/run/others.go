package run

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/desk"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/sites"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// What other sites do of a ceremony, and what a run takes from them.

// isOurs says whether a token of this room does a step. A rehearsal plays all sites in
// one room.
func (m *machine) isOurs(s plan.Step) bool {
	return m.Rehearsal != nil || m.plan.SiteOf(s) == m.site.Name
}

// here is what the room of this site knows of keys.
func (m *machine) here() scene.Room {
	if m.Rehearsal != nil {
		return scene.RoomOf(m.site, m.scene.Repo.KeyNames)
	}
	return m.plan.RoomAt(m.site, m.scene.Repo.KeyNames)
}

// take takes in the record of a key that another site made. It is a claim until people
// have compared its words, before the first file is shown.
func (m *machine) take(s plan.Step) error {
	record := m.others.Key(s)
	if record == nil {
		return &wait{s}
	}
	if err := m.scene.AddKey(record.KeyRecord); err != nil {
		return fault.Errorf(fault.Unverified, "%s: %w", record.File, err)
	}
	m.taken[s.Key] = record.Raw
	return nil
}

// hear has people compare the words of every key that enters a role and that another
// site holds, each site reading its own aloud. Nothing is signed over such a key, and
// no file that lists it is taken for this ceremony's, before that.
func (m *machine) hear(ctx context.Context, s plan.Step) error {
	if m.heard {
		return nil
	}
	for _, name := range m.entering {
		by, err := m.scene.Voucher(name, m.here())
		if err != nil {
			return err
		}
		if by.Site == "" {
			continue
		}
		if err := m.compareKey(ctx, s, name, by.Site); err != nil {
			return err
		}
		if raw, taken := m.taken[name]; taken {
			if err := m.Workspace.Ensure(workspace.KeyPath(name), raw); err != nil {
				return err
			}
		}
	}
	m.heard = true
	return nil
}

// compareKey compares one key, unless that was done before the head that people have
// just confirmed from their paper.
func (m *machine) compareKey(ctx context.Context, s plan.Step, name, site string) error {
	print := digest.SHA256(m.scene.Ring.Keys[name].Fingerprint)
	if m.confirmedBefore(name, print) {
		return nil
	}
	if m.Yes {
		if err := m.compareByHash(name, site, print); err != nil {
			return err
		}
	} else if err := m.compareByVoice(ctx, name, site, print); err != nil {
		return err
	}
	return m.transcript.Append(s.Step, transcript.ActorTool, transcript.Confirmed{Key: name, Site: site, Fingerprint: print})
}

func (m *machine) compareByVoice(ctx context.Context, name, site string, print digest.SHA256) error {
	m.Prompter.Show(screen.Join(screen.Blank, m.aboutKey(name, site)))
	return m.Compare(ctx, m.transcript, room.Paper{
		What: "key " + name, From: site, Hash: print, Words: planWords,
		Else: fmt.Sprintf("the record of %s that lies here is not that of the key which %s made; do not go on before both know why", name, site),
	})
}

// aboutKey is what is known of a key of another site, but its words: those have to come
// from there.
func (m *machine) aboutKey(name, site string) screen.Text {
	facts := []screen.Fact{screen.Of("key", fmt.Sprintf("%s of %s, held at %s", name, m.scene.Repo.Custodian(name), site))}
	if record := m.scene.Ring.Record(name); record != nil && record.Token != nil {
		facts = append(facts, screen.Of("made", fmt.Sprintf("%s, on token %s, serial %s, %s", record.Created.Format(time.DateTime+"Z"), record.Token.Label, record.Token.Serial, record.Token.Model)))
	}
	return append(screen.Facts(append(facts, screen.Of("", fmt.Sprintf("Call %s. There, keyrite key show %s has its words. They read theirs, you read yours.", site, name)))...), screen.Blank...)
}

func (m *machine) compareByHash(name, site string, print digest.SHA256) error {
	given, ok := m.KeySHA256[name]
	if !ok {
		return fault.Errorf(fault.Usage, "--yes needs --key-sha256 %s=HEX, the fingerprint of the key that %s holds", name, site).
			Hint("keyrite key show %s at %s prints it; pass it on from there, never from the file that lies here", name, site)
	}
	if given != print {
		return fault.Errorf(fault.Unverified, "key %s is not the one that %s has; got SHA-256 %s, want %s", name, site, print, given)
	}
	return nil
}

// confirmedBefore believes the transcript only as far as people have confirmed its head
// from their paper in this very run.
func (m *machine) confirmedBefore(name string, print digest.SHA256) bool {
	for e := range m.transcript.Events() {
		if d, ok := e.Data.(transcript.Confirmed); ok && e.Seq <= m.believed && d.Key == name && d.Fingerprint == print {
			return true
		}
	}
	return false
}

// received notes, once, a signature of another site that counts.
func (m *machine) received(s plan.Step, found sites.Signature) error {
	r := transcript.Received{Site: found.Site, Signed: found.Signed}
	for e := range m.transcript.Events() {
		if e.Data == transcript.Data(r) {
			return nil
		}
	}
	return m.transcript.Append(s.Step, transcript.ActorTool, r)
}

// wait is a step that somebody else has to do first.
type wait struct{ plan.Step }

func (w *wait) Error() string { return "waits for " + w.String() }

// blocked says whether a step needs what another step waits for.
func (m *machine) blocked(s plan.Step) bool {
	switch s.Do {
	case plan.Review:
		return m.waitsFor(func(w plan.Step) bool { return w.Do == plan.Generate }) || !m.inPlace(m.plan.Before(s.Role))
	case plan.Sign:
		return !m.placed[s.Role] && m.reviewed[s.Role] == nil
	case plan.Write, plan.Seal:
		return !m.placed[s.Role] && (m.reviewed[s.Role] == nil || m.waitsFor(func(w plan.Step) bool { return w.Do == plan.Sign && w.Role == s.Role }))
	case plan.Verify, plan.Destroy:
		return len(m.waits) > 0
	}
	return false
}

func (m *machine) waitsFor(is func(plan.Step) bool) bool { return slices.ContainsFunc(m.waits, is) }

func (m *machine) inPlace(roles []string) bool {
	return !slices.ContainsFunc(roles, func(role string) bool { return !m.placed[role] })
}

// waiting ends a run that has done all that this site can do for now.
func (m *machine) waiting() error {
	desk.ShowOpenBags(m.Prompter, m.events())
	err := m.whoIsAwaited()
	m.showOwnKeys()
	return m.joinHead(err)
}

func (m *machine) joinHead(err error) error {
	if headErr := m.showHead(); headErr != nil {
		return headErr
	}
	return err
}

// whoIsAwaited says who has to do what, and how it comes here.
func (m *machine) whoIsAwaited() error {
	var who []string
	var sites []string
	var external *fault.Error
	for _, s := range m.waits {
		if s.External {
			why := m.awaited(s)
			who = append(who, strings.TrimPrefix(why.Error(), "waits for "))
			if external == nil {
				external = why
			}
			continue
		}
		if site := m.plan.SiteOf(s); !slices.Contains(sites, site) {
			sites = append(sites, site)
		}
	}
	for _, site := range sites {
		who = append(who, m.awaitedAt(site))
	}
	err := fault.Errorf(fault.Incomplete, "%s waits for %s", m.plan.Ceremony, strings.Join(who, "; "))
	if external != nil {
		err.Hints = external.Hints
	}
	if len(sites) == 0 {
		return err.Hint("what is done stays done; then continue with: keyrite %s %s", m.command(), m.plan.Ceremony)
	}
	return err.Hint("bring them what was done here: keyrite export %s -o FILE, or by git", m.plan.Ceremony).
		Hint("take in what they did: keyrite merge %s FILE, or by git; then keyrite run %s", m.plan.Ceremony, m.plan.Ceremony)
}

// awaitedAt is what a site has to do, with the custodians who do it there.
func (m *machine) awaitedAt(site string) string {
	var steps, custodians []string
	for _, s := range m.waits {
		if s.External || m.plan.SiteOf(s) != site {
			continue
		}
		steps = append(steps, fmt.Sprintf("step %d, %s", s.Step, strings.TrimSuffix(s.String(), " at "+site)))
		if who := m.scene.Repo.Custodian(s.Key); who != "" && !slices.Contains(custodians, who) {
			custodians = append(custodians, who)
		}
	}
	text := site
	if len(custodians) > 0 {
		text += " (" + strings.Join(custodians, ", ") + ")"
	}
	return text + ": " + strings.Join(steps, ", ")
}

// showOwnKeys says which words the other sites will ask for.
func (m *machine) showOwnKeys() {
	var keys []string
	for _, s := range m.plan.Steps {
		if s.Do == plan.Generate && s.Site != "" && m.isOurs(s) && m.scene.Ring.Record(s.Key) != nil {
			keys = append(keys, "keyrite key show "+s.Key)
		}
	}
	if keys != nil {
		m.Prompter.Say("The other sites will call, and ask for words of the keys made here: %s", strings.Join(keys, ", "))
	}
}
