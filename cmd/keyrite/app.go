package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

// app is what every command shares: the global flags and the three streams.
// Results go to stdout, everything said to people goes to stderr, questions go
// to the terminal.
type app struct {
	stdin          *os.File
	stdout, stderr *os.File

	dir     string
	output  string
	noColor bool
	at      string

	startAgain func() // as a process whose memory nobody may read; nil within another program

	started bool       // the command line was understood
	code    fault.Code // how a command ends in which nothing went wrong

	results map[*cobra.Command]reflect.Type // what each command answers with
	events  map[*cobra.Command]reflect.Type // what some of them tell while they work
	result  any                             // of this command
	answer  *envelope                       // of this command, once it has ended
}

const long = `keyrite runs offline key ceremonies and signs releases for Uptane and TUF
repositories through PKCS#11 HSMs.

You declare who should be trusted for what in trust.yaml. keyrite compares that
with the metadata that is signed now, derives the ceremony as a plan that people
review, and runs it step by step.`

const exitCodes = `
Exit codes: 0 done; 1 failed; 2 wrong usage; 3 refused by policy; 4 verification
failed; 5 not complete yet; 6 HSM or PIN trouble; 7 plan --detailed-exitcode
made a plan; 130 Ctrl-C.
`

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:               "keyrite",
		Short:             "Offline key ceremonies and release signing for Uptane",
		Long:              long,
		Version:           version(),
		SilenceUsage:      true,
		SilenceErrors:     true,
		RunE:              help,
		PersistentPreRunE: func(c *cobra.Command, _ []string) error { return a.start(c) },
	}
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetUsageTemplate(strings.NewReplacer("Flags.FlagUsages |", "Flags.FlagUsagesWrapped 80 |", "for more information about", "for more about").
		Replace(root.UsageTemplate()) + exitCodes)
	a.flags(root)
	a.group(root, "setup", "Set up:",
		a.initCommand(),
		a.preflightCommand(),
		a.tokenCommand(),
		a.keyCommand(),
		a.ledgerCommand(),
		a.importCommand())
	a.group(root, "ceremony", "Ceremony:",
		a.planCommand(),
		a.runbookCommand(),
		a.rehearseCommand(),
		a.runCommand(),
		a.mergeCommand(),
		a.exportCommand(),
		a.signRequestCommand(),
		a.signatureCommand(),
		a.abortCommand(),
		a.recordCommand())
	a.group(root, "carry", "Carry:",
		a.hashCommand(),
		a.releaseCommand(),
		a.bundleCommand(),
		a.unbundleCommand(),
		a.backupCommand(),
		a.restoreCommand(),
		a.drillCommand())
	a.group(root, "look", "Look:",
		a.statusCommand(),
		a.incidentCommand(),
		a.diffCommand(),
		a.verifyCommand(),
		a.policyCommand(),
		a.transcriptCommand(),
		a.simulateCommand(),
		a.followCommand(),
		a.kitCommand(),
		a.schemaCommand(),
		a.versionCommand())
	cobra.EnableCommandSorting = false // the order in which people meet them
	root.SetHelpCommandGroupID("look")
	root.SetCompletionCommandGroupID("setup")
	a.complete(root)
	markRequired(root)
	fitHelp(root)
	help := root.HelpFunc()
	root.SetHelpFunc(func(c *cobra.Command, args []string) {
		hideIdle(c)
		help(c, args)
	})
	return root
}

// flags are those that every command has.
func (a *app) flags(root *cobra.Command) {
	flags := root.PersistentFlags()
	flags.StringVarP(&a.dir, "dir", "C", ".", "the workspace")
	flags.StringVar(&a.output, "output", "text", "text, json, or jsonl: a line for each event, then the result")
	flags.BoolVar(&a.noColor, "no-color", false, "no colors (also NO_COLOR)")
	flags.StringVar(&a.at, "at", "", "the time to reason with, a date or RFC 3339 (plan, status, verify)")
}

// start checks what every command was given, before it does anything.
func (a *app) start(c *cobra.Command) error {
	if err := cmp.Or(c.ValidateRequiredFlags(), c.ValidateFlagGroups()); err != nil {
		return err
	}
	if a.at != "" && !acts(c, "at") {
		return fmt.Errorf("--at has no effect on %s", c.CommandPath())
	}
	if a.output != "text" && !a.json() {
		return fault.Errorf(fault.Usage, "--output is %q, want text, json or jsonl", a.output).Suggest(a.output, []string{"text", "json", "jsonl"})
	}
	if a.json() && c.HasSubCommands() && a.results[c] == nil {
		return fmt.Errorf("%s: which command? want one of those that %s --help lists", c.CommandPath(), c.CommandPath())
	}
	if _, err := a.now(); err != nil {
		return err
	}
	if a.noColor {
		os.Setenv("NO_COLOR", "1") // which the terminal library looks at
	}
	if a.startAgain != nil && !withoutSecrets(c) {
		a.startAgain()
	}
	a.started = true
	return nil
}

// withoutSecrets says whether a command logs in nowhere and meets no private key: its
// memory may be read, and it need not start again as one that nobody may read, which
// takes longer than most of these.
func withoutSecrets(c *cobra.Command) bool {
	return c.Parent() == c.Root() && slices.Contains([]string{"plan", "hash", "bundle", "unbundle", "status", "diff", "verify", "schema", "version"}, c.Name())
}

// group adds commands under a title of the help.
func (a *app) group(root *cobra.Command, id, title string, commands ...*cobra.Command) {
	root.AddGroup(&cobra.Group{ID: id, Title: title})
	for _, c := range commands {
		c.GroupID = id
		root.AddCommand(c)
	}
}

// help is what a command does that only holds others. Without it, cobra would
// take a misspelt one for no command, and end well.
func help(c *cobra.Command, _ []string) error { return c.Help() }

// now is the time to reason with: --at, or the clock.
func (a *app) now() (time.Time, error) {
	if a.at == "" {
		return time.Now().UTC().Truncate(time.Second), nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, a.at); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("--at is %q, want a date such as 2027-01-02, or RFC 3339 such as 2027-01-02T03:04:05Z", a.at)
}

// clock is the time of things that are done, which no flag can change.
func clock() time.Time { return time.Now().UTC().Truncate(time.Second) }

// withWorkspace opens the workspace for one command.
func (a *app) withWorkspace(do func(ws *workspace.Workspace) error) error {
	ws, err := workspace.Open(a.dir)
	if err != nil {
		return err
	}
	defer ws.Close()
	return do(ws)
}

// withTokens is withWorkspace for commands that use tokens: the process protects
// itself first, and gives up the network unless a module needs it.
func (a *app) withTokens(do func(*workspace.Workspace, []hsm.Protection) error) error {
	return a.withWorkspace(func(ws *workspace.Workspace) error {
		site, err := ws.Site()
		if err != nil {
			return err
		}
		protections := hsm.Harden()
		if !site.Networked() {
			protections = append(protections, hsm.DenyNetwork()...)
		}
		return do(ws, protections)
	})
}

// say tells people something; it never goes to stdout.
func (a *app) say(format string, args ...any) {
	show(a.stderr, func(w io.Writer) { fmt.Fprintf(w, format+"\n", args...) })
}

// prompter asks people on the terminal.
func (a *app) prompter() prompt.Prompter { return prompt.New(a.stdin, a.stderr) }

// room is where everything happens that people take part in.
func (a *app) room(ws *workspace.Workspace) room.Room {
	return room.Room{Workspace: ws, Prompter: a.prompter(), Now: clock}
}

// inWorkspace turns the path of a file into one of the workspace. It may be
// given from where the command was called or from the workspace.
func (a *app) inWorkspace(ws *workspace.Workspace, name string) string {
	absolute, err := filepath.Abs(name)
	if err != nil {
		return name
	}
	relative, err := filepath.Rel(ws.Dir, absolute)
	if err != nil || !filepath.IsLocal(relative) {
		return name
	}
	return filepath.ToSlash(relative)
}
