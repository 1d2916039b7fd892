package evidence

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/bundle"
	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/record"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// Gather verifies the transcripts of those ceremonies that made the files of a state,
// and returns every file that this took: the same verification finds them in the
// bundle, and needs no other.
func Gather(ws *workspace.Workspace, repository string, state *signed.State) (files []bundle.File, chains []*record.Chain, err error) {
	seen := reader{ws, map[string][]byte{}}
	made := madeBy(state)
	held, err := ceremonies.Names(ws)
	if err != nil {
		return nil, nil, err
	}
	for _, ceremony := range held {
		if of, err := ceremonies.RepositoryOf(ceremony); err != nil || of != repository {
			continue
		}
		if over, err := ceremonies.Over(ws, ceremony); err == nil && over != nil && !slices.ContainsFunc(over, func(s ceremonies.EndedSite) bool { return placed(s.Marks, made) }) {
			continue
		}
		transcripts, err := record.TranscriptsOf(ws, ceremony)
		if err != nil {
			return nil, nil, err
		}
		if !slices.ContainsFunc(transcripts, func(name string) bool { return wrote(ws, name, made) }) {
			continue
		}
		for _, name := range transcripts {
			chain, err := record.Verify(record.Carried{Files: seen}, name)
			if err != nil {
				return nil, nil, err
			}
			chains = append(chains, chain)
		}
	}
	return seen.files(state), chains, nil
}

// madeBy are the files of a state, by the hash of what is signed in them.
func madeBy(state *signed.State) map[digest.SHA256]bool {
	made := map[digest.SHA256]bool{}
	for _, file := range append(slices.Collect(maps.Values(state.Files)), state.Roots...) {
		made[digest.Of(file.Signed)] = true
	}
	return made
}

// wrote says whether a transcript is of a site that put one of these files in place. One
// that cannot be read is for Verify to name.
func wrote(ws *workspace.Workspace, name string, made map[digest.SHA256]bool) bool {
	var marks []transcript.Mark
	end, err := transcript.End(ws.Folder, record.Dir(name))
	if err == nil && end != nil {
		_, marks, _ = end.Ended()
	}
	if err != nil || marks == nil {
		events, err := transcript.Read(ws, record.Dir(name))
		if err != nil {
			return !errors.Is(err, fs.ErrNotExist)
		}
		marks = transcript.Marks(events)
	}
	return placed(marks, made)
}

// placed says whether one of these files was put in place.
func placed(marks []transcript.Mark, made map[digest.SHA256]bool) bool {
	return slices.ContainsFunc(marks, func(m transcript.Mark) bool { return m.Placed && made[m.SHA256] })
}

// reader keeps what was read.
type reader struct {
	workspace.Files
	read map[string][]byte
}

func (r reader) Read(name string, limit int64) ([]byte, error) {
	data, err := r.Files.Read(name, limit)
	if err == nil {
		r.read[name] = data
	}
	return data, err
}

// files are what was read, as a bundle has it. What is published too is stored once.
func (r reader) files(state *signed.State) []bundle.File {
	published := state.Published(state.Server)
	list := make([]bundle.File, 0, len(r.read))
	for name, data := range r.read {
		file := bundle.File{
			Path: bundle.EvidenceDir + name, Length: int64(len(data)), SHA256: digest.Of(data),
			Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil },
		}
		if base, in := strings.CutPrefix(name, state.Dir+"/"); in && bytes.Equal(published[base], data) {
			file.SameAs = "metadata/" + base
		}
		list = append(list, file)
	}
	return list
}
