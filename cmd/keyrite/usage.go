package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/uptane/keyrite/ceremony/fault"
)

// explain says what is wrong with the command line, in its own words.
func (a *app) explain(c *cobra.Command, err error) error {
	if a.started {
		return missing(c, err)
	}
	return misused(c, err).Hint("see %s --help", c.CommandPath())
}

var (
	countOfArguments = regexp.MustCompile(`^(accepts|requires) .*arg`)
	unknownCommand   = regexp.MustCompile(`^unknown command "(.*)" for "(.*)"`)
	unknownFlag      = regexp.MustCompile(`^unknown flag: --(.*)$`)
	excludingFlags   = regexp.MustCompile(`^if any flags in the group .*; \[(.*)\] were all set$`)
	requiredFlags    = regexp.MustCompile(`^required flag\(s\) (".*") not set$`)
)

// misused is an error of a command line that was not understood.
func misused(c *cobra.Command, err error) *fault.Error {
	usage := strings.TrimSuffix(c.UseLine(), " [flags]")
	if countOfArguments.MatchString(err.Error()) {
		return fault.Errorf(fault.Usage, "want: %s; got %s", usage, arguments(c.Flags().Args()))
	}
	if m := unknownCommand.FindStringSubmatch(err.Error()); m != nil {
		return fault.Errorf(fault.Usage, "%s has no command %q", m[2], m[1]).Suggest(m[1], namesBelow(c))
	}
	if m := unknownFlag.FindStringSubmatch(err.Error()); m != nil {
		return fault.Errorf(fault.Usage, "%s has no flag --%s", c.CommandPath(), m[1]).Suggest("--"+m[1], flagsOf(c))
	}
	if m := requiredFlags.FindStringSubmatch(err.Error()); m != nil {
		return fault.Errorf(fault.Usage, "%s: --%s is missing", c.CommandPath(), strings.ReplaceAll(strings.ReplaceAll(m[1], `", "`, " and --"), `"`, ""))
	}
	if m := excludingFlags.FindStringSubmatch(err.Error()); m != nil {
		return fault.Errorf(fault.Usage, "%s: --%s exclude each other", c.CommandPath(), strings.ReplaceAll(m[1], " ", " and --"))
	}
	return fault.Errorf(fault.Usage, "%w", err)
}

// namesBelow are the commands that can stand behind c.
func namesBelow(c *cobra.Command) (names []string) {
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	return names
}

// flagsOf are the long flags that act on c.
func flagsOf(c *cobra.Command) (names []string) {
	c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
	return names
}

func arguments(list []string) string {
	if len(list) == 0 {
		return "nothing behind it"
	}
	return strings.Join(list, " ")
}

// missing says where a file was looked for that the command line names and that is
// not there.
func missing(c *cobra.Command, err error) error {
	if !errors.Is(err, fs.ErrNotExist) || fault.CodeOf(err) != fault.Failed && fault.CodeOf(err) != fault.Usage {
		return err
	}
	named := c.Flags().Args()
	c.Flags().Visit(func(f *pflag.Flag) { named = append(named, f.Value.String()) })
	for _, name := range named {
		absolute, absErr := filepath.Abs(name)
		if _, statErr := os.Stat(name); absErr != nil || !errors.Is(statErr, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), name) {
			continue
		}
		return fault.Errorf(fault.Usage, "%w", err).Hint("it was looked for as %s", absolute)
	}
	return err
}
