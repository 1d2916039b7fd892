package horizon

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Calendar is the horizon as an iCalendar file (RFC 5545): each thing on the day it is
// due, with alarms 30, 7 and 1 days before, and on the day it expires. Identifiers stay the
// same for as long as the thing does, so that calendars take a later file for a change.
func (h *Horizon) Calendar() []byte {
	c := &calendar{stamp: h.At}
	c.line("BEGIN:VCALENDAR")
	c.line("VERSION:2.0")
	c.line(calendarMark)
	c.line("METHOD:PUBLISH")
	c.line("X-WR-CALNAME:" + escape("keyrite: "+h.Fleet))
	for _, i := range h.Items {
		id := strings.NewReplacer(" ", "-").Replace(i.What) + "@" + h.ID + ".keyrite"
		c.event("due-"+id, i.By, fmt.Sprintf("%s (%s)", i.What, h.Fleet), h.describe(i), 30, 7, 1)
		if !i.Expires.IsZero() {
			c.event("expires-"+id, i.Expires, fmt.Sprintf("EXPIRES: %s (%s)", i.Short(), h.Fleet), h.describe(i))
		}
	}
	c.line("END:VCALENDAR")
	return []byte(c.String())
}

// describe says what it takes.
func (h *Horizon) describe(i Item) string {
	var lines []string
	if !i.Expires.IsZero() {
		lines = append(lines, "expires "+i.Expires.Format("2006-01-02 15:04 UTC"))
	}
	for _, n := range h.Next {
		if n.Repository != i.Repository || !slices.Contains(n.Roles, i.Role) {
			continue
		}
		for _, need := range n.Need {
			lines = append(lines, fmt.Sprintf("%s, %d of %d:", need.Of, need.Threshold, len(need.From)))
			for _, from := range need.From {
				lines = append(lines, "- "+from.String())
			}
		}
		lines = append(lines, n.Besides...)
	}
	if i.Command != "" {
		lines = append(lines, i.Command)
	}
	return strings.Join(lines, "\n")
}

// calendar writes content lines.
type calendar struct {
	strings.Builder
	stamp time.Time
}

const calendarTime = "20060102T150405Z"

func (c *calendar) event(id string, day time.Time, summary, description string, alarms ...int) {
	day = day.UTC()
	c.line("BEGIN:VEVENT")
	c.line("UID:" + escape(id))
	c.line("DTSTAMP:" + c.stamp.UTC().Format(calendarTime))
	c.line("DTSTART;VALUE=DATE:" + day.Format("20060102"))
	c.line("DTEND;VALUE=DATE:" + day.AddDate(0, 0, 1).Format("20060102"))
	c.line("SUMMARY:" + escape(summary))
	c.line("DESCRIPTION:" + escape(description))
	c.line("TRANSP:TRANSPARENT")
	for _, days := range alarms {
		c.line("BEGIN:VALARM")
		c.line("ACTION:DISPLAY")
		c.line("DESCRIPTION:" + escape(summary))
		c.line(fmt.Sprintf("TRIGGER:-P%dD", days))
		c.line("END:VALARM")
	}
	c.line("END:VEVENT")
}

// maxLine is how many bytes a line has, without its end (RFC 5545 §3.1).
const maxLine = 75

// line writes a content line, folded between characters.
func (c *calendar) line(text string) {
	limit := maxLine
	for len(text) > limit {
		cut := limit
		for !utf8.RuneStart(text[cut]) {
			cut--
		}
		c.WriteString(text[:cut] + "\r\n ")
		text, limit = text[cut:], maxLine-1 // the blank counts
	}
	c.WriteString(text + "\r\n")
}

// escape writes text as a value (RFC 5545 §3.3.11). Control characters have none.
func escape(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' || r == 0x7f {
			return ' '
		}
		return r
	}, text)
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`).Replace(text)
}
