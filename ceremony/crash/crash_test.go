package crash

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

func TestMain(m *testing.M) {
	if hsm.IsHelper() {
		os.Exit(hsm.Helper())
	}
	var err error
	switch os.Getenv(asked) {
	case "supervised":
		err = supervised()
	case "run":
		var o order
		if err = json.Unmarshal([]byte(os.Getenv("KEYRITE_CRASH_ORDER")), &o); err == nil {
			err = o.run(background)
		}
	default:
		os.Exit(m.Run())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// killed counts the processes that were killed.
var killed atomic.Int64

// TestCrash kills the ceremony of each situation at each of its events, or with
// KEYRITE_CRASH=all unset at some of them, and runs it again. It comes to the same end
// as one that nobody killed.
func TestCrash(t *testing.T) {
	proxy := buildProxy(t)
	t.Run("situations", func(t *testing.T) {
		for _, it := range situations {
			t.Run(it.name, func(t *testing.T) {
				t.Parallel()
				s := it.stage(t, proxy)
				restore := s.save()
				want, events := s.undisturbed()
				for n := range chosen(len(events)) {
					restore()
					s.killAt(n, want)
				}
			})
		}
	})
	t.Logf("%d situations, %d kill points", len(situations), killed.Load())
}

// few is how many events of a situation are tried where not all are.
const few = 2

// chosen are the events at which a process is killed, counted from 1.
func chosen(events int) map[int]bool {
	list := map[int]bool{}
	for n := range events {
		list[n+1] = true
	}
	if os.Getenv("KEYRITE_CRASH") == "all" {
		return list
	}
	for len(list) > few {
		delete(list, 1+rand.IntN(events))
	}
	return list
}

// stage is the workspace before the ceremony, and its plan.
func (it situation) stage(t *testing.T, proxy string) *stage {
	s := newStage(t, proxy)
	if strings.Contains(it.name, "ota-ce") {
		s.edit("trust.yaml", "format: tuf", "format: ota-ce")
	}
	if !it.first {
		s.hold(first)
	}
	if it.change != nil {
		it.change(t, s)
	}
	s.plan(it.request)
	return s
}

// supervisor is one for this workspace.
func (s *stage) supervisor(kill int) supervisor {
	return supervisor{dir: s.dir, log: s.dir + "/hsm/log/calls", kill: kill}
}

// undisturbed runs the ceremony to its end: what it leaves, and its events.
func (s *stage) undisturbed() (map[string]string, []string) {
	s.Helper()
	c := s.supervisor(0).run(s, s.order.env())
	if c.err != nil {
		s.Fatal(c.err)
	}
	calls := strings.Count(strings.Join(c.events, "\n"), "PKCS#11")
	if files := len(c.events) - calls; calls < 20 || files < 20 {
		s.Fatalf("%d calls of PKCS#11 and %d changes of files: that is no ceremony", calls, files)
	}
	s.Logf("%d calls of PKCS#11, %d changes of files", calls, len(c.events)-calls)
	s.sound("nobody killed it")
	return s.left(), c.events
}

// killAt kills the ceremony at an event and runs it again.
func (s *stage) killAt(n int, want map[string]string) {
	s.Helper()
	c := s.supervisor(n).run(s, s.order.env())
	what := fmt.Sprintf("killed at %d", n)
	if c.killed {
		killed.Add(1)
		what += ", before: " + c.events[n-1]
	} else if c.err != nil { // it took fewer events this time
		s.Fatalf("%s: %v", what, c.err)
	}
	if err := s.runHere(); err != nil {
		s.Errorf("%s: then %v", what, err)
		return
	}
	s.sound(what)
	got := s.left()
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got[name] != want[name] {
			s.Errorf("%s: %s is\n%s\nwant\n%s", what, name, got[name], want[name])
		}
	}
	for name := range got {
		if _, wanted := want[name]; !wanted {
			s.Errorf("%s: there is a file more, %s", what, name)
		}
	}
}

// changing are the parts of a file that are other ones in each run: key values, what
// follows from them, and times; and by which template a token made a pair, which
// nobody knows of one that a crash left. The keys of a root stand in the order of their ids.
var changing = regexp.MustCompile(`"[0-9a-f]{64}":\{"keytype":"[^"]*","keyval":\{"public":"[^"]*"\},"scheme":"[^"]*"\}|[0-9a-f]{16,}|[A-Za-z0-9+/]{40,}={0,2}|20\d\d-\d\d-\d\dT[0-9:.]+Z|template: \S+`)

// left is what lies in the workspace but for the token and the transcripts, with what
// is other each time left out.
func (s *stage) left() map[string]string {
	s.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(s.dir, func(name string, entry fs.DirEntry, err error) error {
		below := strings.TrimPrefix(name, s.dir+"/")
		if err != nil || entry.IsDir() || strings.HasPrefix(below, "hsm/") || filepath.Base(below) == transcript.File {
			return err
		}
		data, err := os.ReadFile(name)
		found[below] = changing.ReplaceAllString(string(data), "#")
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
	return found
}

// sound looks at a ceremony that ended: its transcript is whole, nothing was signed
// twice with other bytes, and the token holds the keys of the records and no others.
func (s *stage) sound(what string) {
	s.Helper()
	ws, err := workspace.Open(s.dir)
	if err != nil {
		s.Fatal(err)
	}
	defer ws.Close()
	events, err := transcript.Read(ws.Folder, ceremonies.SiteDir(s.order.Ceremony, "main"))
	if err != nil {
		s.Errorf("%s: %v", what, err)
		return
	}
	if _, ended := events[len(events)-1].Data.(transcript.Finished); !ended {
		s.Errorf("%s: the last line is %s", what, events[len(events)-1].Event)
	}
	asked, answered, destroyed := map[string]string{}, map[string]int{}, map[string]bool{}
	for _, e := range events {
		switch d := e.Data.(type) {
		case transcript.Signing:
			at := fmt.Sprintf("%s %d by %s", d.Role, d.Version, d.Key)
			if before := asked[at]; before != "" && before != d.SHA256.String() {
				s.Errorf("%s: two contents of %s were signed", what, at)
			}
			asked[at] = d.SHA256.String()
		case transcript.Signed:
			at := fmt.Sprintf("%s %d by %s", d.Role, d.Version, d.Key)
			if answered[at]++; answered[at] > 1 {
				s.Errorf("%s: %s was signed and kept twice", what, at)
			}
		case transcript.Destroyed:
			destroyed[d.Key] = true
		}
	}
	s.keys(what, ws, destroyed)
}

// keys compares the token with the records.
func (s *stage) keys(what string, ws *workspace.Workspace, destroyed map[string]bool) {
	s.Helper()
	site, err := ws.Site()
	if err != nil {
		s.Fatal(err)
	}
	records, err := (workspace.View{Files: ws.Folder}).Keys()
	if err != nil {
		s.Fatal(err)
	}
	declared, err := site.Token("all")
	if err != nil {
		s.Fatal(err)
	}
	token, err := hsm.Open(s.Context(), declared.Module, declared.URI)
	if err != nil {
		s.Fatal(err)
	}
	defer token.Close()
	if err := token.Login(s.Context(), []byte(pin)); err != nil {
		s.Fatal(err)
	}
	keys, err := token.Keys(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	wanted := 0
	for name, record := range records {
		if record.Token == nil || destroyed[name] {
			continue
		}
		wanted++
		if _, err := token.Find(s.Context(), record.PublicKey()); err != nil {
			s.Errorf("%s: key %s: %v", what, name, err)
		}
	}
	if len(keys) != wanted {
		s.Errorf("%s: the token holds %d keys, want %d", what, len(keys), wanted)
	}
}

// buildProxy compiles the module that writes down its calls.
func buildProxy(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "faultproxy.so")
	if out, err := exec.Command("cc", "-shared", "-fPIC", "-o", path, "../../hsm/testdata/faultproxy.c", "-ldl").CombinedOutput(); err != nil {
		t.Fatalf("cc: %v: %s", err, out)
	}
	return path
}
