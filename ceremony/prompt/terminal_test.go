package prompt

import (
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/uptane/keyrite/ceremony/screen"
)

// TestTerminal finds out what a terminal shows, from it and from the environment.
func TestTerminal(t *testing.T) {
	_, p := sitDown(t, "xterm")
	for _, tt := range []struct {
		env  []string // name and value
		cols uint16
		want screen.Terminal
	}{
		{[]string{"LANG", "C.UTF-8"}, 80, screen.Terminal{Width: 80, Height: 24, Colour: true}},
		{[]string{"LANG", "de_DE.utf8"}, 100, screen.Terminal{Width: 100, Height: 24, Colour: true}},
		{[]string{"LANG", "C"}, 80, screen.Terminal{Width: 80, Height: 24, Colour: true, ASCII: true}},
		{[]string{}, 80, screen.Terminal{Width: 80, Height: 24, Colour: true, ASCII: true}},
		{[]string{"LANG", "C", "LC_ALL", "en_US.UTF-8"}, 80, screen.Terminal{Width: 80, Height: 24, Colour: true}},
		{[]string{"LANG", "C.UTF-8", "LC_CTYPE", "POSIX"}, 80, screen.Terminal{Width: 80, Height: 24, Colour: true, ASCII: true}},
		{[]string{"LANG", "C.UTF-8", "NO_COLOR", "1"}, 80, screen.Terminal{Width: 80, Height: 24}},
		{[]string{"LANG", "C.UTF-8", "KEYRITE_PLAIN", "1"}, 80, screen.Terminal{Width: 80, Height: 24}},
		{[]string{"LANG", "C.UTF-8", "TERM", "dumb"}, 80, screen.Terminal{Width: 80, Height: 24}},
		{[]string{"LANG", "C.UTF-8", "TERM", ""}, 80, screen.Terminal{Width: 80, Height: 24}},
		{[]string{"LANG", "C.UTF-8"}, 20, screen.Terminal{Width: 40, Height: 24, Colour: true}},
		{[]string{"LANG", "C.UTF-8"}, 300, screen.Terminal{Width: 120, Height: 24, Colour: true}},
		{[]string{"LANG", "C.UTF-8"}, 0, screen.Terminal{Width: 80, Height: 24, Colour: true}}, // a serial console
	} {
		for _, name := range []string{"LANG", "LC_ALL", "LC_CTYPE", "NO_COLOR", "KEYRITE_PLAIN"} {
			t.Setenv(name, "")
		}
		t.Setenv("TERM", "xterm")
		for i := 0; i < len(tt.env); i += 2 {
			t.Setenv(tt.env[i], tt.env[i+1])
		}
		if err := pty.Setsize(p.tty, &pty.Winsize{Rows: 24, Cols: tt.cols}); err != nil {
			t.Fatal(err)
		}
		if got := Terminal(p.tty); got != tt.want {
			t.Errorf("%q, %d columns: got %+v, want %+v", tt.env, tt.cols, got, tt.want)
		}
	}
}

// TestPage shows a screen at a time, and nothing that nobody asked for.
func TestPage(t *testing.T) {
	text := screen.Plainly("%s", strings.TrimSuffix(strings.Repeat("a line of many\n", 50), "\n"))
	for _, tt := range []struct {
		kind string
		keys []string
		want []string // what shows, in order
	}{
		{"dumb", []string{"\r", "\r", "\r"}, []string{"page 1 of 3", "page 2 of 3", "page 3 of 3"}},
		{"dumb", []string{"\r", "b\r", "q\r"}, []string{"page 1 of 3", "page 2 of 3", "page 1 of 3"}},
		{"dumb", []string{"q\r"}, []string{"page 1 of 3"}},
		{"dumb", []string{"\x04"}, []string{"page 1 of 3"}},
		{"xterm", []string{"\r", "Q\r"}, []string{enterAlternate, "page 1 of 3", clearScreen, "page 2 of 3", leaveAlternate}},
	} {
		prompter, p := sitDown(t, tt.kind)
		done := make(chan bool)
		go func() {
			defer close(done)
			seen := 0
			for _, keys := range tt.keys {
				for {
					if n := strings.Count(p.screen(), "q ends > "); n > seen {
						seen = n
						break
					}
					time.Sleep(time.Millisecond)
				}
				if _, err := p.keyboard.WriteString(keys); err != nil {
					t.Error(err)
				}
			}
		}()
		prompter.Page(t.Context(), text)
		<-done
		p.sees(tt.want[len(tt.want)-1])
		rest := p.screen()
		for _, want := range tt.want {
			_, after, found := strings.Cut(rest, want)
			if !found {
				t.Errorf("%q: no %q in %q", tt.keys, want, p.screen())
			}
			rest = after
		}
		if n := strings.Count(p.screen(), "page "); n != len(tt.keys) {
			t.Errorf("%q: %d pages were shown", tt.keys, n)
		}
	}
}
