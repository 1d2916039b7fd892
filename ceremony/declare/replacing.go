package declare

import "github.com/uptane/keyrite/ceremony/workspace"

// Replacing are the files of a workspace as if trust.yaml named other keys of a
// repository, each in the place of an old one, by their names; the files themselves
// where it names none.
func Replacing(files workspace.Files, repository string, keys map[string]string) workspace.Files {
	if len(keys) == 0 {
		return files // which may be Summed
	}
	return replaced{files, repository, keys}
}

type replaced struct {
	workspace.Files
	repository string
	keys       map[string]string // new names by old ones
}

func (r replaced) Read(name string, limit int64) ([]byte, error) {
	data, err := r.Files.Read(name, limit)
	if err != nil || name != workspace.TrustFile {
		return data, err
	}
	return ReplaceKeys(data, r.repository, r.keys)
}
