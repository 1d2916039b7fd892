package main

import (
	"fmt"
	"io"
	"runtime/debug"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/fault"
)

// release is the release that this source is, or with -dev the one it becomes.
const release = "0.1.0-dev"

// archived is the commit in a source archive, and archivedTime its time: git archive
// replaces the text between the dollar signs. A checkout has it as it stands here.
const (
	archived     = "$Format:%H$"
	archivedTime = "$Format:%cI$"
)

// build is what this program was built from.
type build struct {
	Release      string       `json:"release"`
	Commit       string       `json:"commit,omitempty"`
	Modified     bool         `json:"modified"`        // the source is not that of the commit
	Time         time.Time    `json:"time,omitzero"`   // of the commit: the same source makes the same program
	Module       string       `json:"module"`          // import path
	Version      string       `json:"version"`         // of the module, as the go command has it
	Go           string       `json:"go"`              // version of the compiler
	Platform     string       `json:"platform"`        // GOOS/GOARCH
	Flags        []buildFlag  `json:"flags,omitempty"` // of the go command
	Dependencies []dependency `json:"dependencies"`
}

// buildFlag is a setting of the go command that was not the usual one.
type buildFlag struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// dependency is a module that is part of the program.
type dependency struct {
	Path    string `json:"path"`
	Version string `json:"version"`
	Sum     string `json:"sum,omitempty"` // as go.sum has it
}

// thisBuild is what the go command wrote into the program.
func thisBuild() build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = new(debug.BuildInfo)
	}
	return buildOf(info, archived, archivedTime)
}

// version is what this program was built from, in one line. It names a release even
// where the go command saw no repository (-buildvcs=false, an archive).
func version() string { return thisBuild().String() }

func buildOf(info *debug.BuildInfo, archived, archivedTime string) build {
	b := build{Release: release, Module: info.Main.Path, Version: info.Main.Version, Go: info.GoVersion, Dependencies: []dependency{}}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
		if strings.HasPrefix(s.Key, "-") || s.Key == "CGO_ENABLED" {
			b.Flags = append(b.Flags, buildFlag{s.Key, s.Value})
		}
	}
	b.Commit, b.Modified, b.Platform = settings["vcs.revision"], settings["vcs.modified"] == "true", settings["GOOS"]+"/"+settings["GOARCH"]
	when := settings["vcs.time"]
	if b.Commit == "" && !strings.HasPrefix(archived, "$") {
		b.Commit, when = archived, archivedTime
	}
	if t, err := time.Parse(time.RFC3339, when); err == nil {
		b.Time = t.UTC()
	}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		b.Dependencies = append(b.Dependencies, dependency{m.Path, m.Version, m.Sum})
	}
	return b
}

// String is the release and, as far as somebody noted it, the commit: the go command in
// a checkout, git archive, or the module proxy.
func (b build) String() string {
	switch {
	case b.Modified:
		return b.Release + " " + b.Commit + ", modified"
	case b.Commit != "":
		return b.Release + " " + b.Commit
	case b.Version != "" && b.Version != "(devel)":
		return b.Release + " " + b.Version
	}
	return b.Release
}

func (a *app) versionCommand() *cobra.Command {
	sbom := false
	c := &cobra.Command{
		Use:   "version",
		Short: "What this program was built from",
		Long: `Show the release, the commit and its time, the compiler, and every module that is part
of the program, with the hash of its source (go.sum). A program that is built again
from the same commit by the same compiler is the same, so the time is that of the
commit. --sbom writes the same as a software bill of materials, CycloneDX 1.6 in JSON.`,
		Example: `  keyrite version
  keyrite version --sbom > keyrite.cdx.json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			b := thisBuild()
			if sbom && a.json() {
				return fault.Errorf(fault.Usage, "--sbom is a format of its own; want it or --output %s", a.output)
			}
			if sbom {
				return writeSBOM(a.stdout, b)
			}
			return a.print(b, func(w io.Writer) { printBuild(w, b) })
		},
	}
	c.Flags().BoolVar(&sbom, "sbom", false, "a software bill of materials, CycloneDX 1.6 in JSON")
	return a.answers(c, build{})
}

func printBuild(w io.Writer, b build) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "keyrite\t%s\n", b.Release)
	if b.Commit != "" {
		modified := ""
		if b.Modified {
			modified = ", modified"
		}
		fmt.Fprintf(t, "commit\t%s%s\n", b.Commit, modified)
	}
	if !b.Time.IsZero() {
		fmt.Fprintf(t, "time\t%s\n", b.Time.Format(time.RFC3339))
	}
	fmt.Fprintf(t, "go\t%s %s\n", b.Go, b.Platform)
	t.Flush()
	fmt.Fprintln(w)
	for _, d := range b.Dependencies {
		fmt.Fprintf(t, "%s\t%s\n", d.Path, d.Version)
	}
	t.Flush()
}
