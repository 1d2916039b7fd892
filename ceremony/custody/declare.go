package custody

import (
	"context"
	"slices"

	"github.com/uptane/keyrite/ceremony/declare"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

// Declare writes the block of a token into site.yaml: its module, and serial and label
// to know it by. Its PIN is asked for. Everything else in the file stays as it is.
func Declare(ws *workspace.Workspace, name string, info hsm.TokenInfo) error {
	if !disk.Names.MatchString(name) {
		return fault.Errorf(fault.Usage, "%s is no name of a token in site.yaml; %s", words.Quote(name), disk.NamesRule).
			Hint("keyrite token add NAME --serial %s", info.Serial)
	}
	uri := hsm.URI{Serial: info.Serial, Token: info.Label}
	_, err := declare.EditSite(ws, func(e *declare.SiteEdit) error {
		if _, taken := e.Tokens()[name]; taken {
			return fault.Errorf(fault.Usage, "site.yaml: tokens.%s is there already", name).Hint("keyrite token info %s shows it; give this one another name: keyrite token add NAME --serial %s", name, info.Serial)
		}
		return e.SetToken(name, workspace.TokenDecl{Module: info.Module, URI: uri.String(), PIN: "ask"})
	})
	return err
}

// Undeclared finds the one token that is plugged in, is set up, and has no name in
// site.yaml yet: the one with that serial, or else with that label, or else the only
// one.
func Undeclared(ctx context.Context, ws *workspace.Workspace, label, serial string) (hsm.TokenInfo, error) {
	all, err := ListTokens(ctx, ws)
	if err != nil {
		return hsm.TokenInfo{}, err
	}
	unnamed := slices.DeleteFunc(all, func(t ListedToken) bool { return t.Remark != "" || !t.Initialized || t.Name != "" })
	found := slices.DeleteFunc(slices.Clone(unnamed), func(t ListedToken) bool {
		return serial != "" && t.Serial != serial || serial == "" && t.Label != label
	})
	if len(found) == 0 && serial == "" && len(unnamed) == 1 {
		found = unnamed
	}
	if len(found) == 1 {
		return found[0].TokenInfo, nil
	}
	if len(unnamed) == 0 {
		return hsm.TokenInfo{}, fault.Errorf(fault.Usage, "which token is %s; every token that is plugged in stands in site.yaml already", label).
			Hint("plug it in; or set it up: keyrite token init %s --add", label)
	}
	var seen []string
	for _, t := range unnamed {
		seen = append(seen, words.Quote(t.Label)+" with serial "+t.Serial)
	}
	return hsm.TokenInfo{}, fault.Errorf(fault.Usage, "which token is %s; got %d that fit, want one; not in site.yaml yet: %s", label, len(found), words.List(seen)).
		Hint("name one by its serial: keyrite token add %s --serial SERIAL", label)
}
