package prompt

import (
	"os"
	"strings"

	"github.com/uptane/keyrite/ceremony/screen"
	"golang.org/x/term"
)

// What a serial console shows, which does not tell its size; and how wide people
// can read.
const (
	usualWidth, usualHeight = 80, 24
	leastWidth, mostWidth   = 40, 120
)

// Terminal finds out what a file shows that people look at. One that is no
// terminal takes lines as they are.
func Terminal(file *os.File) screen.Terminal {
	if !term.IsTerminal(int(file.Fd())) {
		return screen.Terminal{}
	}
	t := screen.Terminal{Width: usualWidth, Height: usualHeight, Colour: colours(), ASCII: !UTF8()}
	if width, height, err := term.GetSize(int(file.Fd())); err == nil && width > 0 && height > 0 {
		t.Width, t.Height = min(max(width, leastWidth), mostWidth), height
	}
	return t
}

// colours follows https://no-color.org.
func colours() bool {
	kind := os.Getenv("TERM")
	return os.Getenv("NO_COLOR") == "" && os.Getenv("KEYRITE_PLAIN") != "1" && kind != "" && kind != "dumb"
}

// UTF8 says whether the locale is one of UTF-8. It follows POSIX: the first of these that is set decides.
func UTF8() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if value := strings.ToLower(os.Getenv(name)); value != "" {
			return strings.Contains(value, "utf-8") || strings.Contains(value, "utf8")
		}
	}
	return false
}
