package roles

import (
	"strings"
	"testing"
)

// TestCompareDirector compares both repositories of the golden fleet.
func TestCompareDirector(t *testing.T) {
	for _, set := range []string{"ok", "accept/wire-profile"} {
		image := newClient(t, "ota-ce/"+set+"/repo/1.root.json", vectors+"ota-ce/"+set+"/repo")
		director := newClient(t, "ota-ce/"+set+"/director/1.root.json", vectors+"ota-ce/"+set+"/director")
		director.Director = true
		for _, c := range []*Client{image, director} {
			if err := c.Refresh(); err != nil {
				t.Fatal(err)
			}
		}
		if err := CompareDirector(director, image); err != nil {
			t.Error(err)
		}
		if want := "note: image apps/app-1.bin for ECU CA:FE:A6:D2:84:9D is listed by the delegated role apps: secondaries that verify fully do not follow delegations"; strings.Count(director.Report().String(), want) != 1 || strings.Contains(director.Report().String(), "image fw-1.bin for") {
			t.Errorf("want %q and no more:\n%s", want, director.Report())
		}
		report := director.Report().String()
		for _, want := range []string{"ECU CA:FE:A6:D2:84:9D (primary_hw) is to install apps/app-1.bin", "ECU ECU-SECONDARY-1 (secondary_hw) is to install fw-1.bin", "partial-verification ECUs take on its word alone"} {
			if !strings.Contains(report, want) {
				t.Errorf("the report lacks %q:\n%s", want, report)
			}
		}
	}
}

// TestCompareDirectorRefuses changes one thing of what the Director assigns, or
// of what the Image repository lists.
func TestCompareDirectorRefuses(t *testing.T) {
	hashes, other := HashesOf([]byte("image")), HashesOf([]byte("other"))
	assigned := func(change func(*Image)) []Image {
		i := Image{Path: "a", Length: 5, Hashes: hashes, Custom: []byte(`{"ecuIdentifiers":{"ecu-1":{"hardwareId":"hw"}},"releaseCounter":2}`)}
		change(&i)
		return []Image{i}
	}
	listed := []Image{{Path: "a", Length: 5, Hashes: hashes, Custom: []byte(`{"hardwareIds":["hw","hw2"],"releaseCounter":2}`)}}
	same := func(*Image) {}
	for want, c := range map[string]struct{ director, image, before []Image }{
		"": {assigned(same), listed, nil},
		"the Image repository does not confirm it: b: no trusted role lists the image": {assigned(func(i *Image) { i.Path = "b" }), listed, nil},
		"release counter is 1, want none as in the Image repository":                   {assigned(func(i *Image) { i.Custom = []byte(strings.Replace(string(i.Custom), "2}", "1}", 1)) }), []Image{{Path: "a", Length: 5, Hashes: hashes, Custom: []byte(`{"hardwareIds":["hw"]}`)}}, nil},
		"release counter is none; ECU ecu-1 had 2 (possible rollback attack)":          {assigned(same), []Image{{Path: "a", Length: 5, Hashes: hashes, Custom: []byte(`{"hardwareIds":["hw"]}`)}}, assigned(same)},
		"length is 4, want 5":                   {assigned(func(i *Image) { i.Length = 4 }), listed, nil},
		"length is 6, want 5":                   {assigned(func(i *Image) { i.Length = 6 }), listed, nil},
		"sha256 is ":                            {assigned(func(i *Image) { i.Hashes.SHA256 = other.SHA256 }), listed, nil},
		"sha512 is ":                            {assigned(func(i *Image) { i.Hashes.SHA512 = other.SHA512 }), listed, nil},
		"no digest is listed in both":           {assigned(func(i *Image) { i.Hashes = Hashes{} }), listed, nil},
		`ECU ecu-1 is hardware "hx"; the Image`: {assigned(func(i *Image) { i.Custom = []byte(`{"ecuIdentifiers":{"ecu-1":{"hardwareId":"hx"}}}`) }), listed, nil},
		"custom.ecuIdentifiers names no ECU":    {assigned(func(i *Image) { i.Custom = nil }), listed, nil},
		"release counter is 3, want 2 as in the Image repository (possible mix-and-match attack)": {assigned(func(i *Image) { i.Custom = []byte(strings.Replace(string(i.Custom), "2}", "3}", 1)) }), listed, nil},
		"release counter is 2; ECU ecu-1 had 3":                                                   {assigned(same), listed, assigned(func(i *Image) { i.Custom = []byte(strings.Replace(string(i.Custom), "2}", "3}", 1)) })},
		"custom.ecuIdentifiers.ecu-1: got '7', want an object":                                    {assigned(func(i *Image) { i.Custom = []byte(`{"ecuIdentifiers":{"ecu-1":7}}`) }), listed, nil},
		"ECU ecu-1 also gets a (Uptane":                                                           {append(assigned(same), assigned(func(i *Image) { i.Path = "c" })...), listed, nil},
		"in the Image repository's targets: custom.hardwareIds: ":                                 {assigned(same), []Image{{Path: "a", Length: 5, Hashes: hashes, Custom: []byte(`{"hardwareIds":7}`)}}, nil},
	} {
		verified := func(images []Image) *Client {
			file := &File{Name: "targets.json", Body: &Targets{Images: images}}
			return &Client{format: OTACE, files: map[string]*File{"targets": file}}
		}
		director := verified(c.director)
		director.remembered = verified(c.before).files
		err := CompareDirector(director, verified(c.image))
		innocent := strings.HasPrefix(want, "custom.") || strings.Contains(want, "Uptane") || strings.HasPrefix(want, "in the Image")
		if err != nil && strings.Contains(err.Error(), "attack") == innocent {
			t.Errorf("an attack is named, or is not: %v", err)
		}
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if err := CompareDirector(&Client{}, &Client{}); err == nil {
		t.Error("a Director that was not verified is taken")
	}
	empty := &Client{format: OTACE, files: map[string]*File{"targets": {Body: &Targets{}}}}
	if err := CompareDirector(empty, empty); err != nil || len(empty.report.Notes) != 1 {
		t.Errorf("empty Director targets: %v, notes %q; want one note", err, empty.report.Notes)
	}
}

// TestDelegatedAssignment says nothing of delegated images in tuf, whose clients
// follow delegations.
func TestDelegatedAssignment(t *testing.T) {
	for f, want := range map[Format]int{TUF: 0, OTACE: 1} {
		r, d := newRepo(t, f), newRepo(t, f)
		r.delegate("targets", "a", 7, false, "a/*").Images = []Image{image("a/1")}
		d.targets.Images = []Image{image("a/1")}
		d.targets.Images[0].Custom = []byte(`{"ecuIdentifiers":{"e1":{"hardwareId":"hw"},"e2":{"hardwareId":"hw"}}}`)
		image, err := r.publish().verify(nil)
		if err != nil {
			t.Fatal(err)
		}
		director, err := d.publish().verify(nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := CompareDirector(director, image); err != nil {
			t.Error(err)
		}
		notes := texts(director)
		if len(notes) != want || want == 1 && !strings.HasPrefix(notes[0], "image a/1 for ECU e1, e2 is listed by the delegated role a:") {
			t.Errorf("%s: notes %q, want %d", f.Name(), notes, want)
		}
	}
}
