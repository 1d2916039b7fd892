package qr

import (
	"fmt"
	"strings"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
	"github.com/makiuchi-d/gozxing/qrcode/encoder"
	"github.com/uptane/keyrite/ceremony/fault"
)

// capacity is how many characters of a frame a code holds, by its version from 1 on, at
// the lowest level of error correction: a screen has no stains.
var capacity = [...]int{25, 47, 77, 114, 154, 195, 224, 279, 335, 395, 468, 535, 619, 667, 758, 854, 938, 1046, 1153, 1249}

// least is the smallest version that is worth showing.
const least = 3

// quiet is the margin around a code, in modules.
const quiet = 2

// modules are those of a code of a version, with its margin.
func modules(version int) int { return 17 + 4*version + 2*quiet }

// Screen is what codes are shown on.
type Screen struct {
	Width, Height int  // 0: no limit
	ASCII         bool // it shows no half blocks
}

// size is what a code of a version takes, with a line below it.
func (s Screen) size(version int) (columns, rows int) {
	n := modules(version)
	if s.ASCII {
		return 2 * n, n + 1
	}
	return n, (n+1)/2 + 1
}

// fits is the largest version that a screen shows whole, 0 for none.
func (s Screen) fits() int {
	for version := len(capacity); version >= least; version-- {
		columns, rows := s.size(version)
		if (s.Width == 0 || columns <= s.Width) && (s.Height == 0 || rows < s.Height) {
			return version
		}
	}
	return 0
}

// Frames splits a file into codes that a screen shows whole. Where it is too small it
// says how large it has to be.
func (s Screen) Frames(data []byte) ([]string, error) {
	version := s.fits()
	if version == 0 {
		columns, rows := s.size(least)
		return nil, fault.Errorf(fault.Usage, "the terminal is too small for a QR code: got %d columns and %d rows, want at least %d and %d", s.Width, s.Height, columns, rows+1).
			Hint("make the terminal larger or its letters smaller; a UTF-8 locale needs half the rows")
	}
	return Split(data, capacity[version-1])
}

// Draw draws a frame, light on dark as terminals are: readers take both.
func (s Screen) Draw(frame string) (string, error) {
	code, err := encoder.Encoder_encode(frame, decoder.ErrorCorrectionLevel_L, map[gozxing.EncodeHintType]any{})
	if err != nil {
		return "", fmt.Errorf("%.20s…: %w", frame, err)
	}
	m := matrix{code.GetMatrix()}
	if s.ASCII {
		return m.ascii(), nil
	}
	return m.halfBlocks(), nil
}

// matrix is a code with its margin.
type matrix struct{ *encoder.ByteMatrix }

func (m matrix) side() int { return m.GetWidth() + 2*quiet }

// light says whether a module, or the margin, is light.
func (m matrix) light(x, y int) bool {
	x, y = x-quiet, y-quiet
	inside := x >= 0 && y >= 0 && x < m.GetWidth() && y < m.GetHeight()
	return !inside || m.Get(x, y) == 0
}

// halfBlocks has two modules in each character, one above the other.
func (m matrix) halfBlocks() string {
	var b strings.Builder
	for y := 0; y < m.side(); y += 2 {
		for x := range m.side() {
			upper, lower := m.light(x, y), y+1 < m.side() && m.light(x, y+1)
			switch {
			case upper && lower:
				b.WriteRune('█')
			case upper:
				b.WriteRune('▀')
			case lower:
				b.WriteRune('▄')
			default:
				b.WriteByte(' ')
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// ascii has a module in two characters.
func (m matrix) ascii() string {
	var b strings.Builder
	for y := range m.side() {
		for x := range m.side() {
			if m.light(x, y) {
				b.WriteString("##")
			} else {
				b.WriteString("  ")
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}
