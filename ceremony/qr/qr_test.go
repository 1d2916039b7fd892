package qr

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/fault"
)

var usual = Screen{Width: 80, Height: 24}

// some is text that deflates as signatures do: little.
func some(n int) []byte {
	var b []byte
	for i := uint32(1); len(b) < n; i = i*1664525 + 1013904223 {
		b = append(b, "0123456789abcdef"[i>>28])
	}
	return b
}

// picture renders what a terminal shows, each module of so many pixels.
func picture(shown string, scale int, light, dark uint8) *image.Gray {
	rows := strings.Split(strings.TrimSuffix(shown, "\n"), "\n")
	width := len([]rune(rows[0]))
	img := image.NewGray(image.Rect(0, 0, width*scale, 2*len(rows)*scale))
	for i := range img.Pix {
		img.Pix[i] = dark
	}
	for y, row := range rows {
		for x, r := range []rune(row) {
			for half, lit := range []bool{r == '█' || r == '▀', r == '█' || r == '▄'} {
				for p := range scale * scale {
					if lit {
						img.SetGray(x*scale+p%scale, (2*y+half)*scale+p/scale, color.Gray{Y: light})
					}
				}
			}
		}
	}
	return img
}

func asPNG(t *testing.T, img image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestOverTheGap shows files on a terminal of 80 by 24, takes pictures of it and makes
// the files again, whatever the order.
func TestOverTheGap(t *testing.T) {
	for _, data := range [][]byte{[]byte("x"), some(450), bytes.Repeat([]byte("text that says the same "), 90), some(3000)} {
		frames, err := usual.Frames(data)
		if err != nil {
			t.Fatal(err)
		}
		var back []string
		for i, frame := range frames {
			shown, err := usual.Draw(frame)
			if err != nil {
				t.Fatal(err)
			}
			rows := strings.Split(strings.TrimSuffix(shown, "\n"), "\n")
			if len(rows) > 22 || len([]rune(rows[0])) > 80 {
				t.Fatalf("frame %d is %d by %d", i, len([]rune(rows[0])), len(rows))
			}
			if i > 2 && len(frames) > 6 {
				back = append(back, frame) // as a scanner of text has it
				continue
			}
			light, dark := uint8(255), uint8(0)
			if i%2 == 1 { // a terminal with dark letters
				light, dark = dark, light
			}
			read, err := Read(asPNG(t, picture(shown, 6, light, dark)))
			if err != nil || len(read) != 1 || read[0] != frame {
				t.Fatalf("frame %d of %d: got %q, %v", i+1, len(frames), read, err)
			}
			back = append(back, read...)
		}
		slices.Reverse(back)
		if got, err := Join(append(back, back[0])); err != nil || !bytes.Equal(got, data) {
			t.Errorf("got %d bytes of %d, %v", len(got), len(data), err)
		}
	}
}

// TestJPEG reads what a camera makes of two codes in one picture.
func TestJPEG(t *testing.T) {
	frames, err := Screen{Width: 45, Height: 24}.Frames(some(150))
	if err != nil || len(frames) != 2 {
		t.Fatalf("got %d frames, %v", len(frames), err)
	}
	a, _ := usual.Draw(frames[0])
	b, _ := usual.Draw(frames[1])
	left, right := picture(a, 5, 240, 20), picture(b, 5, 240, 20)
	both := image.NewGray(image.Rect(0, 0, left.Rect.Dx()+right.Rect.Dx()+80, left.Rect.Dy()+80))
	for i := range both.Pix {
		both.Pix[i] = 240
	}
	for y := range left.Rect.Dy() {
		for x := range left.Rect.Dx() {
			both.SetGray(x+20, y+40, left.GrayAt(x, y))
		}
	}
	for y := range right.Rect.Dy() {
		for x := range right.Rect.Dx() {
			both.SetGray(x+left.Rect.Dx()+60, y+40, right.GrayAt(x, y))
		}
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, both, &jpeg.Options{Quality: 60}); err != nil {
		t.Fatal(err)
	}
	read, err := Read(out.Bytes())
	if err != nil || len(read) != 2 {
		t.Fatalf("got %q, %v", read, err)
	}
	if data, err := Join(read); err != nil || !bytes.Equal(data, some(150)) {
		t.Errorf("got %v", err)
	}
}

// TestScreens says what size a terminal needs, and draws for one without half blocks.
func TestScreens(t *testing.T) {
	for _, tt := range []struct {
		s    Screen
		want string
	}{
		{usual, ""},
		{Screen{Width: 40, Height: 24}, ""},
		{Screen{Width: 32, Height: 24}, "got 32 columns and 24 rows, want at least 33 and 19"},
		{Screen{Width: 80, Height: 18}, "want at least 33 and 19"},
		{Screen{Width: 80, Height: 24, ASCII: true}, "want at least 66 and 35"},
		{Screen{Width: 80, Height: 40, ASCII: true}, ""},
		{Screen{}, ""},
	} {
		frames, err := tt.s.Frames(some(200))
		if tt.want != "" {
			if fault.CodeOf(err) != fault.Usage || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%+v: got %v", tt.s, err)
			}
			if hints := fault.Hints(err); len(hints) != 1 || hints[0] != "make the terminal larger or its letters smaller; a UTF-8 locale needs half the rows" {
				t.Errorf("%+v: got the hints %q", tt.s, hints)
			}
			continue
		}
		if err != nil {
			t.Errorf("%+v: %v", tt.s, err)
			continue
		}
		shown, err := tt.s.Draw(frames[0])
		if err != nil {
			t.Fatal(err)
		}
		rows := strings.Split(strings.TrimSuffix(shown, "\n"), "\n")
		if w := len([]rune(rows[0])); tt.s.Width > 0 && (w > tt.s.Width || len(rows)+1 >= tt.s.Height) {
			t.Errorf("%+v: drew %d by %d", tt.s, w, len(rows))
		}
		if tt.s.ASCII && strings.Trim(shown, "# \n") != "" {
			t.Errorf("ASCII: %q", shown)
		}
	}
}

// TestJoinRefuses what is no file, by what is wrong.
func TestJoinRefuses(t *testing.T) {
	frames, err := Split(some(300), 100)
	if err != nil || len(frames) < 3 {
		t.Fatal(frames, err)
	}
	other, _ := Split(some(301), 100)
	bomb, _ := Split(bytes.Repeat([]byte{0}, maxFile), 4000)
	for name, tt := range map[string]struct {
		frames []string
		want   string
	}{
		"missing":   {[]string{frames[0], frames[2]}, "these are missing: 2"},
		"none":      {nil, "of 0 frames"},
		"mixed":     {append(slices.Clone(frames[1:]), other[0]), "is of another file"},
		"two":       {append(slices.Clone(frames), frames[0][:len(frames[0])-1]+"7"), "there twice"},
		"changed":   {append(slices.Clone(frames[1:]), frames[0][:40]+flip(frames[0][40:41])+frames[0][41:]), ""},
		"no frame":  {[]string{"KEYRITE:0:1:1:AA"}, "is no frame"},
		"count":     {[]string{strings.Replace(frames[0], ":1:", ":9:", 1)}, "is of another file"},
		"other id":  {[]string{strings.Replace(bomb[0], bomb[0][8:16], "00000000", 1)}, "do not make the file"},
		"bad bytes": {[]string{"KEYRITE:00000000:1:1:AAAAAAAA"}, ""},
	} {
		if _, err := Join(tt.frames); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
	if _, err := Split(make([]byte, maxFile+1), 100); err == nil {
		t.Error("a large file was split")
	}
	if _, err := Split(some(9000), overhead+1); err == nil {
		t.Error("too many frames were made")
	}
}

func flip(s string) string {
	if s == "A" {
		return "B"
	}
	return "A"
}

// TestReadRefuses pictures without a code, and those that are none.
func TestReadRefuses(t *testing.T) {
	blank := asPNG(t, image.NewGray(image.Rect(0, 0, 50, 50)))
	for name, data := range map[string][]byte{"blank": blank, "cut": blank[:40], "none": []byte("\x89PNG\r\n\x1a\nxx"), "text": []byte("x")} {
		if frames, err := Read(data); err == nil {
			t.Errorf("%s: got %q", name, frames)
		}
	}
	huge := slices.Clone(blank)
	copy(huge[16:24], []byte{0, 1, 0, 0, 0, 1, 0, 0}) // 65536 by 65536; the checksum is wrong too
	if _, err := Read(huge); err == nil {
		t.Error("a huge picture was read")
	}
	if !IsPicture(blank) || IsPicture([]byte("{}")) {
		t.Error("what is a picture was not told")
	}
}

func FuzzJoin(f *testing.F) {
	frames, _ := Split([]byte("a file"), 100)
	f.Add(strings.Join(frames, "\n"))
	f.Fuzz(func(t *testing.T, text string) {
		data, err := Join(strings.Split(text, "\n"))
		if err != nil {
			return
		}
		again, err := Split(data, 4000)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := Join(again); err != nil || !bytes.Equal(back, data) {
			t.Fatalf("%d bytes do not come back: %v", len(data), err)
		}
	})
}

func FuzzRead(f *testing.F) {
	frames, _ := Split([]byte("a file"), 100)
	shown, _ := usual.Draw(frames[0])
	var b bytes.Buffer
	png.Encode(&b, picture(shown, 2, 255, 0))
	f.Add(b.Bytes())
	f.Fuzz(func(_ *testing.T, data []byte) { Read(data) })
}
