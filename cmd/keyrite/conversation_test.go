package main

import (
	"os/exec"
	"regexp"
	"strings"
	"time"

	"github.com/creack/pty"
	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/digest"
)

// paper are the hashes that a person holds in words: of the plan, of the room,
// and the head of the transcript as it was shown last.
type paper map[string]string

// read are the words at the places that a question names.
func (p paper) read(what, places string) string {
	sum, err := digest.Parse(p[what])
	if err != nil {
		return "none"
	}
	return ceremonytest.WordsAt(sum, places)
}

// ask is a question that is put to a person.
type ask struct {
	what  string // it is about: sign root 1 with root-a, PIN of token officer-1, …
	right string // what stands for yes, or the PIN
}

var pinQuestion = regexp.MustCompile(`(PIN of token \S+) \([^)]*\): $`)

// asked finds the question at the end of what is new on a screen.
func asked(fresh, screen string) (a ask, ok bool) {
	if m := pinQuestion.FindStringSubmatch(fresh); m != nil {
		return ask{m[1], pin}, true
	}
	if m := ceremonytest.PhraseQuestion.FindStringSubmatch(fresh); m != nil {
		return ask{m[1], m[1]}, true
	}
	if m := ceremonytest.CardQuestion.FindStringSubmatch(fresh); m != nil {
		sum, _ := ceremonytest.GridIn(screen)
		return ask{m[1], ceremonytest.WordsAt(sum, m[2])}, true
	}
	return ask{}, false
}

// besides answers what is no matter of consent: words of the paper, and what
// somebody types politely.
func (p paper) besides(fresh string) (typed string, ok bool) {
	if m := ceremonytest.PaperQuestion.FindStringSubmatch(fresh); m != nil {
		return p.read(m[1], m[2]), true
	}
	return ceremonytest.Politely(fresh)
}

// look takes the head of the transcript when it shows, for the paper.
func (p paper) look(screen string) {
	_, below, shown := cutLast(screen, "head of the transcript at ")
	if !shown {
		return
	}
	lines := strings.Split(below, "\n")
	end := 1
	for end < len(lines) && gridRow.MatchString(lines[end]) {
		end++
	}
	if head, whole := ceremonytest.GridIn(strings.Join(lines[1:end], "\n")); whole {
		p["head"] = head.String()
	}
}

var gridRow = regexp.MustCompile(`^(?:FAKE)? *[1-9][0-9]? [a-z]`)

func cutLast(text, around string) (before, after string, found bool) {
	i := strings.LastIndex(text, around)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(around):], true
}

// converse runs keyrite at a terminal. Questions about the paper are answered
// from it; every other one goes to answer, which gives what to type, and false for
// nothing.
func converse(keyrite *exec.Cmd, p paper, answer func(ask) (string, bool)) (screen string, code int, err error) {
	return converseOn(keyrite, nil, p, answer, nil)
}

// converseOn is converse on a terminal of that size. Whatever is new on the screen
// goes to notice first, if there is one: what it types is the answer.
func converseOn(keyrite *exec.Cmd, size *pty.Winsize, p paper, answer func(ask) (string, bool), notice func(fresh string) (string, bool)) (screen string, code int, err error) {
	return converseAs(keyrite, size, p, func(fresh, screen string) (string, bool) {
		if typed, is := noticed(notice, fresh); is {
			return typed, true
		}
		if a, is := asked(fresh, screen); is {
			text, ok := answer(a)
			if !ok {
				text = ""
			}
			return text, true
		}
		typed, ok := p.besides(fresh)
		return typed + "\n", ok
	})
}

// converseAs lets answer look at what is new on the screen, and at all of it: it gives
// the keys to press, which may be none, and false where there is no question.
func converseAs(keyrite *exec.Cmd, size *pty.Winsize, p paper, answer func(fresh, screen string) (string, bool)) (screen string, code int, err error) {
	terminal, err := pty.StartWithSize(keyrite, size)
	if err != nil {
		return "", 0, err
	}
	defer terminal.Close()
	stuck := time.AfterFunc(2*time.Minute, func() { keyrite.Process.Kill() })
	defer stuck.Stop()
	answered, buffer := 0, make([]byte, 4096)
	for {
		n, err := terminal.Read(buffer)
		if err != nil { // keyrite has ended
			break
		}
		screen += string(buffer[:n])
		p.look(screen)
		text, ok := answer(screen[answered:], screen)
		if !ok {
			continue
		}
		answered = len(screen)
		if _, err := terminal.WriteString(text); err != nil {
			return screen, 0, err
		}
	}
	keyrite.Wait()
	return screen, keyrite.ProcessState.ExitCode(), nil
}

func noticed(notice func(string) (string, bool), fresh string) (typed string, ok bool) {
	if notice == nil {
		return "", false
	}
	return notice(fresh)
}
