package bundle

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/uptane/keyrite/roles"
)

// checkBundlePath checks the path of a file in a bundle. It follows the rules of
// roles.CheckImagePath, with room for the hash before the name of an image.
func checkBundlePath(p string) error {
	if !strings.HasPrefix(p, metadataDir) && !strings.HasPrefix(p, targetsDir) && !strings.HasPrefix(p, EvidenceDir) {
		return errors.New("want a path below metadata/, targets/ or evidence/")
	}
	if !fs.ValidPath(p) {
		return errors.New("path leads elsewhere, or has an empty part")
	}
	if len(p) > maxBundlePath {
		return fmt.Errorf("path of %d bytes, want at most %d", len(p), maxBundlePath)
	}
	text := p
	if !strings.HasPrefix(p, targetsDir) {
		text = strings.ReplaceAll(p, "%2F", "_") // the slash in the name of a role
	}
	if err := roles.CheckPathText(text); err != nil {
		return err
	}
	for segment := range strings.SplitSeq(p, "/") {
		if segment[0] == '.' || len(segment) > 255 {
			return errors.New("path has a part that begins with a dot or is longer than 255 bytes")
		}
		if err := roles.CheckFileName(segment); err != nil {
			return fmt.Errorf("path has a part that %w", err)
		}
	}
	return nil
}

// maxBundlePath is for `targets/`, an image path, a SHA-512 hash and its dot.
const maxBundlePath = len("targets/") + roles.MaxImagePath + 128 + 1
