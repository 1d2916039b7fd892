package rehearse

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"

	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

const (
	module = "fake" // name of the module in the site.yaml of a world

	// elsewhere is the token of those keys that the real room does not have. The
	// site.yaml of the world names it where other sites take part, which the rehearsal
	// plays.
	elsewhere = "elsewhere"
)

// tokens makes a throwaway token for each of the room, and the site.yaml that names
// them as the real one names the real ones. PINs are asked for where they are asked
// for there.
func (b *builder) tokens(ctx context.Context) error {
	// A PIN's file must be its owner's alone, also where everybody knows the PIN.
	if err := os.WriteFile(b.pinPath(), []byte(PIN+"\n"), 0o600); err != nil {
		return err
	}
	decl := workspace.ModuleDecl{
		Path: b.forge.module.Path, SHA256: b.forge.module.SHA256,
		Env: map[string]string{"SOFTHSM2_CONF": "hsm/softhsm2.conf"}, State: []string{"hsm/tokens"},
	}
	site := &workspace.Site{Version: 1, Name: b.site.Name, Modules: map[string]workspace.ModuleDecl{module: decl}, Tokens: map[string]workspace.TokenDecl{}, Keys: b.held(), Waivers: b.site.Waivers}
	for _, name := range b.site.TokenNames() {
		info, err := b.forge.token(ctx, name)
		if err != nil {
			return err
		}
		real := b.site.Tokens[name]
		site.Tokens[name] = workspace.TokenDecl{Module: module, URI: info.URI().String(), PIN: b.pinSource(real.PIN), Unattended: real.Unattended}
	}
	if len(b.plan.Room.Elsewhere) > 0 {
		info, err := b.forge.token(ctx, elsewhere)
		if err != nil {
			return err
		}
		site.Tokens[elsewhere] = workspace.TokenDecl{Module: module, URI: info.URI().String(), PIN: "file:" + b.pinPath(), Unattended: b.plan.Room.Unattended}
	}
	data, err := strict.Encode(site)
	if err != nil {
		return err
	}
	return b.world.Create(workspace.SiteFile, fmt.Appendf(nil, "# FAKE: throwaway tokens; the PIN of each is %s.\n%s", PIN, data))
}

// held says which token holds which key. One room plays all sites: the token of the
// keys elsewhere has those of the others.
func (b *builder) held() map[string]string {
	held := maps.Clone(b.plan.Room.Held)
	if held == nil {
		held = map[string]string{}
	}
	for key := range b.plan.Room.Elsewhere {
		held[key] = elsewhere
	}
	return held
}

// pinSource asks a person where the real token does.
func (b *builder) pinSource(real string) string {
	if source, err := hsm.ParsePINSource(real); err == nil && source.Asks() {
		return "ask"
	}
	return "file:" + b.pinPath()
}

func (b *builder) pinPath() string { return filepath.Join(b.dir, "hsm", "pin") }
