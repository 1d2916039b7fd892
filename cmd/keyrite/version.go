package main

import (
	"runtime/debug"
	"strings"
)

// release is the release that this source is, or with -dev the one it becomes.
const release = "0.1.0-dev"

// archived is the commit in a source archive: git archive replaces the text
// between the dollar signs. A checkout has it as it stands here.
const archived = "$Format:%H$"

// version is what this program was built from. It names a release even where the
// go command saw no repository (-buildvcs=false, an archive).
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = new(debug.BuildInfo)
	}
	return versionOf(info, archived)
}

// versionOf is the release and, as far as somebody noted it, the commit: the go
// command in a checkout, git archive, or the module proxy.
func versionOf(info *debug.BuildInfo, archived string) string {
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	commit := settings["vcs.revision"]
	switch {
	case settings["vcs.modified"] == "true":
		return release + " " + commit + ", modified"
	case commit != "":
		return release + " " + commit
	case !strings.HasPrefix(archived, "$"):
		return release + " " + archived
	case info.Main.Version != "" && info.Main.Version != "(devel)":
		return release + " " + info.Main.Version
	}
	return release
}
