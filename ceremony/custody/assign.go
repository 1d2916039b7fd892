package custody

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/declare"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// AssignQuestion asks whether the lines that stand above it are to be written.
const AssignQuestion = "Type add to write these lines into site.yaml, KEY: TOKEN to change one, or nothing to stop: "

// Assign offers people to say in site.yaml which tokens hold keys of a repository, and
// writes what they agree to. Everything else in the file stays as it is.
func Assign(ctx context.Context, r room.Room, trust *workspace.Trust, repository string, keys []string) error {
	repo, err := trust.Repository(repository)
	if err != nil {
		return err
	}
	site, err := r.Workspace.Site()
	if err != nil {
		return err
	}
	if len(site.TokenNames()) == 0 {
		return fault.Errorf(fault.Usage, "site.yaml: there is no token that could hold %s", words.List(keys)).
			Hint("set tokens up first: keyrite token init LABEL... --add; or take in those that are set up: keyrite token add NAME")
	}
	list := Propose(trust, site, repo, keys)
	for {
		show(r, repo, list)
		typed, err := r.Prompter.Line(ctx, AssignQuestion)
		if err != nil {
			return err
		}
		typed = strings.ToLower(strings.TrimSpace(typed))
		switch key, token, pair := strings.Cut(typed, ":"); {
		case typed == "":
			return fault.Errorf(fault.Usage, "nothing was written; no token here holds %s", words.List(keys))
		case typed == "add":
			return write(r.Workspace, list)
		case pair:
			if err := change(site, list, strings.TrimSpace(key), strings.TrimSpace(token)); err != nil {
				r.Prompter.Say("%s", err)
			}
		}
	}
}

func show(r room.Room, repo *workspace.Repository, list []Holding) {
	r.Prompter.Say("In site.yaml, below keys:")
	for _, h := range list {
		token := h.Token
		if token == "" {
			token = "?"
		}
		r.Prompter.Say("  %s", strings.TrimSpace(fmt.Sprintf("%-28s %s", h.Key+": "+token, repo.Keys[h.Key].Custodian)))
	}
}

// change puts another token behind a key.
func change(site *workspace.Site, list []Holding, key, token string) error {
	i := slices.IndexFunc(list, func(h Holding) bool { return h.Key == key })
	if i < 0 {
		return fault.Errorf(fault.Usage, "%s is none of these keys", words.Quote(key))
	}
	if _, err := site.Token(token); err != nil {
		return err
	}
	list[i].Token = token
	return nil
}

func write(ws *workspace.Workspace, list []Holding) error {
	for _, h := range list {
		if h.Token == "" {
			return fault.Errorf(fault.Usage, "nothing was written; %s has no token yet", h.Key).
				Hint("set another token up first: keyrite token init LABEL --add")
		}
	}
	_, err := declare.EditSite(ws, func(e *declare.SiteEdit) error {
		for _, h := range list {
			if err := e.SetKey(h.Key, h.Token); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}
