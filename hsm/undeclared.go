// A module that cannot reach what it needs answers with anything but the reason.
// What its variables and their files name, and what is known of modules of its
// kind, says which line is missing in site.yaml.

package hsm

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// explain adds to an error of the module's start what it may have been refused.
func (m Module) explain(err error) error {
	var e *Error
	missing := m.undeclared()
	if !errors.As(err, &e) || len(missing) == 0 {
		return err
	}
	noted := e.noting("refused, because it is not declared: %s", strings.Join(missing, ", "))
	noted.Hint = fmt.Sprintf("if the module needs it, add to modules.%s in site.yaml: %s", m.Name, m.declaration(missing))
	return noted
}

// undeclared lists folders and sockets that the module seems to need and that it
// may not reach: those that its variables and their files name, or else those that
// modules of its kind need.
func (m Module) undeclared() []string {
	if missing := m.unreachable(m.mentioned()); len(missing) > 0 {
		return missing
	}
	block, _ := BlockOf(m.Path)
	return m.unreachable(slices.Concat(block.State, block.Connects))
}

// unreachable returns those of paths that are there and not declared.
func (m Module) unreachable(paths []string) (missing []string) {
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil || slices.Contains(missing, path) || slices.Contains(tooMuch, path) || below(path, readByAll) {
			continue
		}
		folder, socket := info.IsDir() && !below(path, m.State), info.Mode()&fs.ModeSocket != 0 && !below(path, m.Connects)
		if folder || socket {
			missing = append(missing, path)
		}
	}
	return missing
}

// declaration spells the lines of site.yaml that would let the module reach paths.
func (m Module) declaration(paths []string) string {
	state, connects := slices.Clone(m.State), slices.Clone(m.Connects)
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			state = append(state, path)
		} else {
			connects = append(connects, path)
		}
	}
	var fields []string
	if len(state) > len(m.State) {
		fields = append(fields, "state: ["+strings.Join(state, ", ")+"]")
	}
	if len(connects) > len(m.Connects) {
		fields = append(fields, "connects: ["+strings.Join(connects, ", ")+"]")
	}
	return strings.Join(fields, ", ")
}

var pathPattern = regexp.MustCompile(`/[^\s"'=:,;]+`)

// mentioned lists paths that the module's variables and its init string name, and
// those that stand in the files which they name: there a file stands for its folder.
func (m Module) mentioned() (paths []string) {
	for _, text := range append(slices.Collect(maps.Values(m.Env)), m.Init) {
		paths = append(paths, pathsIn(text)...)
	}
	for _, file := range m.envFiles() {
		for _, path := range pathsIn(headOf(file)) {
			if info, err := os.Stat(path); err != nil || info.Mode().IsRegular() {
				path = filepath.Dir(path)
			}
			paths = append(paths, path)
		}
	}
	return paths
}

// pathsIn lists what may be an absolute path in a text.
func pathsIn(text string) (paths []string) {
	for _, path := range pathPattern.FindAllString(text, -1) {
		paths = append(paths, filepath.Clean(path))
	}
	return paths
}

// headOf is the beginning of a configuration file, "" when it cannot be read.
func headOf(name string) string {
	file, err := os.Open(name)
	if err != nil {
		return ""
	}
	defer file.Close()
	head, err := io.ReadAll(io.LimitReader(file, 64<<10))
	if err != nil {
		return ""
	}
	return string(head)
}

// below reports whether path is one of the folders or lies in one.
func below(path string, folders []string) bool {
	return slices.ContainsFunc(folders, func(folder string) bool {
		return path == folder || strings.HasPrefix(path, folder+"/")
	})
}
