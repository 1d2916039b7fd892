package desk

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/transcript"
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

// Take is the Desk of the room: it does what was typed in the place of an answer, if it
// is a command.
func (d *Desk) Take(ctx context.Context, log room.Log, step int, line string) (taken bool, err error) {
	verb, rest, _ := strings.Cut(strings.Join(strings.Fields(line), " "), " ")
	if taken, err = d.do(ctx, log, step, strings.ToLower(verb), rest); isTyped(err) {
		d.say(err)
		return true, nil
	}
	return taken, err
}

func (d *Desk) do(ctx context.Context, log room.Log, step int, verb, rest string) (taken bool, err error) {
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
func (d *Desk) told(err error, format string, args ...any) error {
	if err == nil {
		d.Prompter.Say(format, args...)
	}
	return err
}

func (d *Desk) exception(log room.Log, step int, text string) error {
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

// cutLast cuts around the last separator.
func cutLast(text, separator string) (before, after string, found bool) {
	i := strings.LastIndex(text, separator)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(separator):], true
}

func (d *Desk) say(err error) {
	d.Prompter.Show(screen.Styled(screen.Warn, "%s", strings.Join(append([]string{err.Error()}, fault.Hints(err)...), "; ")))
}

// typed is an error of what somebody typed, who is asked again.
type typed struct{ error }

func isTyped(err error) bool { return errors.As(err, new(*typed)) }

// Unwrap is that of errors.
func (t *typed) Unwrap() error { return t.error }

// number reads a number that stands before a text.
func number(text string) (int, string) {
	first, rest, _ := strings.Cut(text, " ")
	n, err := strconv.Atoi(strings.TrimPrefix(strings.ToUpper(first), "E"))
	if err != nil || n < 1 || n > 999 {
		return 0, text
	}
	return n, strings.TrimSpace(rest)
}
