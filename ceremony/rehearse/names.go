package rehearse

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/uptane/keyrite/ceremony/workspace"
)

// worldPrefix stands before the number of a ceremony's rehearsal, where everybody who
// looks at the folder sees it.
const worldPrefix = "FAKE-"

// worldName is the folder of a ceremony's rehearsal, from 1.
func worldName(ceremony string, n int) string {
	return path.Join(workspace.RehearsalsDir, ceremony, fmt.Sprint(worldPrefix, n))
}

// newest is the folder of a ceremony's newest rehearsal and its number; 0 for none.
func newest(ws *workspace.Workspace, ceremony string) (name string, n int, err error) {
	names, err := ws.List(path.Join(workspace.RehearsalsDir, ceremony))
	for _, name := range names {
		number, is := strings.CutPrefix(name, worldPrefix)
		if got, err := strconv.Atoi(number); is && err == nil && got > n {
			n = got
		}
	}
	return worldName(ceremony, n), n, err
}
