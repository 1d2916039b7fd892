package runbook

import (
	"context"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/derive"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/preflight/preflighttest"
	"github.com/uptane/keyrite/ceremony/review"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/run"
	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) {
	if hsm.IsHelper() {
		os.Exit(hsm.Helper())
	}
	os.Exit(m.Run())
}

// rotation is a workspace with a plan that replaces a root key; nothing of it is
// random.
func rotation(t *testing.T, reason string) (*ceremonytest.Software, *plan.Plan) {
	t.Helper()
	s := ceremonytest.SignedSoftware(t)
	s.Now = s.Now.Add(48 * time.Hour)
	s.Edit("trust.yaml", "root-b: {type: ed25519, custodian: b}", "root-c: {type: ed25519, custodian: officer 3}", "root-a, root-b", "root-a, root-c")
	return s, s.MustMake(plan.Request{Reason: reason})
}

func mustMake(t *testing.T, s *ceremonytest.Software, p *plan.Plan) *page.Document {
	t.Helper()
	d, err := Make(s.Open(), p.Ceremony, "test build")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func html(t *testing.T, d *page.Document) string {
	t.Helper()
	data, err := d.HTML()
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestRunbookText holds the whole text of a runbook, but for hashes, against a file.
func TestRunbookText(t *testing.T) {
	s, p := rotation(t, "token of b lost")
	got := mustMake(t, s, p).Text()
	if *update {
		if err := os.WriteFile("testdata/runbook.txt", got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/runbook.txt")
	if err != nil {
		t.Fatal(err)
	}
	if ceremonytest.Masked(string(got)) != ceremonytest.Masked(string(want)) {
		t.Errorf("the runbook differs from testdata/runbook.txt (go test -update writes it anew):\n%s", got)
	}
}

// TestRunbookID computes the id as two people who check their prints do.
func TestRunbookID(t *testing.T) {
	s, p := rotation(t, "x")
	page := html(t, mustMake(t, s, p))
	if again := html(t, mustMake(t, s, p)); again != page {
		t.Error("the same plan has two papers")
	}
	found := regexp.MustCompile(`runbook-id</th><td class="mono">([0-9a-f ]{79})<`).FindStringSubmatch(page)
	if found == nil {
		t.Fatal("no runbook-id")
	}
	id := strings.ReplaceAll(found[1], " ", "")
	blank := strings.ReplaceAll(page, found[1], groups(strings.Repeat("_", 64)))
	blank = strings.ReplaceAll(blank, "runbook "+id[:8], "runbook ________")
	if got := digest.Of([]byte(blank)).String(); got != id {
		t.Errorf("the page with the id blank has SHA-256 %s, want %s", got, id)
	}
}

// TestRunbookHostile gives a reason that wants to be markup.
func TestRunbookHostile(t *testing.T) {
	s, p := rotation(t, `</pre><script>alert(1)</script>`)
	if page := html(t, mustMake(t, s, p)); strings.Contains(page, "<script") || !strings.Contains(page, "&lt;script&gt;") {
		t.Error("the reason is markup")
	}
}

// TestRunbookChanged changes a byte of plan, trust and a signed file.
func TestRunbookChanged(t *testing.T) {
	for name, pair := range map[string][2]string{
		"plan.yaml":                  {"reason: x", "reason: y"},
		"trust.yaml":                 {"expires: 14d", "expires: 15d"},
		"image/metadata/1.root.json": {`"version":1`, `"version":3`},
	} {
		s, p := rotation(t, "x")
		file := name
		if name == "plan.yaml" {
			file = p.Dir() + "/plan.yaml"
			s.Edit(file, "fleet: test", "fleet: best")
		} else {
			s.Edit(file, pair[0], pair[1])
		}
		_, err := Make(s.Open(), p.Ceremony, "test build")
		ceremonytest.WantError(t, err, fault.Unverified, name)
	}
}

// TestNoPaperWordsOnScreens holds that no screen shows words of plan or room.
func TestNoPaperWordsOnScreens(t *testing.T) {
	s, p := rotation(t, "x")
	site, err := s.Open().Site()
	if err != nil {
		t.Fatal(err)
	}
	_, sum, err := plan.Read(s.Open(), p.Ceremony)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range screensOf(mustMake(t, s, p)) {
		for _, words := range [][]string{sum.Words(), site.SHA256().Words()} {
			for i := range len(words) - 1 {
				if strings.Contains(text, words[i]+" "+words[i+1]) {
					t.Errorf("a screen shows %s %s:\n%s", words[i], words[i+1], text)
				}
			}
		}
	}
}

// TestNoPIN has PINs come from files: then nobody is asked for them.
func TestNoPIN(t *testing.T) {
	s, p := rotation(t, "x")
	if text := string(mustMake(t, s, p).Text()); !strings.Contains(text, "PIN of token all (label all, serial ________):") {
		t.Error("nobody is asked for a PIN")
	}
	s.Edit("site.yaml", "pin: ask", `pin: "file:/pin"`)
	if text := string(mustMake(t, s, p).Text()); strings.Contains(text, "PIN of token") {
		t.Error("somebody is asked for a PIN")
	}
}

// screensOf are the texts that a runbook says the screen will show, in order.
func screensOf(d *page.Document) (list []string) {
	for _, section := range d.Sections {
		for _, b := range section.Blocks {
			step, ok := b.(*page.Step)
			if !ok {
				continue
			}
			for _, act := range step.Acts {
				if act.Screen {
					list = append(list, act.Text)
				}
			}
		}
	}
	return list
}

// TestScreens holds a ceremony with people and a token, and demands that all that
// the paper says of the screen was shown, in that order: a blank may be anything.
func TestScreens(t *testing.T) {
	dir := ceremonytest.Small(t)
	ceremonytest.Rewrite(t, dir, "site.yaml", func(text string) string {
		return regexp.MustCompile(`pin: "[^"]*", unattended: \[[^]]*\]`).ReplaceAllString(text, "pin: ask")
	})
	ws := ceremonytest.Open(t, dir)
	made, err := derive.Make(ws, plan.Request{Repository: "image", Reason: "first root", Now: ceremonytest.Now})
	if err != nil {
		t.Fatal(err)
	}
	d, err := Make(ws, made.Plan.Ceremony, "test build")
	if err != nil {
		t.Fatal(err)
	}
	shown := hold(t, dir, made)
	screens, at := screensOf(d), 0
	if len(screens) < 2+4*4+4+4*3+4+1 { // paper, generate, review, sign, write, verify
		t.Fatalf("%d screens:\n%s", len(screens), strings.Join(screens, "\n\n"))
	}
	for _, text := range screens {
		if strings.HasPrefix(text, "done: ") {
			continue // the command line says it
		}
		found := pattern(text).FindStringIndex(shown[at:])
		if found == nil {
			t.Fatalf("the screen did not show:\n%s\nbut:\n%s", text, shown[at:])
		}
		at += found[1]
	}
}

// pattern matches a text with anything in its blanks, and behind its lines.
func pattern(text string) *regexp.Regexp {
	quoted := regexp.MustCompile(review.Blank+" *").ReplaceAllString(regexp.QuoteMeta(text), `[^_]+?`)
	return regexp.MustCompile(strings.ReplaceAll(quoted, "\n", "[^\n]*\n"))
}

// hold runs the plan with somebody who agrees to everything, and returns all that
// was said and asked.
func hold(t *testing.T, dir string, made *derive.Made) string {
	t.Helper()
	people := &willing{Person: &ceremonytest.Person{Answers: slices.Repeat([]string{ceremonytest.AsAsked}, 100), Paper: map[string]digest.SHA256{"plan": made.SHA256, "room": made.Room}}}
	r := run.Run{Inspect: preflighttest.Fit, Room: room.Room{Workspace: ceremonytest.Open(t, dir), Prompter: people, Now: func() time.Time { return ceremonytest.Now }}}
	if err := r.Ceremony(t.Context(), made.Plan.Ceremony); err != nil {
		t.Fatal(err)
	}
	return people.shown.String()
}

// willing is somebody who agrees to everything; shown is the screen.
type willing struct {
	*ceremonytest.Person
	shown strings.Builder
}

func (w *willing) Say(format string, args ...any) { w.Show(screen.Plainly(format, args...)) }

func (w *willing) Show(text screen.Text) {
	fmt.Fprintln(&w.shown, text)
	w.Person.Show(text)
}

func (w *willing) Terminal() screen.Terminal { return screen.Terminal{Width: paperColumns} }

func (w *willing) Line(ctx context.Context, question string) (string, error) {
	fmt.Fprintln(&w.shown, question)
	return w.Person.Line(ctx, question)
}

func (w *willing) PIN(_ context.Context, question string) ([]byte, error) {
	fmt.Fprintln(&w.shown, question)
	return []byte(hsmtest.PIN), nil
}
