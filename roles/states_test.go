package roles

import "testing"

// TestStatesBothForms takes a file as it stands and as vehicles hash it, and what is
// stated of it afterwards is of the latter, whichever was asked for first.
func TestStatesBothForms(t *testing.T) {
	r := newRepo(t, OTACE).publish()
	raw := append([]byte(" "), r.files["targets.json"]...)
	file, err := Read(OTACE, TypeTargets, raw)
	if err != nil || file.published == nil {
		t.Fatal(err)
	}
	of := func(data []byte) *Meta {
		return &Meta{Name: "targets.json", Version: 1, Length: int64(len(data)), Hashes: HashesOf(data)}
	}
	if !of(raw).States(file) || !of(file.Published()).States(file) || of(append(raw, ' ')).States(file) {
		t.Error("want both forms, and no other")
	}
	if got := MetaOf("targets", file); of(file.Published()).Hashes.Match(got.Hashes) != nil || got.Length != int64(len(file.Published())) {
		t.Errorf("got %+v, want the published form", got)
	}
}
