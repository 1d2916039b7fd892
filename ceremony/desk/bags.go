package desk

import (
	"context"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/people"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
)

// AskOpened asks which bags were opened, until an empty line.
func (d *Desk) AskOpened(ctx context.Context, log room.Log) error {
	return d.askBags(ctx, log, "open", "opened")
}

// AskSealed asks which bags were sealed.
func (d *Desk) AskSealed(ctx context.Context, log room.Log) error {
	return d.askBags(ctx, log, "seal", "sealed")
}

func (d *Desk) askBags(ctx context.Context, log room.Log, verb, done string) error {
	if err := prompt.Read(ctx, d.Prompter, screen.Plainly("\nBags that were %s: TOKEN NUMBER, one at a time. Enter when that is all.", done)); err != nil {
		return err
	}
	for {
		line, err := d.Prompter.Line(ctx, people.BagQuestion)
		if err != nil {
			return err
		}
		text := strings.Join(strings.Fields(line), " ")
		if text == "" {
			return nil
		}
		if taken, err := d.Take(ctx, log, 0, text); err != nil || taken {
			if err != nil {
				return err
			}
			continue
		}
		if err := d.bag(log, 0, verb, text); isTyped(err) {
			d.say(err)
		} else if err != nil {
			return err
		}
	}
}

// bag takes the number of a bag: `officer-1 A10482`.
func (d *Desk) bag(log room.Log, step int, verb, text string) error {
	token, bag, _ := strings.Cut(text, " ")
	if !slices.Contains(d.tokens, token) {
		return &typed{fault.Errorf(fault.Usage, "%q is no token of this ceremony, want one of: %s", words.Line(token), words.List(d.tokens)).Suggest(token, d.tokens)}
	}
	if bag == "" || len(bag) > 64 || words.Line(bag) != bag {
		return &typed{fault.Errorf(fault.Usage, "the number of a bag is %q, want 1 to 64 characters", words.Line(bag))}
	}
	if verb == "open" {
		return d.told(log.Append(step, transcript.ActorPerson, transcript.Unbagged{Token: token, Bag: bag}), "Token %s came out of bag %s.", token, bag)
	}
	return d.told(log.Append(step, transcript.ActorPerson, transcript.Bagged{Token: token, Bag: bag}), "Token %s is in bag %s.", token, bag)
}

// ShowOpenBags names the tokens that were taken out of their bags and are in none,
// whoever ran it then. A token without a bag is what nobody should go home from.
func ShowOpenBags(p prompt.Prompter, events []transcript.Event) {
	for _, open := range openBags(events) {
		p.Show(screen.Styled(screen.Warn, "still open: %s bag %s: seal it, and tell the next run: seal %s NUMBER", open.Token, open.Bag, open.Token))
	}
}

// openBags are the bags that were opened last of tokens that are in none, in the
// order in which they were opened.
func openBags(events []transcript.Event) (open []transcript.Unbagged) {
	drop := func(token string) {
		open = slices.DeleteFunc(open, func(u transcript.Unbagged) bool { return u.Token == token })
	}
	for _, e := range events {
		switch d := e.Data.(type) {
		case transcript.Unbagged:
			drop(d.Token)
			open = append(open, d)
		case transcript.Bagged:
			drop(d.Token)
		}
	}
	return open
}
