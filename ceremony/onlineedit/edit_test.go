package onlineedit_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/derive"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/onlineedit"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/roles"
)

// world is a repository whose targets a server edits.
type world struct{ *ceremonytest.Software }

func newWorld(t *testing.T) world {
	t.Helper()
	s := ceremonytest.NewSoftware(t)
	s.Edit("trust.yaml", "format: tuf", "format: ota-ce")
	s.Edit("images.yaml", "    length: 10\n", "    length: 10\n    custom: {hardwareIds: [ecu]}\n")
	s.CarryOut(plan.Request{})
	return world{s}
}

// targets are those that are signed, a version later and for a month.
func (w world) targets() *roles.Targets {
	w.T.Helper()
	file, err := roles.Read(roles.OTACE, roles.TypeTargets, []byte(w.Read("image/metadata/targets.json")))
	if err != nil {
		w.T.Fatal(err)
	}
	body := file.Body.(*roles.Targets)
	roles.SetHead(roles.OTACE, body, body.Version+1, w.Now.AddDate(0, 1, 0))
	return body
}

func (w world) image(path string) roles.Image {
	w.T.Helper()
	hashes := roles.HashesOf([]byte(path))
	hashes.SHA512 = nil
	image, err := roles.CompleteImage(roles.OTACE, roles.Image{Path: path, Length: int64(len(path)), Hashes: hashes, Custom: []byte(`{"hardwareIds":["ecu"]}`)}, nil, w.Now)
	if err != nil {
		w.T.Fatal(err)
	}
	return image
}

// asks is a server's answer in a file.
func (w world) asks(body *roles.Targets, change func(cause map[string]any)) string {
	w.T.Helper()
	draft, err := roles.Encode(roles.OTACE, body)
	if err != nil {
		w.T.Fatal(err)
	}
	key, err := roles.NewKey(roles.OTACE, ceremonytest.Key("targets-a").Public())
	if err != nil {
		w.T.Fatal(err)
	}
	cause := map[string]any{"unsigned_metadata_base64": base64.StdEncoding.EncodeToString(draft.Signed), "required_key_ids": []roles.KeyID{key.ID}, "threshold": 1}
	if change != nil {
		change(cause)
	}
	data, err := json.Marshal(map[string]any{"code": "role_keys_not_found", "description": "The targets key(s) for this repo are offline", "cause": cause, "errorId": "0"})
	if err != nil {
		w.T.Fatal(err)
	}
	return w.file(string(data))
}

func (w world) file(text string) string {
	w.Write("../answer.json", text)
	return filepath.Join(filepath.Dir(w.Dir), "answer.json")
}

func (w world) take(file string) (*derive.Made, *onlineedit.Request, error) {
	return onlineedit.Take(w.Open(), file, plan.Request{Repository: "image", Now: w.Now})
}

// TestTake adds, drops and changes images as a server asks, twice with the same result,
// and what is signed then is what it asked for.
func TestTake(t *testing.T) {
	w := newWorld(t)
	w.Now = w.Now.AddDate(0, 0, 1)
	body := w.targets()
	body.Images = append(body.Images, w.image("new.bin"))
	file := w.asks(body, nil)
	made, asked, err := w.take(file)
	if err != nil {
		t.Fatal(err)
	}
	if asked.Version != 2 || len(asked.Changes) != 1 || asked.Changes[0].Subject != "new.bin" || !strings.Contains(asked.String(), "image new.bin: added 7 bytes") {
		t.Errorf("asked for %+v", asked)
	}
	if made.Plan.Reason != "the server asks for targets 2" || !strings.Contains(w.Read("images.yaml"), `"new.bin"`) {
		t.Errorf("got plan %+v", made.Plan)
	}
	again, _, err := w.take(file)
	if err != nil || !again.SameAs || again.Plan.Ceremony != made.Plan.Ceremony {
		t.Errorf("again: %+v, %v", again, err)
	}
	w.CarryOut(plan.Request{})
	body = w.targets()
	if body.Version != 3 || body.Image("new.bin") == nil {
		t.Fatalf("signed: %+v", body)
	}

	body.Images = body.Images[1:] // app.bin goes
	body.Images[0].Length = 8
	_, asked, err = w.take(w.asks(body, nil))
	if err != nil || len(asked.Changes) != 2 {
		t.Fatalf("got %v, %v", asked, err)
	}
	if list := w.Read("images.yaml"); strings.Contains(list, "app.bin") || !strings.Contains(list, "length: 8") {
		t.Errorf("images.yaml: %s", list)
	}
}

// TestTakeBare takes a request that stands alone, of the same images.
func TestTakeBare(t *testing.T) {
	w := newWorld(t)
	draft, err := roles.Encode(roles.OTACE, w.targets())
	if err != nil {
		t.Fatal(err)
	}
	key, err := roles.NewKey(roles.OTACE, ceremonytest.Key("targets-a").Public())
	if err != nil {
		t.Fatal(err)
	}
	made, asked, err := w.take(w.file(fmt.Sprintf(`{"unsigned_metadata_base64": %q, "required_key_ids": [%q], "threshold": 1}`, base64.StdEncoding.EncodeToString(draft.Signed), key.ID)))
	if err != nil || len(asked.Changes) != 0 || made.Plan.Files[0].Role != "targets" || !strings.Contains(asked.String(), "the same images") {
		t.Fatalf("got %+v, %v, %v", made, asked, err)
	}
}

// TestTakeWithoutList writes the images file where there is none yet.
func TestTakeWithoutList(t *testing.T) {
	w := newWorld(t)
	body := w.targets()
	body.Images = append(body.Images, w.image("new.bin"))
	file := w.asks(body, nil)
	w.Edit("trust.yaml", ", images: images.yaml", "")
	w.Remove("images.yaml")
	_, _, err := w.take(file)
	ceremonytest.WantError(t, err, fault.Usage, "trust.yaml:15: repositories.image.roles.targets has no `images`")
	w.Edit("trust.yaml", "threshold: 1, expires: 90d", "threshold: 1, expires: 90d, images: images.yaml")
	if _, _, err := w.take(file); err != nil {
		t.Fatal(err)
	}
	if list := w.Read("images.yaml"); !strings.Contains(list, `"app.bin"`) || !strings.Contains(list, `"new.bin"`) {
		t.Errorf("images.yaml: %s", list)
	}
}

// TestTakeRefuses plays a server that asks for something else, or that somebody else has
// in his hands: nothing is written.
func TestTakeRefuses(t *testing.T) {
	w := newWorld(t)
	list := w.Read("images.yaml")
	other, err := roles.NewKey(roles.OTACE, ceremonytest.Key("other").Public())
	if err != nil {
		t.Fatal(err)
	}
	set := func(name string, value any) func(map[string]any) {
		return func(cause map[string]any) { cause[name] = value }
	}
	for name, tt := range map[string]struct {
		body  func(*roles.Targets)
		cause func(map[string]any)
		code  fault.Code
		want  string
	}{
		"another key": {nil, set("required_key_ids", []roles.KeyID{other.ID}), fault.Unverified, "but root 1 lists 1 of "},
		"a key more": {nil, func(c map[string]any) {
			c["required_key_ids"] = append(c["required_key_ids"].([]roles.KeyID), other.ID)
		}, fault.Unverified, "the server wants 1 of the keys "},
		"a threshold":     {nil, set("threshold", 2), fault.Unverified, "the server wants 2 of"},
		"ahead":           {func(b *roles.Targets) { b.Version = 9 }, nil, fault.Incomplete, "the server asks for targets 9, but targets 1 are signed here"},
		"behind":          {func(b *roles.Targets) { b.Version = 1 }, nil, fault.Incomplete, "want a request for targets 2"},
		"a delegation":    {func(b *roles.Targets) { b.Delegations = delegation(other) }, nil, fault.Unverified, "the server changes more than images: targets: " + ceremonytest.Hinted + "no edit of images does that: find out who asks for it; in trust.yaml it can be declared"},
		"a field":         {func(b *roles.Targets) { b.Extra = []roles.Member{{Name: "x", Raw: []byte("1")}} }, nil, fault.Unverified, "field x"},
		"not base64":      {nil, set("unsigned_metadata_base64", "%%"), fault.Usage, "nothing is asked for"},
		"no metadata":     {nil, set("unsigned_metadata_base64", "e30="), fault.Usage, "unsigned_metadata_base64: "},
		"signed thrice":   {nil, set("unsigned_metadata_base64", base64.StdEncoding.EncodeToString([]byte(`{},"signed":{}`))), fault.Usage, "unsigned_metadata_base64: "},
		"an odd path":     {func(b *roles.Targets) { b.Images = append(b.Images, oddly(b.Images[0])) }, nil, fault.Usage, "no images file can list"},
		"another refusal": {nil, func(c map[string]any) { clear(c) }, fault.Usage, "the code is \"role_keys_not_found\""},
	} {
		body := w.targets()
		if tt.body != nil {
			tt.body(body)
		}
		_, _, err := w.take(w.asks(body, tt.cause))
		t.Log(name)
		ceremonytest.WantError(t, err, tt.code, tt.want)
		if w.Read("images.yaml") != list {
			t.Fatalf("%s: images.yaml was written", name)
		}
	}
	for text, want := range map[string]string{
		`{"code": "role_checksum_mismatch", "cause": ["x"]}`: `the code is "role_checksum_mismatch"`,
		`{"code": 1, "code": 2}`:                             "is there twice",
		"":                                                   "EOF",
	} {
		_, _, err := w.take(w.file(text))
		ceremonytest.WantError(t, err, fault.Usage, want)
	}
}

func delegation(key roles.Key) *roles.Delegations {
	d := &roles.Delegations{}
	d.Add(roles.DelegatedRole{Role: roles.Role{Name: "thief", Threshold: 1}, Paths: []string{"*"}}, []roles.Key{key})
	return d
}

func oddly(image roles.Image) roles.Image {
	image.Path = "zz%20.bin"
	return image
}

// TestTakeMore refuses where the workspace declares more than the server asks for: what
// is signed is what it asked for, and nothing else.
func TestTakeMore(t *testing.T) {
	w := newWorld(t)
	body := w.targets()
	body.Images = append(body.Images, w.image("new.bin"))
	file := w.asks(body, nil)
	list := w.Read("images.yaml") + strings.SplitAfter(strings.Replace(w.Read("images.yaml"), "app.bin", "mine.bin", 1), "images:\n")[1]
	w.Write("images.yaml", list)
	_, _, err := w.take(file)
	ceremonytest.WantError(t, err, fault.Refused, "the workspace declares more than the server asks for: targets: image mine.bin: added"+ceremonytest.Hinted+"sign and publish that first, then edit at the server again: keyrite plan image")
	if w.Read("images.yaml") != list {
		t.Error("images.yaml was written")
	}
}
