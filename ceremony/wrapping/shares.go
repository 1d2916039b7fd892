package wrapping

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"

	"github.com/uptane/keyrite/ceremony/custody"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/shares"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/hsm"
)

// ShareRequest says how many shares of a new wrapping key are made.
type ShareRequest struct {
	Needed int // that make the key
	Made   int
}

// MakeShares makes a new wrapping key and gives it out in shares, one custodian after
// another: each writes their share down while nobody else looks, and types it from the
// paper. Nothing of the key stays but that. It returns the check value of the key.
func MakeShares(ctx context.Context, r room.Room, s ShareRequest) (check string, err error) {
	if !r.Prompter.Asks() {
		return "", fault.Errorf(fault.Usage, "shares are shown to people: stdin and stderr are no terminal")
	}
	secret, list, err := shares.Split(s.Needed, s.Made)
	if err != nil {
		return "", err
	}
	defer func() {
		hsm.Wipe(secret)
		for i := range list {
			list[i].Wipe()
		}
	}()
	for _, share := range list {
		if err := giveOut(ctx, r.Prompter, share, len(list)); err != nil {
			return "", err
		}
	}
	check = list[0].Check
	return check, custody.Trace(r, func(log room.Log) error {
		return log.Append(0, transcript.ActorTool, transcript.Shared{Needed: s.Needed, Made: s.Made, CheckValue: check})
	})
}

// giveOut shows a share to its custodian until it was typed as it was shown.
func giveOut(ctx context.Context, p prompt.Prompter, share shares.Share, of int) error {
	which := fmt.Sprintf("share %d of %d", share.Number, of)
	for {
		if _, err := p.Line(ctx, fmt.Sprintf("Now %s. Only its custodian looks at the screen; then press Enter. ", which)); err != nil {
			return err
		}
		p.Say("%s; %d of them make the wrapping key with check value %s\n\n%s", which, share.Needed, share.Check, share.Words(p.Terminal().Columns()))
		_, err := p.Line(ctx, "When it stands on paper, press Enter. ")
		if c, can := p.(prompt.Clearer); can {
			c.Clear()
		}
		if err != nil {
			return err
		}
		typed, err := p.PIN(ctx, "Type "+which+" from the paper: ")
		if err != nil {
			return err
		}
		got, err := shares.Parse(typed)
		hsm.Wipe(typed)
		if err == nil && got == share {
			p.Say("That is %s.", which)
			return nil
		}
		p.Say("That is not what was shown (%v). It is shown again.", orElse(err, "it is another share"))
	}
}

func orElse(err error, text string) any {
	if err != nil {
		return err
	}
	return text
}

// shares reads shares until there are as many as the first one says, and returns the
// components that a token is given for them. The last source is asked again and again.
func (r WrappingKeyRequest) shares(ctx context.Context, prompter prompt.Prompter) (components [][]byte, err error) {
	var list []shares.Share
	defer func() {
		for i := range list {
			list[i].Wipe()
		}
	}()
	for i := 0; i < len(r.Shares) || len(list) < list[0].Needed; i++ {
		from, err := hsm.ParsePINSource(r.Shares[min(i, len(r.Shares)-1)])
		if err != nil {
			return nil, &fault.Error{Code: fault.Usage, Err: fmt.Errorf("share %d: %w", i+1, err)}
		}
		if i >= len(r.Shares) && !from.Asks() {
			break // Join says how many are missing
		}
		share, err := readShare(ctx, prompter, from, i+1)
		if err != nil {
			return nil, err
		}
		list = append(list, share)
		prompter.Say("That is share %d; %d make the wrapping key with check value %s.", share.Number, share.Needed, share.Check)
	}
	secret, err := shares.Join(list)
	if err != nil {
		return nil, err
	}
	defer hsm.Wipe(secret)
	return asComponents(secret)
}

// readShare reads one share. One that was typed wrong is asked for again.
func readShare(ctx context.Context, prompter prompt.Prompter, from hsm.PINSource, place int) (shares.Share, error) {
	for {
		typed, err := from.Read(func() ([]byte, error) {
			return prompter.PIN(ctx, fmt.Sprintf("A share, the %s that is typed, in words: ", ordinal(place)))
		})
		if err != nil {
			return shares.Share{}, err
		}
		share, err := shares.Parse(typed)
		hsm.Wipe(typed)
		if err == nil || !from.Asks() {
			return share, err
		}
		prompter.Say("%v. Once more.", err)
	}
}

func ordinal(n int) string {
	if small := []string{"first", "second", "third"}; n <= len(small) {
		return small[n-1]
	}
	return fmt.Sprintf("%dth", n)
}

// asComponents are two components that make a key: a random one, and what is left.
func asComponents(key []byte) ([][]byte, error) {
	mask := make([]byte, len(key))
	if _, err := rand.Read(mask); err != nil {
		return nil, err
	}
	rest := bytes.Clone(key)
	subtle.XORBytes(rest, rest, mask)
	return [][]byte{mask, rest}, nil
}
