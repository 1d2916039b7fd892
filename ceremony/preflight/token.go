package preflight

import (
	"context"
	"errors"
	"slices"

	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

// tokens looks at those that are asked for, and at what is known of their models.
func (r *Report) tokens(ctx context.Context, ws *workspace.Workspace, site *workspace.Site, ask Request) error {
	names := ask.Tokens
	if names == nil {
		names = site.TokenNames()
	}
	wanted := wantedAtAll(ws, site)
	known := &warnings{types: keyTypes(ws, site)}
	var viewer hsm.Viewer
	defer viewer.Close()
	for _, name := range names {
		declared, err := site.Token(name)
		if err != nil {
			return err
		}
		if info, here := r.token(ctx, &viewer, declared, ask, wanted[name]); here {
			known.look(name, info)
		}
	}
	known.report(r)
	return nil
}

// token looks at a token, and says whether it is here, and what of
// what is wanted it cannot do.
func (r *Report) token(ctx context.Context, viewer *hsm.Viewer, t workspace.SiteToken, ask Request, w *wanted) (info hsm.TokenInfo, here bool) {
	info, can, err := viewer.View(ctx, t.Module, t.URI)
	switch {
	case err == nil:
		r.present(t.Name, info)
		r.able(t, info, can, w)
		return info, true
	case errors.Is(err, hsm.ErrTokenNotFound) && ask.People && ask.Absent:
		r.warn(CheckToken, t.Name, "token %s is not here yet: module %s shows none that fits %s", t.Name, t.Module.Name, t.URI)
	case errors.Is(err, hsm.ErrTokenNotFound):
		r.fail(CheckToken, t.Name, "token %s is not here: module %s shows none that fits %s", t.Name, t.Module.Name, t.URI)
	default:
		r.fail(CheckToken, t.Name, "token %s cannot be used: %v", t.Name, err)
	}
	return info, false
}

// present says what a token tells of itself, and whether its PIN can be used.
func (r *Report) present(name string, info hsm.TokenInfo) {
	r.pass(CheckToken, name, "token %s is here: label %s, serial %s, %s, firmware %s%s", name, info.Label, info.Serial, info.Model, info.Firmware, remarks(info))
	switch {
	case !info.LoginRequired:
		r.warn(CheckPIN, name, "token %s wants no PIN", name)
	case info.UserPIN == hsm.PINOK:
		r.pass(CheckPIN, name, "token %s shows no wrong user PIN", name)
	case info.UserPIN == hsm.PINCountLow:
		r.warn(CheckPIN, name, "token %s was given a wrong user PIN since the last right one (%s)", name, info.UserPIN)
	case info.UserPIN == hsm.PINFinalTry:
		r.fail(CheckPIN, name, "token %s has one try of its user PIN left (%s)", name, info.UserPIN)
	default:
		r.fail(CheckPIN, name, "the user PIN of token %s is locked", name)
	}
}

// able says what the token cannot do, and whether its PIN can be had and can be right.
// What is not wanted today stops nobody: it is a warning.
func (r *Report) able(t workspace.SiteToken, info hsm.TokenInfo, can hsm.Capabilities, w *wanted) {
	for _, lack := range w.cannot(t.Name, info, can) {
		r.warn(CheckToken, t.Name, "%s", lack)
	}
	if !info.LoginRequired || info.ProtectedPath || t.PIN.Asks() {
		return
	}
	if err := pinOf(t, info); err != nil {
		r.fail(CheckPIN, t.Name, "the PIN of token %s cannot be had: %v", t.Name, err)
		return
	}
	r.pass(CheckPIN, t.Name, "the PIN of token %s can be read (%s)", t.Name, t.PIN)
}

// pinOf looks whether the PIN of a token can be had, and can be right.
func pinOf(t workspace.SiteToken, info hsm.TokenInfo) error {
	pin, err := t.PIN.Read(nil)
	if err != nil {
		return err
	}
	defer hsm.Wipe(pin)
	return info.CheckPIN(pin)
}

// remarks are about what cannot be done with a token. Some show that no PIN was set
// when one was: that alone is no reason.
func remarks(info hsm.TokenInfo) (text string) {
	if info.LoginRequired && !info.UserPINSet {
		text += "; it does not show that a user PIN was set"
	}
	if info.WriteProtected {
		text += "; write-protected: it may neither make nor destroy keys"
	}
	return text
}

// keyTypes are the types of keys that a token holds, as trust.yaml and site.yaml have
// it; nil where they do not tell.
func keyTypes(ws *workspace.Workspace, site *workspace.Site) func(token string) []hsm.KeyType {
	trust, err := ws.Trust()
	return func(token string) (types []hsm.KeyType) {
		if err != nil {
			return nil
		}
		for _, repository := range trust.Repositories {
			for name, key := range repository.Keys {
				if site.Keys[name] == token && key.Type != "" && !slices.Contains(types, key.Type) {
					types = append(types, key.Type)
				}
			}
		}
		return types
	}
}

// warnings collects what is known of tokens, those with the same weakness together.
type warnings struct {
	types  func(token string) []hsm.KeyType
	order  []*hsm.Advisory
	tokens map[*hsm.Advisory][]string
}

func (w *warnings) look(name string, info hsm.TokenInfo) {
	if w.tokens == nil {
		w.tokens = make(map[*hsm.Advisory][]string)
	}
	for _, a := range hsm.Advisories(info, w.types(name)) {
		if w.tokens[a] == nil {
			w.order = append(w.order, a)
		}
		w.tokens[a] = append(w.tokens[a], name)
	}
}

func (w *warnings) report(r *Report) {
	for _, a := range w.order {
		verdict := r.warn
		if a.Broken {
			verdict = r.fail
		}
		verdict(CheckAdvisory, words.List(w.tokens[a]), "%s %s: %s (%s)", plural(w.tokens[a]), words.List(w.tokens[a]), a.Text, a.Source)
	}
	if w.order == nil && len(r.Lines) > 0 {
		r.pass(CheckAdvisory, "", "no weakness is known of the tokens that are here; the list is of %s", hsm.AdvisoriesOf)
	}
}

func plural(tokens []string) string {
	if len(tokens) == 1 {
		return "token"
	}
	return "tokens"
}
