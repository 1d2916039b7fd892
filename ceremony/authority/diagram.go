package authority

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/roles"
)

// Measures of the trust diagram, in mm: two halves beside each other, in each one
// row for a role, with its keys in one column or two.
const (
	half      = 82.0
	rightHalf = page.Width - half
	roleWide  = 27.0
	keysWide  = 52.8
	chipHigh  = 8.0 // a name, and its custodian below it
	chipSpace = 0.8
	rowSpace  = 2.0
	maxHigh   = 190.0
)

// chip is the box of one key, as wide as the longest name wants.
type chip struct {
	columns         int
	wide            float64 // mm
	name, custodian int     // characters that fit; a sign takes two of a name's
}

var narrow, wide = chip{2, (keysWide - chipSpace) / 2, 15, 19}, chip{1, keysWide, 31, 39}

// chip is the narrow one where all names fit into it.
func (c *Change) chip() chip {
	for _, p := range c.pairs() {
		for _, name := range append(c.names(p.old), c.names(p.new)...) {
			if utf8.RuneCountInString(name) > narrow.name-2 || utf8.RuneCountInString(c.Custodians[name]) > narrow.custodian {
				return wide
			}
		}
	}
	return narrow
}

// Diagram draws who is trusted before and after. A key that comes is dark, one
// that goes is dashed; both also say so with a sign.
func (c *Change) Diagram() *page.Figure {
	f := &page.Figure{
		Caption: "Who signs for what, and who holds the tokens: before and after",
		Alt:     "Two columns of roles, before and after, each with its threshold, the names of its keys and their custodians; the table below says the same.",
		Words:   "see the table: one row for a role, with threshold and keys before and after",
	}
	y, b := 6.0, c.chip()
	f.Shapes = append(f.Shapes, label("bold", 0, 3, "before: "+version(c.Before)), label("bold", rightHalf, 3, "after: "+version(c.After)))
	for _, p := range c.pairs() {
		high := max(b.high(p.old), b.high(p.new))
		if y+high > maxHigh {
			f.Shapes = append(f.Shapes, label("label", 0, y+4, "more roles: see the table"))
			y += 6
			break
		}
		f.Shapes = append(f.Shapes, c.row(b, 0, y, p.old, c.names(p.new), true)...)
		f.Shapes = append(f.Shapes, c.row(b, rightHalf, y, p.new, c.names(p.old), false)...)
		y += high + rowSpace
	}
	f.High = y
	return f
}

func version(set map[string]*roles.File) string {
	if root := set["root"]; root != nil {
		return fmt.Sprintf("root %d", roles.HeadOf(root.Body).Version)
	}
	return "nothing was signed"
}

// high is how high the row of a role is.
func (b chip) high(r *Role) float64 {
	if r == nil {
		return 0
	}
	return max(10, float64((len(r.Keys)+b.columns-1)/b.columns)*(chipHigh+chipSpace)-chipSpace)
}

// row draws one role: its box, and the keys beside it. A key that is not among
// the others comes, or goes.
func (c *Change) row(b chip, x, y float64, r *Role, others []string, goes bool) []page.Shape {
	if r == nil {
		return nil
	}
	shapes := []page.Shape{
		{Kind: "box", X: x, Y: y, W: roleWide, H: b.high(r), Fill: "light"},
		label("bold", x+1.2, y+4.2, cut(r.Name, 15)),
		label("label", x+1.2, y+8.2, fmt.Sprintf("%d of %d", r.Threshold, len(r.Keys))),
	}
	for i, name := range c.names(r) {
		column, line := float64(i%b.columns), float64(i/b.columns)
		shapes = append(shapes, b.key(x+roleWide+chipSpace+column*(b.wide+chipSpace), y+line*(chipHigh+chipSpace), name, c.Custodians[name], !slices.Contains(others, name), goes)...)
	}
	return shapes
}

// key draws one key, with who holds its token.
func (b chip) key(x, y float64, name, custodian string, changes, goes bool) []page.Shape {
	box := page.Shape{Kind: "box", X: x, Y: y, W: b.wide, H: chipHigh}
	text, who := label("label", x+1, y+3.5, cut(name, b.name)), label("small", x+1, y+6.7, cut(custodian, b.custodian))
	switch {
	case changes && goes:
		box.Dashed, text.Text = true, "− "+cut(name, b.name-2)
	case changes:
		box.Fill, text.Fill, who.Fill, text.Text = "dark", "white", "white", "+ "+cut(name, b.name-2)
	}
	if custodian == "" {
		return []page.Shape{box, text}
	}
	return []page.Shape{box, text, who}
}

func label(kind string, x, y float64, text string) page.Shape {
	return page.Shape{Kind: kind, X: x, Y: y, Text: text}
}

// cut shortens a name to what its box holds.
func cut(name string, max int) string {
	if utf8.RuneCountInString(name) <= max {
		return name
	}
	return strings.TrimSpace(string([]rune(name)[:max-1])) + "…"
}
