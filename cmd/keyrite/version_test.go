package main

import (
	"regexp"
	"runtime/debug"
	"testing"
)

func TestVersionOf(t *testing.T) {
	const unset, commit = "$Format:%H$", "013f4bf5f0a1"
	vcs := func(modified string) []debug.BuildSetting {
		return []debug.BuildSetting{{Key: "vcs", Value: "git"}, {Key: "vcs.revision", Value: commit}, {Key: "vcs.modified", Value: modified}}
	}
	for _, test := range []struct {
		name, archived string
		module         string
		settings       []debug.BuildSetting
		want           string
	}{
		{"nothing noted", unset, "", nil, release},
		{"-buildvcs=false", unset, "(devel)", nil, release},
		{"a checkout", unset, "v0.0.0-20261130110713-013f4bf5f0a1", vcs("false"), release + " " + commit},
		{"a changed checkout", unset, "v0.0.0-20261130110713-013f4bf5f0a1+dirty", vcs("true"), release + " " + commit + ", modified"},
		{"an archive", commit, "(devel)", nil, release + " " + commit},
		{"an archive in somebody's checkout", "abc", "(devel)", vcs("false"), release + " " + commit},
		{"the module proxy", unset, "v0.0.0-20261130110713-013f4bf5f0a1", nil, release + " v0.0.0-20261130110713-013f4bf5f0a1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			info := &debug.BuildInfo{Main: debug.Module{Version: test.module}, Settings: test.settings}
			if got := versionOf(info, test.archived); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestVersion is the command itself, built as tests are: without a commit.
func TestVersion(t *testing.T) {
	if got := version(); !regexp.MustCompile(`^\d+\.\d+\.\d+`).MatchString(got) {
		t.Errorf("got %q, want a release first", got)
	}
}
