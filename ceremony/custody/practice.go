package custody

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

// Practise lets a custodian try phrase and PIN on a real token, as at a step that signs.
// Its keys sign bytes that are no metadata and never could be; a token without keys is
// only logged in to.
func Practise(ctx context.Context, r room.Room, name string) (done transcript.Practised, err error) {
	site, err := r.Workspace.Site()
	if err != nil {
		return done, err
	}
	declared, err := site.Token(name)
	if err != nil {
		return done, err
	}
	records, err := held(r.Workspace, site, name)
	if err != nil {
		return done, err
	}
	message := practiceMessage(name, r.Now())
	err = trace(r, func(log *log) error {
		if err := r.Consent(ctx, log, practiceQuestion(name, len(records), digest.Of(message))); err != nil {
			return err
		}
		return Use(ctx, r, log, declared, func(token *hsm.Token) error {
			done = transcript.Practised{Token: token.Info().Serial, SHA256: digest.Of(message)}
			for _, record := range records {
				key, err := token.Find(ctx, record.PublicKey())
				if err != nil {
					return fmt.Errorf("key %s: %w", record.Name, err)
				}
				if _, err := key.Sign(ctx, message); err != nil { // which verifies it
					return fmt.Errorf("key %s: %w", record.Name, err)
				}
				done.Keys = append(done.Keys, record.Name)
			}
			return log.Append(0, transcript.ActorPerson, done)
		})
	})
	return done, err
}

// practiceMessage is what is signed. It begins with a NUL byte, as proofs do: no JSON
// does, and so no metadata. What is drawn at random makes it another one each time.
func practiceMessage(token string, now time.Time) []byte {
	var drawn [32]byte
	rand.Read(drawn[:]) // which never fails
	return fmt.Appendf(nil, "\x00keyrite practice v1\x00\ntoken %q\ntime %s\ndrawn %x\n", token, now.UTC().Format(time.RFC3339), drawn)
}

func practiceQuestion(token string, keys int, sum digest.SHA256) room.Question {
	what := "practice on token " + token
	return room.Question{Phrase: what, Sum: sum, Card: screen.Card{
		Title: what + ": no metadata is signed",
		Facts: []screen.Fact{
			screen.Of("then", "the token logs in with its PIN"),
			screen.Of("signs", fmt.Sprintf("bytes drawn at random, by %s that have records", words.Count(keys, "key"))),
		},
		Sum: sum,
	}}
}

// held are the records of the keys that a token holds.
func held(ws *workspace.Workspace, site *workspace.Site, token string) (list []*workspace.KeyRecord, err error) {
	records, err := ws.Keys()
	if err != nil {
		return nil, err
	}
	for name, record := range records {
		if site.Keys[name] == token {
			list = append(list, record)
		}
	}
	slices.SortFunc(list, func(a, b *workspace.KeyRecord) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}
