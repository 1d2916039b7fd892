package run

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

// tokensInUse are the tokens of this room that the steps use, in their order.
func (m *machine) tokensInUse() (list []string) {
	for _, s := range m.plan.Steps {
		if token := m.site.Keys[s.Key]; s.Key != "" && token != "" && !slices.Contains(list, token) {
			list = append(list, token)
		}
	}
	return list
}

// equipment looks at what is plugged in, when people have compared their paper,
// and shows which tokens are here and which are not. Nobody logs in; a token that
// comes later is waited for when it is its turn.
func (m *machine) equipment(ctx context.Context) error {
	if m.desk == nil {
		return nil
	}
	table := screen.Table{Head: []string{"token", "serial", "holds", "custodian", "state"}}
	line := transcript.Equipped{}
	seen := map[string]seen{} // by module
	for _, name := range m.tokensInUse() {
		declared, err := m.site.Token(name)
		if err != nil {
			return err
		}
		if _, looked := seen[declared.Module.Name]; !looked {
			seen[declared.Module.Name] = look(ctx, declared.Module)
		}
		row, found := m.tokenRow(declared, seen[declared.Module.Name])
		table.Rows, line.Tokens = append(table.Rows, row), append(line.Tokens, found)
	}
	if err := m.fitting(ctx, screen.Join(screen.Blank, table.Text(m.Prompter.Terminal().Columns()))); err != nil {
		return err
	}
	if err := m.transcript.Append(0, transcript.ActorTool, line); err != nil {
		return err
	}
	return m.desk.AskOpened(ctx, m.transcript)
}

// seen is what a module showed.
type seen struct {
	tokens []hsm.TokenInfo
	err    error
}

func look(ctx context.Context, m hsm.Module) seen {
	listing, err := hsm.Tokens(ctx, m)
	for _, f := range listing.Faults {
		err = errors.Join(err, f.Err)
	}
	return seen{listing.Tokens, err}
}

func (m *machine) tokenRow(declared workspace.SiteToken, s seen) (screen.Row, transcript.Equipment) {
	keys, who, first := m.holds(declared.Name)
	row := screen.Row{Cells: []screen.Span{{Text: declared.Name}, {Text: declared.URI.Serial}, {Text: shortList(keys)}, {Text: shortList(who)}, {Text: "here"}}}
	found := transcript.Equipment{Token: declared.Name}
	i := slices.IndexFunc(s.tokens, declared.URI.Matches)
	if i < 0 {
		row.Cells[4] = screen.Span{Text: fmt.Sprintf("NOT HERE (step %d)", first), Style: screen.Bad}
		row.Note = nearest(declared.URI, s)
		return row, found
	}
	t := s.tokens[i]
	row.Cells[1].Text = t.Serial
	found.Here, found.Serial, found.Label, found.Model, found.Firmware = true, t.Serial, t.Label, t.Model, t.Firmware
	return row, found
}

// shortList is a list for a narrow column.
func shortList(list []string) string {
	if len(list) > 2 {
		return fmt.Sprintf("%s and %d more", list[0], len(list)-1)
	}
	return words.List(list)
}

// holds are the keys of a token that steps use, their custodians, and the first
// of the steps.
func (m *machine) holds(token string) (keys, custodians []string, first int) {
	add := func(list []string, text string) []string {
		if text == "" || slices.Contains(list, text) {
			return list
		}
		return append(list, text)
	}
	for _, s := range slices.Backward(m.plan.Steps) {
		if s.Key != "" && m.site.Keys[s.Key] == token {
			first = s.Step
		}
	}
	for _, s := range m.plan.Steps {
		if s.Key != "" && m.site.Keys[s.Key] == token {
			keys, custodians = add(keys, s.Key), add(custodians, m.scene.Repo.Custodian(s.Key))
		}
	}
	return keys, custodians, first
}

// nearest says what is here in the place of a token that is not.
func nearest(want hsm.URI, s seen) string {
	for _, t := range s.tokens {
		switch {
		case want.Token != "" && t.Label == want.Token:
			return fmt.Sprintf("a token with the label %s is here, but its serial is %s", t.Label, t.Serial)
		case want.Serial != "" && t.Serial == want.Serial:
			return fmt.Sprintf("a token with that serial is here, labelled %s", t.Label)
		}
	}
	if s.err != nil {
		return fmt.Sprintf("its module cannot be read: %v", s.err)
	}
	return fmt.Sprintf("its module shows %s, and none is like it", words.Count(len(s.tokens), "token"))
}
