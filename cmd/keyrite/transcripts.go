package main

import (
	"errors"
	"os"
	"path"
	"slices"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/audit"
	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/record"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// transcripts are where what happened is read: in a workspace, or in the evidence of a
// bundle that was carried out of one.
type transcripts struct {
	workspace.Files
	verify func(name string) (*record.Chain, error)
	inside func(given string) string // a path as it is called in there
	whole  bool                      // custody too
}

func fromFlag(c *cobra.Command, from *string) {
	c.Flags().StringVar(from, "from", "", "a bundle, or a folder with evidence, in the place of the workspace")
}

// withTranscripts opens those of the workspace, or those of the evidence that is named.
func (a *app) withTranscripts(from string, do func(transcripts) error) error {
	if from != "" {
		carried, closeAll, err := audit.OpenEvidence(from)
		if err != nil {
			return err
		}
		defer closeAll()
		return do(transcripts{carried, carried.Verify, path.Clean, false})
	}
	return a.withWorkspace(func(ws *workspace.Workspace) error { return do(a.transcriptsOf(ws)) })
}

func (a *app) transcriptsOf(ws *workspace.Workspace) transcripts {
	return transcripts{ws, func(name string) (*record.Chain, error) { return record.Verify(ws, name) },
		func(given string) string { return a.inWorkspace(ws, given) }, true}
}

// all are the names of those that can be verified: a bundle has of custody only what its
// ceremonies refer to.
func (t transcripts) all() ([]string, error) {
	names, err := record.Transcripts(t)
	if !t.whole {
		names = slices.DeleteFunc(names, record.IsCustody)
	}
	return names, err
}

// one is the name of the one transcript that is meant.
func (t transcripts) one(given string) (string, error) {
	names, err := t.named(given)
	if err != nil {
		return "", err
	}
	if len(names) == 0 {
		return "", fault.Errorf(fault.Incomplete, "nothing of %s is here", given)
	}
	if len(names) > 1 {
		return "", fault.Errorf(fault.Usage, "%s was held at %s", given, words.Count(len(names), "site")).
			Hint("name one of %s", words.List(names))
	}
	return names[0], nil
}

// named are those of a ceremony, one for each site; or that of one site, or custody.
func (t transcripts) named(given string) ([]string, error) {
	name := t.inside(given)
	if path.Clean(name) == record.Custody {
		return record.CustodyTranscripts(t)
	}
	if record.IsCustody(path.Clean(name)) {
		return []string{path.Clean(name)}, nil
	}
	ceremony, err := ceremonies.Name(name)
	if err == nil {
		return t.begun(ceremony)
	}
	if of, siteErr := ceremonies.Name(path.Dir(name)); siteErr == nil {
		return []string{of + "/" + path.Base(name)}, nil
	}
	if info, statErr := os.Stat(given); statErr == nil && info.Mode().IsRegular() {
		return nil, fault.Errorf(fault.Usage, "%s is a file, want the name of a ceremony", given).
			Hint("the transcripts in a bundle: keyrite transcript verify --from %s", given)
	}
	if !t.whole {
		return nil, t.notCarried(given)
	}
	there, listErr := ceremonies.Names(t)
	return nil, errors.Join(fault.Errorf(fault.CodeOf(err), "%w", err).Suggest(given, append(there, record.Custody)), listErr)
}

func (t transcripts) begun(ceremony string) ([]string, error) {
	names, err := record.TranscriptsOf(t, ceremony)
	if err != nil || len(names) > 0 {
		return names, err
	}
	if !t.whole {
		return nil, t.notCarried(ceremony)
	}
	there, err := ceremonies.Names(t)
	if err == nil && !slices.Contains(there, ceremony) {
		err = fault.Errorf(fault.Usage, "there is no ceremony %s", ceremony).Called(fault.WordFileMissing).Suggest(ceremony, there)
	}
	if err != nil {
		return nil, err
	}
	return nil, fault.Errorf(fault.Incomplete, "%s has not begun", ceremony).Hint("keyrite run %s", ceremony)
}

// notCarried names the transcripts that are.
func (t transcripts) notCarried(name string) error {
	all, err := t.all()
	if err != nil {
		return err
	}
	return fault.Errorf(fault.Incomplete, "no transcript of %s is carried; there are: %s", words.Line(name), words.List(all))
}
