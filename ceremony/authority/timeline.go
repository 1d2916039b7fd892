package authority

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/roles"
)

// expiry is a file with the time when it expires.
type expiry struct {
	name    string
	expires time.Time
}

// expiries are the files that are signed at the end of the ceremony, in the order
// in which they expire, the last first.
func expiries(signed map[string]*roles.File) []expiry {
	var list []expiry
	for role, file := range signed {
		head := roles.HeadOf(file.Body)
		list = append(list, expiry{fmt.Sprintf("%s %d", role, head.Version), head.Expires})
	}
	slices.SortFunc(list, func(a, b expiry) int {
		return cmp.Or(b.expires.Compare(a.expires), strings.Compare(a.name, b.name))
	})
	return list
}

// Timeline draws how long each file that is signed lives, from the end of the ceremony.
func Timeline(signed map[string]*roles.File, end time.Time) *page.Figure {
	list := expiries(signed)
	var bars []page.Bar
	for _, e := range list {
		bars = append(bars, page.Bar{Name: e.name, End: e.expires})
	}
	return page.Timeline("How long it is valid, from "+end.Format(time.DateTime+"Z"),
		"One bar for each signed file, from the end of the ceremony to its expiry; the dates stand at the bars.",
		timelineWords(list, end), "end", end, bars)
}

func timelineWords(list []expiry, end time.Time) string {
	var lines []string
	for _, e := range list {
		lines = append(lines, fmt.Sprintf("%-20s %s, in %s", e.name, roles.FormatTime(e.expires), words.Between(end, e.expires)))
	}
	return strings.Join(lines, "\n")
}

// Due says what expires first after the end of the ceremony.
func Due(signed map[string]*roles.File, end time.Time) page.Block {
	list := expiries(signed)
	if len(list) == 0 {
		return &page.Text{Text: "Nothing is signed."}
	}
	next := list[len(list)-1]
	text := fmt.Sprintf("Next due: %s expires %s, %s after this ceremony.", next.name, roles.FormatTime(next.expires), words.Between(end, next.expires))
	if root := signed["root"]; root != nil {
		text += fmt.Sprintf(" Root expires %s.", roles.FormatTime(roles.HeadOf(root.Body).Expires))
	}
	return &page.Text{Text: text, Strong: true}
}
