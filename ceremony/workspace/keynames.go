package workspace

import (
	"errors"
	"io/fs"

	"github.com/uptane/keyrite/roles"
)

// KeyNames returns a function that calls keys by their names in a workspace, or
// nil when there is none.
func KeyNames(dir string) func(roles.Key) string {
	ws, err := Open(dir)
	if err != nil {
		return nil
	}
	defer ws.Close()
	records, err := ws.Keys()
	if err != nil && !errors.Is(err, fs.ErrNotExist) || len(records) == 0 {
		return nil
	}
	names := map[roles.Fingerprint]string{}
	for name, r := range records {
		names[r.Fingerprint()] = name
	}
	return func(k roles.Key) string {
		if name, ok := names[k.Fingerprint]; ok {
			return name
		}
		return string(k.ID[:min(12, len(k.ID))]) + "…"
	}
}
