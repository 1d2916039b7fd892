package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/record"
	"github.com/uptane/keyrite/ceremony/schema"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/policies"
)

// completer lists what can stand at a place of the command line, each with half a
// sentence behind a tab. It reads files of the workspace, and opens no token; what it
// cannot read it leaves out without a word.
type completer func(a *app) []string

// placeholders are the words in capitals that command lines are described with: what can
// stand for them. A word that is not here is a file, or something new.
var placeholders = map[string]completer{
	"REPOSITORY": declaredRepositories,
	"CEREMONY":   heldCeremonies,
	"TRANSCRIPT": transcriptNames,
	"KEY":        declaredKeys,
	"TOKEN":      declaredTokens,
	"ROLE":       declaredRoles,
	"POLICY":     always(policies.Presets()...),
	"ID":         checkIDs,
	"SCHEMA":     schemaNames,
	"LABEL":      nothing,
	"NAME":       nothing,
}

// fileWords are placeholders for which the shell completes files.
var fileWords = []string{"FILE", "DIR", "PATH", "IMAGES", "OLD", "NEW", "LIST"}

// valuesOf are the values of flags, by the flag's name.
var valuesOf = map[string]completer{
	"output":     always("text\tfor people", "json\tone document", "jsonl\ta line for each event, then the result"),
	"format":     always("tuf\tany TUF client", "ota-ce\taktualizr and OTA Community Edition"),
	"type":       keyTypes,
	"repository": declaredRepositories,
	"role":       declaredRoles,
	"renew":      declaredRoles,
	"online":     always(workspace.TopLevel...),
	"despite":    delegatedRoles,
	"key":        declaredKeys,
	"signers":    declaredKeys,
	"destroy":    declaredKeys,
	"stolen":     declaredKeys,
	"lost":       declaredKeys,
	"token":      declaredTokens,
	"practice":   declaredTokens,
	"pin":        pinSources,
	"so-pin":     pinSources,
	"component":  pinSources,
	"share":      pinSources,
	"policy":     always(policies.Presets()...),
	"reason":     nothing,
	"at":         nothing,
	"fleet":      nothing,
	"channel":    always("in person", "telephone"),
}

// dirFlags are flags whose value is a folder.
var dirFlags = []string{"dir", "images", "state"}

// complete gives every command what its usage line and its flags promise.
func (a *app) complete(c *cobra.Command) {
	if !c.HasSubCommands() || a.results[c] != nil {
		c.ValidArgsFunction = a.arguments(placesOf(c))
	}
	c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) { a.completeFlag(c, f) })
	c.PersistentFlags().VisitAll(func(f *pflag.Flag) { a.completeFlag(c, f) })
	for _, sub := range c.Commands() {
		a.complete(sub)
	}
}

func (a *app) completeFlag(c *cobra.Command, f *pflag.Flag) {
	values := valuesOf[f.Name]
	switch {
	case f.Name == "module" && c.Name() != "rehearse": // where it is a file
		values = declaredModules
	case f.Name == "witness" && c.Name() != "verify": // where it is a file
		values = declaredWitnesses
	}
	switch {
	case slices.Contains(dirFlags, f.Name):
		c.MarkFlagDirname(f.Name)
	case values != nil:
		c.RegisterFlagCompletionFunc(f.Name, func(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
			return listed(f, values(a), begun), cobra.ShellCompDirectiveNoFileComp
		})
	}
}

// listed puts what a list has already before each value that may come next.
func listed(f *pflag.Flag, values []string, begun string) []string {
	i := strings.LastIndexByte(begun, ',')
	if f.Value.Type() != "stringSlice" || i < 0 {
		return values
	}
	var next []string
	for _, v := range values {
		if name, _, _ := strings.Cut(v, "\t"); !slices.Contains(strings.Split(begun[:i], ","), name) {
			next = append(next, begun[:i+1]+v)
		}
	}
	return next
}

var capitals = regexp.MustCompile(`[A-Z]+`)

// placesOf are the placeholders of a usage line, one for each argument, up to its flags.
// The last is repeated where more may come.
func placesOf(c *cobra.Command) (places []string, more bool) {
	for _, field := range strings.Fields(c.Use)[1:] {
		if strings.HasPrefix(field, "-") || field == "|" {
			break
		}
		place := capitals.FindString(field)
		if strings.Contains(field, "/SITE") {
			place = "TRANSCRIPT"
		}
		places = append(places, place)
		more = strings.Contains(field, "...")
	}
	return places, more
}

// arguments completes by place.
func (a *app) arguments(places []string, more bool) cobra.CompletionFunc {
	return func(_ *cobra.Command, given []string, _ string) ([]string, cobra.ShellCompDirective) {
		at := len(given)
		if more {
			at = min(at, len(places)-1)
		}
		switch {
		case at >= len(places):
			return nil, cobra.ShellCompDirectiveNoFileComp
		case slices.Contains(fileWords, places[at]):
			return nil, cobra.ShellCompDirectiveDefault
		}
		return placeholders[places[at]](a), cobra.ShellCompDirectiveNoFileComp
	}
}

func nothing(*app) []string { return nil }

func always(values ...string) completer { return func(*app) []string { return values } }

// from lists what a file of the workspace has.
func from[T any](a *app, read func(*workspace.Workspace) (T, error), list func(T) []string) (found []string) {
	a.withWorkspace(func(ws *workspace.Workspace) error {
		if content, err := read(ws); err == nil {
			found = list(content)
		}
		return nil
	})
	return found
}

// described is a value with what it is, as one line for the shell.
func described(value, format string, args ...any) string {
	return value + "\t" + words.Line(fmt.Sprintf(format, args...))
}

func declaredRepositories(a *app) []string {
	return from(a, (*workspace.Workspace).Trust, func(t *workspace.Trust) (list []string) {
		for _, name := range t.RepositoryNames() {
			list = append(list, described(name, "%s, policy %s", t.Repositories[name].Format, t.Repositories[name].Policy))
		}
		return list
	})
}

// inRepositories collects names of every repository, each once.
func inRepositories(a *app, names func(*workspace.Repository) []string) []string {
	return from(a, (*workspace.Workspace).Trust, func(t *workspace.Trust) (list []string) {
		for _, name := range t.RepositoryNames() {
			for _, n := range names(t.Repositories[name]) {
				if !slices.Contains(list, n) {
					list = append(list, n)
				}
			}
		}
		return list
	})
}

func declaredKeys(a *app) []string {
	return inRepositories(a, func(r *workspace.Repository) (list []string) {
		for _, name := range r.KeyNames {
			list = append(list, described(name, "%s, %s", words.List(r.RolesOf(name)), r.Custodian(name)))
		}
		return list
	})
}

func declaredRoles(a *app) []string {
	return inRepositories(a, func(r *workspace.Repository) []string {
		return append(slices.Clone(workspace.TopLevel), delegated(r)...)
	})
}

func delegatedRoles(a *app) []string { return inRepositories(a, delegated) }

func delegated(r *workspace.Repository) (list []string) {
	for _, d := range r.Delegations {
		list = append(list, d.Role)
	}
	return list
}

func declaredTokens(a *app) []string {
	return from(a, (*workspace.Workspace).Site, func(s *workspace.Site) (list []string) {
		for _, name := range s.TokenNames() {
			list = append(list, described(name, "module %s", s.Tokens[name].Module))
		}
		return list
	})
}

func declaredModules(a *app) []string {
	return from(a, (*workspace.Workspace).Site, (*workspace.Site).ModuleNames)
}

func declaredWitnesses(a *app) []string {
	return from(a, (*workspace.Workspace).Trust, func(t *workspace.Trust) []string { return t.NamesIn("people.witness-keys") })
}

// heldCeremonies are all that have a plan, the newest first.
func heldCeremonies(a *app) []string {
	return from(a, func(ws *workspace.Workspace) ([]string, error) { return ceremonies.Names(ws) }, func(names []string) []string {
		names = slices.Clone(names)
		slices.Sort(names)
		slices.Reverse(names)
		return names
	})
}

func keyTypes(*app) (list []string) {
	for _, t := range hsm.KeyTypes() {
		list = append(list, string(t))
	}
	return list
}

func pinSources(*app) []string {
	return []string{"ask\tat the terminal", "file:\ta file that only you can read", "env:\tan environment variable", "fd:\tan open file descriptor"}
}

func checkIDs(*app) (list []string) {
	for _, c := range policies.Checks() {
		list = append(list, described(c.ID, "%s", c.Title))
	}
	return list
}

func schemaNames(a *app) (list []string) {
	for _, f := range schema.Files() {
		list = append(list, described(f.Name, "%s", f.Of))
	}
	return append(list, a.answerNames()...)
}

// transcriptNames of all sites, and of custody, are more than names of ceremonies.
func transcriptNames(a *app) []string {
	return append(heldCeremonies(a), record.Custody)
}
