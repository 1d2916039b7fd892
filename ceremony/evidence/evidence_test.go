package evidence

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/bundle"
	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/derive"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/preflight/preflighttest"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/record"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/run"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/witness"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/roles"
)

func TestMain(m *testing.M) {
	if hsm.IsHelper() {
		os.Exit(hsm.Helper())
	}
	os.Exit(m.Run())
}

// carried are the files of a bundle's evidence, for somebody to change.
type carried map[string][]byte

func (c carried) Read(name string, _ int64) ([]byte, error) {
	if data, there := c[name]; there {
		return data, nil
	}
	return nil, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
}

func (c carried) List(dir string) (names []string, err error) {
	for name := range c {
		if rest, in := strings.CutPrefix(name, path.Clean(dir)+"/"); in {
			first, _, _ := strings.Cut(rest, "/")
			names = append(names, first)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// held is a workspace in which a first ceremony and a renewal were held, with records
// and a witness, and the evidence that a bundle would carry.
type held struct {
	ws    *workspace.Workspace
	state *signed.State
	files carried
	key   witness.Key
	now   time.Time
}

func hold(t *testing.T) *held {
	t.Helper()
	h := &held{ws: ceremonytest.Open(t, ceremonytest.Small(t)), now: ceremonytest.Now}
	var err error
	if h.key, err = witness.KeyOf(watcher.Public()); err != nil {
		t.Fatal(err)
	}
	ceremonytest.Rewrite(t, h.ws.Dir, "trust.yaml", func(text string) string {
		return text + fmt.Sprintf("people: {witness-keys: {Name Four: %s}}\n", h.key)
	})
	for _, renew := range [][]string{nil, {"snapshot"}} {
		made, err := derive.Make(h.ws, plan.Request{Repository: "image", Reason: "test", Renew: renew, Now: h.now})
		if err != nil {
			t.Fatal(err)
		}
		h.run(t, made)
		h.paper(t, made.Plan.Ceremony+"/main")
		h.now = h.now.Add(time.Hour)
	}
	h.gather(t)
	return h
}

func (h *held) run(t *testing.T, made *derive.Made) {
	t.Helper()
	r := &run.Run{Inspect: preflighttest.Fit, Yes: true, PlanSHA256: made.SHA256, RoomSHA256: made.Room}
	r.Room = room.Room{Workspace: h.ws, Prompter: prompt.Nobody(io.Discard), Now: func() time.Time { return h.now }}
	if err := r.Ceremony(t.Context(), made.Plan.Ceremony); err != nil {
		t.Fatal(err)
	}
}

// watcher is the key of the witness.
var watcher = ed25519.NewKeyFromSeed(make([]byte, 32))

// paper makes the record, and has a witness sign.
func (h *held) paper(t *testing.T, name string) {
	t.Helper()
	d, err := record.Make(h.ws, name)
	if err != nil {
		t.Fatal(err)
	}
	html, err := d.HTML()
	if err != nil {
		t.Fatal(err)
	}
	if err := h.ws.Create(path.Join(record.Dir(name), record.File), html); err != nil {
		t.Fatal(err)
	}
	s, err := record.ToWitness(h.ws, name, "Name Four")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := record.KeepWitness(h.ws, name, s, envelope(t, s, watcher)); err != nil {
		t.Fatal(err)
	}
}

// envelope is a statement with its signature.
func envelope(t *testing.T, s witness.Statement, key ed25519.PrivateKey) []byte {
	t.Helper()
	data, err := witness.Sign(t.Context(), s, func(_ context.Context, message []byte) ([]byte, error) { return ed25519.Sign(key, message), nil })
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func (h *held) gather(t *testing.T) {
	t.Helper()
	var err error
	if h.state, err = signed.Load(h.ws, "image", roles.TUF); err != nil {
		t.Fatal(err)
	}
	list, chains, err := Gather(h.ws, "image", h.state)
	if err != nil || len(chains) != 2 {
		t.Fatal(chains, err)
	}
	h.files = carried{}
	for _, file := range list {
		content, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(content)
		if err != nil || digest.Of(data) != file.SHA256 || int64(len(data)) != file.Length {
			t.Fatal(file.Path, err)
		}
		h.files[strings.TrimPrefix(file.Path, bundle.EvidenceDir)] = data
	}
}

// published serves what the bundle has below metadata/.
type published map[string][]byte

func (p published) Get(name string, _ int64) ([]byte, error) {
	if data, there := p[name]; there {
		return data, nil
	}
	return nil, fs.ErrNotExist
}

func (h *held) verify(files workspace.Files) ([]*record.Chain, error) {
	return Carried{files, published(h.state.Published(h.state.Server))}.VerifyAll()
}

func TestVerify(t *testing.T) {
	h := hold(t)
	chains, err := h.verify(h.files)
	if err != nil || len(chains) != 2 {
		t.Fatal(chains, err)
	}
	for _, c := range chains {
		if c.State != "finished" || len(c.Witnesses) != 1 || c.Witnesses[0].Witness != "Name Four" || c.Unsigned != nil {
			t.Errorf("got %+v", c)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(h.files)) {
		if strings.HasSuffix(name, "changes.jsonl") || name == "site.yaml" {
			t.Errorf("%s is carried", name)
		}
	}
}

// TestOneByte changes one byte of each file of the evidence, at places and in ways that
// are drawn each time: each is found, and the file is named. So is a byte more or less.
func TestOneByte(t *testing.T) {
	h := hold(t)
	kinds := map[string]int{}
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	found := func(name string, changed []byte, how string) {
		t.Helper()
		files := maps.Clone(h.files)
		files[name] = changed
		if _, err := h.verify(files); fault.CodeOf(err) != fault.Unverified || !strings.Contains(err.Error(), name) {
			t.Errorf("seed %d: %s, %s of %d: got %v", seed, name, how, len(h.files[name]), err)
		}
	}
	for name, data := range h.files {
		kinds[path.Base(path.Dir(name))+"/"+path.Ext(name)]++
		found(name, append(bytes.Clone(data), '\n'), "a byte more")
		found(name, data[:len(data)-1], "a byte less")
		for n := range 12 {
			at, mask := random.IntN(len(data)), byte(1+random.IntN(255))
			switch n {
			case 0:
				at = 0
			case 1:
				at = len(data) - 1
			}
			changed := bytes.Clone(data)
			changed[at] ^= mask
			found(name, changed, fmt.Sprintf("byte %d, %q for %q,", at, changed[at], data[at]))
		}
	}
	for _, want := range []string{"signatures/.json", "witnesses/.json", "main/.jsonl", "main/.html", "keys/.yaml", "metadata/.json", "2026-11-23-image-1/.yaml"} {
		if kinds[want] == 0 {
			t.Errorf("no %s is carried: %v", want, kinds)
		}
	}
}

// TestGone takes each file away in turn. Only the papers of people, which somebody else
// has to miss, may be gone unnoticed.
func TestGone(t *testing.T) {
	h := hold(t)
	for name := range h.files {
		less := maps.Clone(h.files)
		delete(less, name)
		_, err := h.verify(less)
		missed := err != nil && strings.Contains(err.Error(), name)
		switch path.Base(name) {
		case "transcript.jsonl": // with it goes all that it states
			continue
		case "record.html":
			missed = true
		}
		if dir := path.Base(path.Dir(name)); !missed && dir != "witnesses" && dir != "signatures" && dir != "replaced" && dir != "metadata" {
			t.Errorf("%s is gone: got %v", name, err)
		}
		if dir := path.Base(path.Dir(name)); dir == "signatures" && err == nil {
			t.Errorf("%s is gone: nobody noticed", name)
		}
	}
}

// TestPublishedOtherwise swaps a published file for another that is signed as well as
// the one of the transcript.
func TestPublishedOtherwise(t *testing.T) {
	h := hold(t)
	other := published(h.state.Published(h.state.Server))
	other["1.targets.json"] = append(bytes.Clone(other["1.targets.json"]), ' ')
	_, err := Carried{h.files, other}.VerifyAll()
	ceremonytest.WantError(t, err, fault.Unverified, "image/metadata/1.targets.json is not the metadata/1.targets.json that is published")
}

func TestWitnessed(t *testing.T) {
	h := hold(t)
	another, err := witness.KeyOf(ceremonytest.Key("another").Public())
	if err != nil {
		t.Fatal(err)
	}
	chains, err := h.verify(h.files)
	if err != nil {
		t.Fatal(err)
	}
	if err := Witnessed(chains, []witness.Key{h.key}); err != nil {
		t.Error(err)
	}
	ceremonytest.WantError(t, Witnessed(chains, []witness.Key{h.key, another}), fault.Unverified, "by key "+another.Fingerprint())
	ceremonytest.WantError(t, Witnessed(nil, []witness.Key{h.key}), fault.Unverified, "there is no transcript\nhint: ask for a bundle with evidence")
	if err := Witnessed(nil, nil); err != nil {
		t.Error(err)
	}
	// A signature of an early line says nothing of what came later.
	chains[1].Witnesses[0].Line = 3
	ceremonytest.WantError(t, Witnessed(chains, []witness.Key{h.key}), fault.Unverified, "2026-11-23-image-2/main: no signature of line ")
}

// TestTakenAway has whoever has the bundle take away a witness's signature: the evidence
// says whose is missing, as the plan has it, and so does every record of it.
func TestTakenAway(t *testing.T) {
	h := hold(t)
	dir := record.Dir("2026-11-23-image-2/main")
	signature := ""
	for name := range h.files {
		if path.Dir(name) == dir+"/witnesses" {
			signature = name
		}
	}
	without := maps.Clone(h.files)
	delete(without, signature)
	chains, err := h.verify(without)
	if err != nil || !slices.Equal(chains[1].Unsigned, []string{"Name Four"}) || !strings.Contains(chains[1].String(), "\n  witness  NOT signed by Name Four, up to line ") {
		t.Errorf("got %v, %v", chains, err)
	}
	// A record that has the signature is none without it, also where its row is cut.
	d, err := record.Make(record.Carried{Files: h.files}, "2026-11-23-image-2/main")
	if err != nil {
		t.Fatal(err)
	}
	html, err := d.HTML()
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile(`(?s)<tr><th[^>]*>signed by a witness</th>.*?</tr>`)
	if !row.Match(html) {
		t.Fatalf("no row of a witness in\n%s", html[:4000])
	}
	without[dir+"/record.html"] = row.ReplaceAll(html, nil)
	_, err = h.verify(without)
	ceremonytest.WantError(t, err, fault.Unverified, "record.html is not the record that follows from ")
	if d, err = record.Make(record.Carried{Files: without}, "2026-11-23-image-2/main"); err != nil || !strings.Contains(string(d.Text()), "NOT signed by") || !strings.Contains(string(d.Text()), "Finished, with 1 deviation") {
		t.Errorf("%v\n%s", err, d.Text())
	}
}

// TestImpostor has somebody sign in the name of the witness.
func TestImpostor(t *testing.T) {
	h := hold(t)
	s, err := record.ToWitness(record.Carried{Files: h.files}, "2026-11-23-image-2/main", "Name Four")
	if err != nil {
		t.Fatal(err)
	}
	impostor := ceremonytest.Key("impostor")
	for who, key := range map[string]ed25519.PrivateKey{"Name Four": impostor, "Name Five": impostor, "Name Six": watcher} {
		if s.Key, err = witness.KeyOf(key.Public()); err != nil {
			t.Fatal(err)
		}
		s.Witness = who
		forged := maps.Clone(h.files)
		forged[record.Dir("2026-11-23-image-2/main")+"/witnesses/000001-0.json"] = envelope(t, s, key)
		_, err := h.verify(forged)
		ceremonytest.WantError(t, err, fault.Unverified, "which is none that the plan has for a witness")
	}
}

// TestGatherRefuses packs no evidence that does not hold.
func TestGatherRefuses(t *testing.T) {
	h := hold(t)
	file := record.Dir("2026-11-23-image-1/main") + "/transcript.jsonl"
	ceremonytest.Rewrite(t, h.ws.Dir, file, func(text string) string { return strings.Replace(text, `"seq":3`, `"seq":4`, 1) })
	_, _, err := Gather(h.ws, "image", h.state)
	ceremonytest.WantError(t, err, fault.Unverified, file)
}

// TestCustodyCarried reads what is carried of custody to its last byte, too: nobody
// writes on it any more, and so no crash has cut it short.
func TestCustodyCarried(t *testing.T) {
	h := hold(t)
	log, err := transcript.Open(h.ws.Folder, transcript.CustodyOf("main"), func() time.Time { return h.now })
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(log.Append(0, transcript.ActorTool, transcript.Note{Text: "x"}), log.Close()); err != nil {
		t.Fatal(err)
	}
	name := transcript.CustodyOf("main") + "/" + transcript.File
	data, err := h.ws.Read(name, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	h.files[name] = data
	if _, err := h.verify(h.files); err != nil {
		t.Fatal(err)
	}
	for i := range data {
		h.files[name] = bytes.Clone(data)
		h.files[name][i] ^= 1
		_, err := h.verify(h.files)
		ceremonytest.WantError(t, err, fault.Unverified, name)
	}
}
