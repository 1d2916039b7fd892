package derive

import (
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// recorder reads files and remembers their hashes: these are the inputs of a
// plan. What it hashed is what it handed on.
type recorder struct {
	workspace.Files
	sums map[string]digest.SHA256
}

func (r recorder) Read(name string, limit int64) ([]byte, error) {
	data, err := r.Files.Read(name, limit)
	if err == nil {
		r.sums[name] = digest.Of(data)
	}
	return data, err
}

func (r recorder) Sum(name string) digest.SHA256 { return r.sums[name] }

// inputs lists what was read: trust.yaml, then the others by path.
func (r recorder) inputs() []plan.Input {
	list := make([]plan.Input, 0, len(r.sums))
	for name, sum := range r.sums {
		list = append(list, plan.Input{Path: name, SHA256: sum})
	}
	slices.SortFunc(list, func(a, b plan.Input) int { return strings.Compare(order(a.Path), order(b.Path)) })
	return list
}

func order(name string) string {
	if name == workspace.TrustFile {
		return ""
	}
	return name
}
