package record

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
func (s *source) expiries() []expiry {
	var list []expiry
	for role, file := range s.after {
		head := roles.HeadOf(file.Body)
		list = append(list, expiry{fmt.Sprintf("%s %d", role, head.Version), head.Expires})
	}
	slices.SortFunc(list, func(a, b expiry) int {
		return cmp.Or(b.expires.Compare(a.expires), strings.Compare(a.name, b.name))
	})
	return list
}

func (s *source) end() time.Time { return s.events[len(s.events)-1].Time }

// timeline draws how long each file lives, from the end of the ceremony.
func (s *source) timeline() *page.Figure {
	list := s.expiries()
	var bars []page.Bar
	for _, e := range list {
		bars = append(bars, page.Bar{Name: e.name, End: e.expires})
	}
	return page.Timeline("How long it is valid, from "+s.end().Format(layout),
		"One bar for each signed file, from the end of the ceremony to its expiry; the dates stand at the bars.",
		s.timelineWords(list), "end", s.end(), bars)
}

func (s *source) timelineWords(list []expiry) string {
	var lines []string
	for _, e := range list {
		lines = append(lines, fmt.Sprintf("%-20s %s, in %s", e.name, roles.FormatTime(e.expires), words.Between(s.end(), e.expires)))
	}
	return strings.Join(lines, "\n")
}

// due says what expires first.
func (s *source) due() page.Block {
	list := s.expiries()
	if len(list) == 0 {
		return &page.Text{Text: "Nothing is signed."}
	}
	next := list[len(list)-1]
	text := fmt.Sprintf("Next due: %s expires %s, %s after this ceremony.", next.name, roles.FormatTime(next.expires), words.Between(s.end(), next.expires))
	if root := s.after["root"]; root != nil {
		text += fmt.Sprintf(" Root expires %s.", roles.FormatTime(roles.HeadOf(root.Body).Expires))
	}
	return &page.Text{Text: text, Strong: true}
}
