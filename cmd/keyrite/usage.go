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
	requiredFlags    = regexp.MustCompile(`^required flag\(s\) (".*") not set$`)
)

// misused is an error of a command line that was not understood.
func misused(c *cobra.Command, err error) *fault.Error {
	usage := strings.TrimSuffix(c.UseLine(), " [flags]")
	if countOfArguments.MatchString(err.Error()) {
		return fault.Errorf(fault.Usage, "want: %s; got %s", usage, arguments(c.Flags().Args()))
	}
	if m := requiredFlags.FindStringSubmatch(err.Error()); m != nil {
		return fault.Errorf(fault.Usage, "%s: --%s is missing", c.CommandPath(), strings.ReplaceAll(strings.ReplaceAll(m[1], `", "`, " and --"), `"`, ""))
	}
	return fault.Errorf(fault.Usage, "%w", err)
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
