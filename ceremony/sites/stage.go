package sites

import (
	"errors"
	"io/fs"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/review"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// Stage is a ceremony as far as it has come, by what lies here: for who looks and
// checks. Keys of other sites are in it whether people have compared their words or
// not, so that nothing may be signed over it that no run has shown.
type Stage struct {
	Plan    *plan.Plan
	Scene   *scene.Scene
	Missing []string        // keys that are yet to be generated
	Placed  map[string]bool // roles whose files are in place

	files  workspace.View
	own    string
	others *Others
}

// NewStage puts what lies here onto the scene that the plan was derived from.
func NewStage(files workspace.Files, p *plan.Plan, s *scene.Scene, own string, others *Others) (*Stage, error) {
	st := &Stage{p, s, nil, map[string]bool{}, workspace.View{Files: files}, own, others}
	for _, step := range p.Steps {
		var err error
		switch step.Do {
		case plan.Generate:
			err = st.recognizeKey(step)
		case plan.Write:
			err = st.recognizeFile(step)
		}
		if err != nil {
			return nil, err
		}
	}
	return st, nil
}

func (st *Stage) recognizeKey(s plan.Step) error {
	record, err := st.record(s)
	if err != nil {
		return err
	}
	if record == nil {
		st.Missing = append(st.Missing, s.Key)
		return nil
	}
	if record.Type != s.Type {
		return fault.Errorf(fault.Unverified, "%s has a key of type %s, want %s", s.Output(), record.Type, s.Type)
	}
	return st.Scene.AddKey(record)
}

// record is that of a key, from the site that makes it; nil while it is not here.
func (st *Stage) record(s plan.Step) (*workspace.KeyRecord, error) {
	if st.Plan.SiteOf(s) != st.own {
		if found := st.others.Key(s); found != nil {
			return found.KeyRecord, nil
		}
		return nil, nil
	}
	record, err := st.files.Key(s.Key)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return record, err
}

// recognizeFile takes in a file that is in place because it is exactly what would be
// signed now, with signatures that count.
func (st *Stage) recognizeFile(s plan.Step) error {
	file, _ := st.Plan.File(s.Role)
	data, err := st.files.Read(file.Path, disk.MaxInput)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !file.Replaces.IsZero() && digest.Of(data) == file.Replaces {
		return nil
	}
	if err != nil {
		return err
	}
	candidate, err := review.Build(st.Scene, st.Plan, s.Role)
	if err != nil {
		return err
	}
	placed, err := candidate.Placed(data)
	if err != nil {
		return err
	}
	st.Scene.Put(s.Role, file.Path, placed)
	st.Placed[s.Role] = true
	return nil
}

// Known says whether the bytes of a role's file can be made yet: all keys are here, and
// the files before it in place.
func (st *Stage) Known(role string) bool {
	for _, before := range st.Plan.Before(role) {
		if !st.Placed[before] {
			return false
		}
	}
	file, _ := st.Plan.File(role)
	return len(st.Missing) == 0 || !file.SHA256.IsZero()
}

// Check verifies a signature of a step, as far as its bytes are known: it must be of
// exactly these, by exactly the planned key. known is false where nobody can say yet.
func (st *Stage) Check(s plan.Step, signed transcript.Signed) (known bool, err error) {
	if !st.Known(s.Role) {
		return false, nil
	}
	candidate, err := review.Build(st.Scene, st.Plan, s.Role)
	if err != nil {
		return true, err
	}
	return true, candidate.Check(st.Scene.Key(s.Role, s.Key), signed)
}

// HasFromOthers says whether the signature of a step lies at another site.
func (st *Stage) HasFromOthers(s plan.Step) bool {
	for _, part := range st.others.Parts() {
		if part.Has(s) {
			return true
		}
	}
	return false
}
