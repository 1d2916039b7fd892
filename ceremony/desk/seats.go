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
	"github.com/uptane/keyrite/policies"
)

// CallRoll asks below a title who is here, part by part, and shows who is.
func (d *Desk) CallRoll(ctx context.Context, log room.Log, title screen.Text) error {
	if err := prompt.Read(ctx, d.Prompter, screen.Join(title, screen.Blank, screen.Plainly("Roll-call: who is here? An empty line leaves a part open."))); err != nil {
		return err
	}
	for _, part := range d.roll.Missing(func(people.Part) bool { return true }) {
		if err := d.seat(ctx, log, part); err != nil {
			return err
		}
	}
	return d.show(ctx)
}

// Await asks for people in parts that are missing, by name, and fails with code
// Incomplete when one stays open.
func (d *Desk) Await(ctx context.Context, log room.Log, missing []people.Part) error {
	for _, part := range missing {
		since := ""
		if left := d.roll.Left(part.Name); !left.IsZero() {
			since = ", who left at " + left.UTC().Format("15:04 UTC")
		}
		stops := "An empty line"
		if d.suggestion(part) != "" { // which Enter takes
			stops = "Ctrl-C"
		}
		d.Prompter.Show(screen.Styled(screen.Strong, "This step waits for %s%s. %s stops here.", part.Name, since, stops))
		if err := d.seat(ctx, log, part); err != nil {
			return err
		}
	}
	return absent(d.roll.Missing(func(p people.Part) bool { return slices.Contains(missing, p) }))
}

// absent is the error of parts that nobody takes.
func absent(parts []people.Part) error {
	if len(parts) == 0 {
		return nil
	}
	err := fault.Errorf(fault.Incomplete, "%s is not here, want somebody in that part", parts[0].Name).Hint("wait for them and run it again")
	if parts[0].Kind != policies.Officer {
		err.Hint("trust.yaml says under people how many must be there")
	}
	return err
}

// seat asks for the name of who takes a part. Nobody is an answer.
func (d *Desk) seat(ctx context.Context, log room.Log, part people.Part) error {
	for {
		known := d.suggestion(part)
		typed, err := d.Prompter.Line(ctx, people.SeatQuestion(part.Name, known))
		if err != nil {
			return err
		}
		name := strings.TrimSpace(typed)
		if name == "" {
			name = known
		}
		if name == "" {
			return nil
		}
		if err := d.arrive(log, 0, name, part.Name); err == nil || !isTyped(err) {
			return err
		} else {
			d.say(err)
		}
	}
}

// suggestion is a name for a part that is not taken yet.
func (d *Desk) suggestion(part people.Part) string {
	for _, name := range d.known[strings.ToLower(part.Name)] {
		if !slices.ContainsFunc(d.roll.Present(), func(p policies.Person) bool { return p.Name == name }) {
			return name
		}
	}
	return ""
}

func (d *Desk) arrive(log room.Log, step int, name, part string) error {
	arrived, err := d.roll.Arrive(name, part, d.Now())
	if err != nil {
		return &typed{err}
	}
	d.changed()
	d.knows(arrived.Part, arrived.Name)
	return log.Append(step, transcript.ActorPerson, arrived)
}

func (d *Desk) leave(log room.Log, step int, name string) error {
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

func (d *Desk) show(ctx context.Context) error {
	return prompt.Read(ctx, d.Prompter, screen.Join(screen.Blank, d.roll.Table().Text(d.Prompter.Terminal().Columns()), screen.Blank))
}
