package run

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

// What people type instead of an answer, at every question but that for a PIN.
const commands = `  arrive NAME as PART    somebody comes
  leave NAME             somebody goes
  open TOKEN BAG         a token is taken out of the bag with that number
  seal TOKEN BAG         a token is put into one
  exception [NUMBER] TEXT
                         something goes otherwise than the paper has it
  roll                   who is here
  help                   this`

// take is the Desk of the room.
func (d *desk) take(ctx context.Context, log room.Log, step int, line string) (taken bool, err error) {
	verb, rest, _ := strings.Cut(strings.Join(strings.Fields(line), " "), " ")
	if taken, err = d.do(ctx, log, step, strings.ToLower(verb), rest); isTyped(err) {
		d.say(err)
		return true, nil
	}
	return taken, err
}

func (d *desk) do(ctx context.Context, log room.Log, step int, verb, rest string) (taken bool, err error) {
	switch verb {
	case "arrive":
		name, part, _ := cutLast(rest, " as ")
		return true, d.told(d.arrive(log, step, name, part), "%s is here as %s.", name, part)
	case "leave":
		return true, d.told(d.leave(log, step, rest), "%s has left.", rest)
	case "open", "seal":
		return true, d.bag(log, step, verb, rest)
	case "exception":
		return true, d.exception(log, step, rest)
	case "roll":
		return true, d.show(ctx)
	case "help", "?":
		d.Prompter.Say("%s", commands)
	default:
		return false, nil
	}
	return true, nil
}

// told says what was done, when it was.
func (d *desk) told(err error, format string, args ...any) error {
	if err == nil {
		d.Prompter.Say(format, args...)
	}
	return err
}

func (d *desk) leave(log room.Log, step int, name string) error {
	left, err := d.roll.Leave(name, d.Now())
	if err != nil {
		return &typed{err}
	}
	d.changed()
	for _, l := range left {
		if err := log.Append(step, transcript.ActorPerson, l); err != nil {
			return err
		}
	}
	return nil
}

// bag takes the number of a bag: `officer-1 A10482`.
func (d *desk) bag(log room.Log, step int, verb, text string) error {
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

func (d *desk) exception(log room.Log, step int, text string) error {
	n, text := number(text)
	if text == "" || len(text) > 1000 {
		return &typed{fault.Errorf(fault.Usage, "an exception wants a text of at most 1000 characters: exception TEXT")}
	}
	if n == 0 {
		n = d.exceptions + 1
	}
	d.exceptions = max(d.exceptions, n)
	return d.told(log.Append(step, transcript.ActorPerson, transcript.Exception{Number: n, Text: text}), "Exception %d is noted; fill in its sheet.", n)
}

// bags asks which bags were opened, or sealed, until an empty line.
func (d *desk) bags(ctx context.Context, log room.Log, verb, done string) error {
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
		if taken, err := d.take(ctx, log, 0, text); err != nil || taken {
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

// cutLast cuts around the last separator.
func cutLast(text, separator string) (before, after string, found bool) {
	i := strings.LastIndex(text, separator)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(separator):], true
}
