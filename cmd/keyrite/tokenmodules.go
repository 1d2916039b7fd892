package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/hsm"
)

func (a *app) tokenModulesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "modules [FILE]",
		Short: "Show what known modules need, ready for site.yaml",
		Long: `Show what known PKCS#11 modules need: the folders that they write to, what they read,
the services that they connect to. Put what you use under modules in site.yaml; a
module can reach nothing else. With FILE, show the SHA-256 that pins that module:
compare it with its vendor's value.`,
		Example: `  keyrite token modules

  keyrite token modules /usr/lib/softhsm/libsofthsm2.so`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				return a.moduleHash(args[0])
			}
			return a.print(hsm.Blocks(), func(w io.Writer) {
				fmt.Fprintln(w, "modules:")
				for _, b := range hsm.Blocks() {
					fmt.Fprintln(w, b.YAML())
				}
			})
		},
	}
}

func (a *app) moduleHash(path string) error {
	hash, err := hsm.HashModule(path)
	if err != nil {
		return err
	}
	return a.print(map[string]string{"path": path, "sha256": hash}, func(w io.Writer) { fmt.Fprintf(w, "sha256: %s\n", hash) })
}
