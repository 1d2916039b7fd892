package runbook

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/custody"
	"github.com/uptane/keyrite/ceremony/people"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/review"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/roles"
)

// What screens will show comes from the functions that show it. Blanks stand where
// nobody can know yet.

// heading is the first thing of a step.
func (s *script) heading(step plan.Step) string {
	return s.Plan.Heading(step)
}

// question is what a person is asked, with the phrase that stands for yes.
func question(q room.Question) string { return q.What + "\n\n" + room.ToGoOn(q.Phrase) }

func (s *script) generateQuestion(step plan.Step) (room.Question, error) {
	token, err := s.site.TokenOf(step.Key)
	if err != nil {
		return room.Question{}, err
	}
	n := custody.NewKey{Step: step.Step, Name: step.Key, Type: step.Type, Backup: step.Backup, Token: token}
	return n.Question(orBlank(token.URI.Serial)), nil
}

// signScreen is what a custodian is asked before a key signs.
func (s *script) signScreen(step plan.Step) string {
	signing := review.Signing{Step: step.Step, Key: step.Key, Who: s.Scene.Repo.Custodian(step.Key), Name: review.Blank, Token: s.site.Keys[step.Key]}
	for _, before := range s.Plan.Signing(step.Role) {
		if before.Step < step.Step {
			signing.Signed = append(signing.Signed, before.Key)
		}
	}
	q := s.content(step).Question(signing)
	return q.Card.Text(paperColumns).String() + "\n\n" + room.WordsQuestion(q.Phrase, review.Blank)
}

// paperColumns is how wide a screen is on paper.
const paperColumns = 72

// seats asks who takes which part.
func (s *script) seats() (list []string) {
	taken := map[string]int{}
	for _, part := range people.Parts(s.Scene.Trust.People, s.parts.names) {
		list = append(list, people.SeatQuestion(part.Name, s.nameOf(part.Name, taken[part.Name])))
		taken[part.Name]++
	}
	return list
}

// nameOf is a name for a part, of those in people.yaml, from 0.
func (s *script) nameOf(part string, n int) string {
	for _, p := range s.names.People {
		if strings.EqualFold(p.Part, part) {
			if n == 0 {
				return p.Name
			}
			n--
		}
	}
	return ""
}

// pinQuestion asks for a PIN; empty where the token's PIN comes from elsewhere.
func (s *script) pinQuestion(name string) (string, error) {
	token, err := s.site.Token(name)
	if err != nil || !token.PIN.Asks() {
		return "", err
	}
	return custody.PINQuestion(name, orBlank(token.URI.Token), orBlank(token.URI.Serial)), nil
}

// eachTime is what the screen shows where a key wants the PIN once more for its
// signature; empty where it does not, or the PIN comes from elsewhere.
func (s *script) eachTime(step plan.Step) (string, error) {
	record := s.Scene.Ring.Record(step.Key)
	if record == nil || record.Evidence == nil || !record.Evidence.PINEachTime {
		return "", nil
	}
	question, err := s.pinQuestion(s.site.Keys[step.Key])
	if question == "" || err != nil {
		return "", err
	}
	return custody.EachTime(step.Key) + "\n" + custody.OnceMore + question, nil
}

// reviewScreen is everything that a signature will state.
func (s *script) reviewScreen(step plan.Step) string {
	return s.content(step).Card().Text(paperColumns).String()
}

func (s *script) content(step plan.Step) review.Content {
	c := review.ContentOf(s.Scene, s.Plan, step.Role, s.Policy.Findings)
	c.Changes, c.Tokens = s.changesOf(step.Role), s.site.Keys
	c.Open = step.Role == "snapshot" || step.Role == "timestamp"
	return c
}

// changesOf are the changes of a role's file, with the names that keys have once
// they are generated.
func (s *script) changesOf(role string) []roles.Change {
	var list []roles.Change
	for _, c := range s.Changes {
		if c.Role == role {
			c.New = strings.TrimSuffix(c.New, scene.ToBeGenerated)
			list = append(list, c)
		}
	}
	return list
}

// entering shows the keys that come into a role, before the first review.
func (s *script) entering() []string {
	var shown []string
	here := s.Plan.RoomAt(s.site, s.Scene.Repo.KeyNames)
	for _, name := range s.Scene.Entering() {
		print, first, by := review.Blank, review.Blank, "generated on token "+s.site.Keys[name]
		voucher, _ := s.Scene.Voucher(name, here)
		if voucher.Site != "" {
			by = voucher.String()
		}
		if !s.generated(name) {
			key := s.Scene.Ring.Keys[name]
			print, first, by = fingerprint(key), firstWords(key), voucher.String()
		}
		key := screen.Plainly("%s", review.KeyShown(name, by, print, first))
		shown = append(shown, screen.Terminal{Width: paperColumns}.Render(key)) // a fingerprint takes two lines
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
	here := s.Plan.RoomAt(s.site, s.Scene.Repo.KeyNames)
	for _, name := range s.Scene.Entering() {
		if voucher, err := s.Scene.Voucher(name, here); err == nil && !s.generated(name) {
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
