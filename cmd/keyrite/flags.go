package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Global flags are shown where they act. A workspace is accepted everywhere, so that
// `keyrite -C DIR` can stand before any command; a time is refused where none is reasoned
// with, for its answer would be taken for one of that time.

// withoutWorkspace are commands that no workspace has an effect on.
var withoutWorkspace = []string{"completion", "hash", "help", "policy explain", "token modules", "unbundle", "verify", "version"}

// withTime are commands that reason with a time: --at can be another one than now.
var withTime = []string{"bundle", "plan", "policy check", "status", "kit", "verify"}

// acts says whether a global flag has an effect on a command.
func acts(c *cobra.Command, flag string) bool {
	path := strings.TrimPrefix(c.CommandPath(), c.Root().Name()+" ")
	listed := func(list []string) bool {
		return slices.ContainsFunc(list, func(name string) bool { return path == name || strings.HasPrefix(path, name+" ") })
	}
	switch flag {
	case "dir":
		return !listed(withoutWorkspace)
	case "at":
		return slices.Contains(withTime, path) || !c.HasParent()
	}
	return true
}

// hideIdle hides the global flags that have no effect on a command, from its help.
func hideIdle(c *cobra.Command) {
	c.Root().PersistentFlags().VisitAll(func(f *pflag.Flag) { f.Hidden = !acts(c, f.Name) })
}

// markRequired says in the help of each flag that has to be given that it has.
func markRequired(c *cobra.Command) {
	c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
		if f.Annotations[cobra.BashCompOneRequiredFlag] != nil {
			f.Usage += " (required)"
		}
	})
	for _, sub := range c.Commands() {
		markRequired(sub)
	}
}
