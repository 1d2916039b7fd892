package run

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io/fs"
	"path"
	"time"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// keepPlan sees to it that the plan that is run lies in its ceremony's folder,
// where the record finds it, and returns its SHA-256.
func keepPlan(ws *workspace.Workspace, thePlan *plan.Plan) ([32]byte, error) {
	data, err := thePlan.Encode()
	if err != nil {
		return [32]byte{}, err
	}
	name := path.Join(thePlan.Dir(), plan.PlanFile)
	there, err := ws.Read(name, plan.MaxPlan)
	if errors.Is(err, fs.ErrNotExist) {
		return sha256.Sum256(data), ws.Create(name, data)
	}
	if err != nil {
		return [32]byte{}, err
	}
	if !bytes.Equal(there, data) {
		return [32]byte{}, fault.Errorf(fault.Unverified, "%s is not the plan that is run", name).
			Hint("a plan is never edited; make a new one: keyrite plan %s", thePlan.Repository)
	}
	return sha256.Sum256(data), nil
}

// Abort closes a ceremony that will not be finished. What it signed stays.
func Abort(ws *workspace.Workspace, thePlan *plan.Plan, now func() time.Time, reason string) error {
	theTranscript, err := transcript.Open(ws.Folder, thePlan.Dir(), now)
	if err != nil {
		return err
	}
	for e := range theTranscript.Events() {
		if e.Event == transcript.EventFinished || e.Event == transcript.EventAborted {
			return errors.Join(fault.Errorf(fault.Failed, "%s has ended already (%s)", thePlan.Ceremony, e.Event), theTranscript.Close())
		}
	}
	return errors.Join(theTranscript.Append(0, transcript.ActorPerson, transcript.EventAborted, transcript.NoteData{Text: reason}), theTranscript.Close())
}
