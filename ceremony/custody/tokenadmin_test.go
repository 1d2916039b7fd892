package custody

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

// TestErase asks before a token with keys is set up again, writes the intent down
// first, and only then erases it.
func TestErase(t *testing.T) {
	b := newBench(t)
	if err := os.WriteFile(b.dir+"/so", []byte(hsmtest.SOPIN), 0o600); err != nil {
		t.Fatal(err)
	}
	var serial string
	b.use(func(ctx context.Context, token *hsm.Token) error {
		serial = token.Info().Serial
		_, err := token.Generate(ctx, hsm.KeySpec{ID: id, Label: "root-a", Type: hsm.Ed25519})
		return err
	})
	request := TokenRequest{Label: "again", EraseSerial: serial, PIN: "file:" + b.dir + "/pin", SOPIN: "file:" + b.dir + "/so"}
	_, err := InitToken(t.Context(), b.room(&ceremonytest.Person{Answers: []string{"no"}}), request)
	if !errors.Is(err, prompt.ErrDeclined) || !slices.Equal(b.labels(), []string{"root-a"}) {
		t.Errorf("after a no: %v, the token has %q", err, b.labels())
	}
	module, yes := b.token.Module, &ceremonytest.Person{Answers: []string{ceremonytest.AsAsked}}
	if _, err := request.init(t.Context(), b.room(yes), &broken[transcript.Initialising]{}, module); !errors.Is(err, errDisk) || len(b.labels()) != 1 {
		t.Errorf("without its intent in the log: %v, the token has %q", err, b.labels())
	}
	yes.Answers, yes.Asked = []string{ceremonytest.AsAsked}, nil
	log := &lines{}
	info, err := request.init(t.Context(), b.room(yes), log, module)
	if done, ok := last[transcript.Initialised](*log); err != nil || info.Label != "again" || !ok || done.Serial != info.Serial {
		t.Errorf("got %+v, %v, %+v", info, err, *log)
	}
	if want := []string{"destroy the keys on " + serial}; !slices.Equal(yes.Asked, want) {
		t.Errorf("asked %q, want %q", yes.Asked, want)
	}
}

// typist types answers to questions for PINs, and keeps what was said.
type typist struct {
	prompt.Prompter
	answers []string
	said    []string
}

func (p *typist) PIN(_ context.Context, question string) ([]byte, error) {
	p.said = append(p.said, question)
	if len(p.answers) == 0 {
		return nil, errors.New("nobody is there")
	}
	answer := p.answers[0]
	p.answers = p.answers[1:]
	return []byte(answer), nil
}

func (p *typist) Say(format string, args ...any) {
	p.said = append(p.said, fmt.Sprintf(format, args...))
}

func TestANewPINIsAskedForUntilItIsTheSameTwice(t *testing.T) {
	p := &typist{answers: []string{"1234", "1243", "5678", "5678"}}
	pin, err := newPIN(t.Context(), p, "ask", "user PIN of token a")
	if err != nil || string(pin) != "5678" {
		t.Errorf("got %q, %v", pin, err)
	}
	want := []string{"New user PIN of token a: ", "Again: ", "The two differ; nothing was changed. Once more.", "New user PIN of token a: ", "Again: "}
	if !slices.Equal(p.said, want) {
		t.Errorf("said %q", p.said)
	}
	for n := range 2 {
		p := &typist{answers: []string{"1234"}[:n]}
		if _, err := newPIN(t.Context(), p, "ask", "PIN"); err == nil || !strings.Contains(err.Error(), "nobody") {
			t.Errorf("after %d answers: got %v", n, err)
		}
	}
}
