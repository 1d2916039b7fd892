package custody

import (
	"context"
	"errors"
	"os"
	"slices"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
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

// TestNewPIN takes a PIN that was typed twice, the same both times.
func TestNewPIN(t *testing.T) {
	pin, err := newPIN(t.Context(), &ceremonytest.Person{Answers: []string{"1234", "1234"}}, "ask", "user PIN")
	if err != nil || string(pin) != "1234" {
		t.Errorf("got %q, %v", pin, err)
	}
	for _, second := range []string{"1235", "123", "12345"} {
		pin, err := newPIN(t.Context(), &ceremonytest.Person{Answers: []string{"1234", second}}, "ask", "user PIN")
		ceremonytest.WantError(t, err, fault.Token, "the two PINs differ; nothing was changed")
		if pin != nil {
			t.Errorf("got %q", pin)
		}
	}
}
