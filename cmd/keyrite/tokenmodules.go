package main

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/declare"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

func (a *app) tokenModulesCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "modules [FILE]",
		Short: "Show what known modules need, ready for site.yaml",
		Long: `Show what known PKCS#11 modules need: the folders that they write to, what they read,
the services that they connect to. keyrite token module add puts one into site.yaml; a
module can reach nothing else. With FILE, show the SHA-256 that pins that module:
compare it with its vendor's value.`,
		Example: `  keyrite token modules

  keyrite token modules /usr/lib/softhsm/libsofthsm2.so`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				return a.moduleHash(args[0])
			}
			return a.print(modules{Known: hsm.Blocks()}, func(w io.Writer) {
				fmt.Fprintln(w, "modules:")
				for _, b := range hsm.Blocks() {
					fmt.Fprintln(w, b.YAML())
				}
			})
		},
	}
	return a.answers(c, modules{})
}

// modules is the kinds of modules that are known, or the hash of one file.
type modules struct {
	Known []hsm.Block `json:"known,omitempty"`
	File  *moduleFile `json:"file,omitempty"`
}

// moduleFile is a module with the hash that pins it.
type moduleFile struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
}

// pinnedModules is the modules that stand in site.yaml now.
type pinnedModules struct {
	Modules []declare.PinnedModule `json:"modules"`
}

func (a *app) tokenModuleCommand() *cobra.Command {
	c := &cobra.Command{Use: "module", Short: "Put modules into site.yaml", Args: cobra.NoArgs, RunE: help}
	c.AddCommand(a.tokenModuleAddCommand())
	return c
}

func (a *app) tokenModuleAddCommand() *cobra.Command {
	pin := declare.ModulePin{}
	c := &cobra.Command{
		Use:   "add PATH...",
		Short: "Put a module into site.yaml, with the hash that pins it",
		Long: `Put PKCS#11 modules into site.yaml, each with the SHA-256 of its file: where the path
stands already, into its block; else as a new block, with what that kind of module
needs. Everything else in the file stays as it is. A module is foreign code that sees
PINs: compare the hash with its vendor's value.`,
		Example: `  keyrite token module add /usr/lib/softhsm/libsofthsm2.so

  # after an update of the module
  keyrite token module add /usr/lib/softhsm/libsofthsm2.so --update

  # the same module a second time, for other tokens
  keyrite token module add /usr/lib/softhsm/libsofthsm2.so --name safe`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			for _, path := range args {
				absolute, err := filepath.Abs(path)
				if err != nil {
					return err
				}
				pin.Paths = append(pin.Paths, absolute)
			}
			return a.withWorkspace(func(ws *workspace.Workspace) error {
				pinned, err := declare.PinModules(ws, pin)
				if err != nil {
					return err
				}
				return a.print(pinnedModules{pinned}, func(w io.Writer) { printPinned(w, pinned) })
			})
		},
	}
	c.Flags().StringVar(&pin.Name, "name", "", "what site.yaml calls it (default: as such modules are called)")
	c.Flags().BoolVar(&pin.Update, "update", false, "replace a hash that is there already")
	return a.answers(c, pinnedModules{})
}

func printPinned(w io.Writer, pinned []declare.PinnedModule) {
	for _, m := range pinned {
		fmt.Fprintf(w, "module  %s\npath    %s\nsha256  %s\n", m.Name, m.Path, m.SHA256)
		switch {
		case m.New && m.Kind == nil:
			fmt.Fprintf(w, "needs   not known; declare under modules.%s in site.yaml what it reads and writes\n", m.Name)
		case m.New && m.Kind.Note != "":
			fmt.Fprintf(w, "check   modules.%s in site.yaml; %s\n", m.Name, m.Kind.Note)
		}
		if m.Kind != nil && m.Kind.Service != "" {
			fmt.Fprintf(w, "runs    only while %s does\n", m.Kind.Service)
		}
		fmt.Fprintln(w, "next    compare the hash with the vendor's value, then keyrite token list")
	}
}

func (a *app) moduleHash(path string) error {
	hash, err := hsm.HashModule(path)
	if err != nil {
		return err
	}
	return a.print(modules{File: &moduleFile{path, hash}}, func(w io.Writer) { fmt.Fprintf(w, "sha256: %s\n", hash) })
}
