package strict

import (
	"bytes"

	"github.com/uptane/keyrite/ceremony/fault"
)

// LineEnds is the error, with code Unverified, of a file that keyrite wrote and that has
// line ends which it never writes: git changed them in a checkout, and perhaps nothing
// else. It is nil where they are as they were.
func LineEnds(name string, data []byte) error {
	if !bytes.Contains(data, []byte("\r\n")) {
		return nil
	}
	return fault.Errorf(fault.Unverified, "%s: its line ends were changed, as git does in a checkout; got CR LF, want LF", name).
		Hint("keep git from it: echo '* -text' >.gitattributes && git config core.autocrlf false").
		Hint("then get the file as it was: rm %s && git checkout -- %s", name, name)
}

// Unix are the bytes with the line ends that keyrite writes.
func Unix(data []byte) []byte { return bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")) }
