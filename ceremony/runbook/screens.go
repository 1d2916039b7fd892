package runbook

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/custody"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/review"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/roles"
)

// What screens will show comes from the functions that show it. Blanks stand where
// nobody can know yet.

// heading is the first thing of a step.
func (s *script) heading(step plan.Step) string {
	lines := []string{s.Plan.Heading(step)}
	for _, w := range s.Scene.Repo.Waivers {
		lines = append(lines, "  "+w.String())
	}
	return strings.Join(lines, "\n")
}

// question is what a person is asked, with the phrase that stands for yes.
func question(q room.Question) string { return q.What + "\n" + prompt.ToGoOn(q.Phrase) }

func (s *script) generateQuestion(step plan.Step) (room.Question, error) {
	token, err := s.site.TokenOf(step.Key)
	if err != nil {
		return room.Question{}, err
	}
	n := custody.NewKey{Step: step.Step, Name: step.Key, Type: step.Type, Backup: step.Backup, Token: token}
	return n.Question(orBlank(token.URI.Serial)), nil
}

func (s *script) signQuestion(step plan.Step) room.Question {
	file, _ := s.Plan.File(step.Role)
	return review.Question(file, file.SHA256, review.Signing{
		Step: step.Step, Key: step.Key, Who: s.Scene.Repo.Keys[step.Key].Custodian,
		Token: s.site.Keys[step.Key], Counts: strings.Join(step.CountsFor, " and "),
	})
}

// pinQuestion asks for a PIN; empty where the token's PIN comes from elsewhere.
func (s *script) pinQuestion(name string) (string, error) {
	token, err := s.site.Token(name)
	if err != nil || !token.PIN.Asks() {
		return "", err
	}
	return custody.PINQuestion(name, orBlank(token.URI.Token), orBlank(token.URI.Serial)), nil
}

// reviewScreen is everything that a signature will state.
func (s *script) reviewScreen(step plan.Step) string {
	file, _ := s.Plan.File(step.Role)
	screen := review.Screen{File: file, Bytes: review.Blank, Changes: s.changesOf(step.Role), Steps: s.Plan.Signing(step.Role), Tokens: s.site.Keys, SHA256: file.SHA256}
	for _, f := range s.Policy.Findings {
		if review.Concerns(f, step.Role) {
			screen.Findings = append(screen.Findings, transcript.FindingOf(f))
		}
	}
	return screen.String()
}

// changesOf are the changes of a role's file, with the names that keys have once
// they are generated.
func (s *script) changesOf(role string) []roles.Change {
	var list []roles.Change
	for _, c := range s.Changes {
		if c.Role == role {
			c.New = strings.TrimSuffix(c.New, plan.ToBeGenerated)
			list = append(list, c)
		}
	}
	return list
}

// entering shows the keys that come into a role, before the first review.
func (s *script) entering() []string {
	var shown []string
	for _, name := range s.Scene.Entering() {
		print, first, by := review.Blank, review.Blank, "generated on token "+s.site.Keys[name]
		if !s.generated(name) {
			voucher, _ := s.Scene.Voucher(name, s.Plan.Room)
			key := s.Scene.Ring.Keys[name]
			print, first, by = fingerprint(key), firstWords(key), voucher.String()
		}
		shown = append(shown, review.KeyShown(name, by, print, first))
	}
	return shown
}

// generated says whether a step of this ceremony makes the key.
func (s *script) generated(key string) bool {
	return slices.ContainsFunc(s.Plan.Steps, func(step plan.Step) bool { return step.Do == plan.Generate && step.Key == key })
}

// vouchers are the tokens that confirm keys which enter a role, in the order of
// site.yaml.
func (s *script) vouchers() []string {
	wanted := map[string]bool{}
	for _, name := range s.Scene.Entering() {
		if voucher, err := s.Scene.Voucher(name, s.Plan.Room); err == nil && !s.generated(name) {
			wanted[voucher.Token] = voucher.Token != ""
		}
	}
	return slices.DeleteFunc(s.site.TokenNames(), func(name string) bool { return !wanted[name] })
}

// paper asks for words of the paper; which ones, the tool draws.
func paper(what string) string { return room.Paper{What: what}.Question(review.Blank) }

func orBlank(text string) string {
	if text == "" {
		return review.Blank
	}
	return text
}

func utc(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// fingerprint and firstWords are how screens show a public key.
func fingerprint(k roles.Key) string { return fmt.Sprintf("%x", k.Fingerprint) }
func firstWords(k roles.Key) string  { return words.Of(k.Fingerprint[:8]) }

// made shows a new key.
func made() string { return custody.Made(review.Blank, review.Blank) }

// destroyQuestion is what a person is asked before a key pair is destroyed.
func (s *script) destroyQuestion(step plan.Step) room.Question {
	serial := review.Blank
	if token, err := s.site.TokenOf(step.Key); err == nil {
		serial = orBlank(token.URI.Serial)
	}
	return custody.DestroyQuestion(step.Step, s.Scene.Ring.Record(step.Key), serial)
}
