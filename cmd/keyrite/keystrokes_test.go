package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
)

// maxKeystrokes is what the first ceremony of a fleet may cost, besides PINs, phrases
// and words of the paper.
const maxKeystrokes = 600

// TestKeystrokes sets up eight tokens and holds the first ceremony of the starter as
// README does, at a terminal, and counts what is typed.
func TestKeystrokes(t *testing.T) {
	dir := t.TempDir()
	ceremonytest.MakeDir(t, dir, "images")
	if err := os.WriteFile(filepath.Join(dir, "images", "gateway.bin"), []byte("firmware"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := &typist{t: t, dir: dir}
	s.types("init roadster --softhsm")
	s.dir = filepath.Join(dir, "roadster")
	s.keys += len("cd roadster\n")
	s.types("token init officer-1 officer-2 officer-3 release-1 release-2 release-3 ci ci-spare --add")
	s.types("hash ../images -o images.yaml --hardware-id gateway-mk2 --release-counter 1")
	shown := s.types("plan image --reason first-root")
	hashes := hashLine.FindAllStringSubmatch(strings.ReplaceAll(shown, "\r", ""), -1)
	if len(hashes) != 2 {
		t.Fatalf("no plan:\n%s", shown)
	}
	s.paper = paper{"plan": hashes[0][1], "room": hashes[1][1]}
	s.types("run " + ceremonyLine.FindStringSubmatch(shown)[1])
	s.types("bundle image -o ../image.tar --images ../images")
	s.types("verify ../image.tar --trusted-root image/metadata/1.root.json")
	t.Logf("%d keystrokes besides PINs and phrases, %d prompts", s.keys, s.prompts)
	if s.keys > maxKeystrokes {
		t.Errorf("got %d keystrokes, want at most %d", s.keys, maxKeystrokes)
	}
}

var (
	ceremonyLine   = regexp.MustCompile(`(?m)^ceremony (\S+):`)
	newPIN         = regexp.MustCompile(`(?:New [^\r\n]+ PIN of token [^\r\n]+|Again): $`)
	assignQuestion = regexp.MustCompile(`or nothing to stop: $`)
	clockQuestion  = regexp.MustCompile(`with a comma between the names: $`)
)

// typist types commands and answers, and counts keys.
type typist struct {
	t             *testing.T
	dir           string
	paper         paper
	names         []string // last names of those who came
	keys, prompts int
}

// types runs keyrite with these arguments at a terminal, to a good end.
func (s *typist) types(line string) (screen string) {
	s.t.Helper()
	s.keys += len("keyrite " + line + "\n")
	keyrite := exec.Command("keyrite", strings.Fields(line)...)
	keyrite.Dir, keyrite.Env = s.dir, append(os.Environ(), "KEYRITE_PLAIN=1", "TERM=dumb")
	screen, code, err := converseAs(keyrite, nil, s.paper, func(fresh, screen string) (string, bool) {
		typed, ok := s.answer(fresh, screen)
		return typed + "\n", ok
	})
	if err != nil || code != 0 {
		s.t.Fatalf("keyrite %s: exit code %d, %v\n%s", line, code, err, screen)
	}
	return screen
}

// answer gives what to type to a question; what is no PIN, phrase or word of the paper
// is counted.
func (s *typist) answer(fresh, screen string) (typed string, ok bool) {
	if typed, ok = s.secret(fresh, screen); ok {
		s.prompts++
		return typed, true
	}
	switch {
	case assignQuestion.MatchString(fresh):
		typed, ok = "add", true
	case clockQuestion.MatchString(fresh):
		typed, ok = strings.Join(s.names[:2], ","), true
	default:
		typed, ok = ceremonytest.Politely(fresh)
		if strings.HasPrefix(typed, "Holder of ") {
			typed = fmt.Sprintf("Ann Example%d", len(s.names))
			s.names = append(s.names, strings.Fields(typed)[1])
		}
	}
	if ok {
		s.prompts++
		s.keys += len(typed) + 1
	}
	return typed, ok
}

// secret are PINs, phrases, and words that are read from the paper or the screen.
func (s *typist) secret(fresh, screen string) (typed string, ok bool) {
	if newPIN.MatchString(fresh) {
		return pin, true
	}
	if a, is := asked(fresh, screen); is {
		return a.right, true
	}
	if m := ceremonytest.PaperQuestion.FindStringSubmatch(fresh); m != nil {
		return s.paper.read(m[1], m[2]), true
	}
	return "", false
}
