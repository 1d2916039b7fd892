package policies

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/roles"
)

// vectors are repositories that other programs made and signed.
var vectors = []struct {
	dir      string
	format   roles.Format
	now      time.Time
	policies []string
}{
	{"tuf/ok-ed25519/metadata", roles.TUF, now, []string{"tuf"}},
	{"tuf/ok-ecdsa/metadata", roles.TUF, now, []string{"tuf"}},
	{"tuf/ok-rsa/metadata", roles.TUF, now, []string{"tuf"}},
	{"tuf/ok-mixed/metadata", roles.TUF, now, []string{"tuf", "uptane-small"}},
	{"sigstore", roles.TUF, time.Date(2023, 3, 1, 0, 0, 0, 0, time.UTC), []string{"tuf"}},
	{"ota-ce/ok/repo", roles.OTACE, now, []string{"tuf", "uptane-image"}},
	{"ota-ce/ok/director", roles.OTACE, now, []string{"tuf", "uptane-director"}},
	{"ota-ce/accept/wire-profile/repo", roles.OTACE, now, []string{"tuf", "uptane-image"}},
	{"ota-ce/accept/wire-profile/director", roles.OTACE, now, []string{"tuf", "uptane-director"}},
}

// TestVectors shows what the policies find in real metadata. Each line of the
// golden file was compared with the files and is true; the preset tuf finds no
// error in any.
func TestVectors(t *testing.T) {
	var b strings.Builder
	for _, v := range vectors {
		s := readFolder(t, v.format, filepath.Join("..", "roles", "testdata", "vectors", v.dir))
		s.Now = v.now
		for _, policy := range v.policies {
			r := mustPreset(t, policy).Check(s)
			fmt.Fprintf(&b, "%s, policy %s:\n", v.dir, policy)
			for _, f := range r.Findings {
				fmt.Fprintf(&b, "  %s\n", f)
			}
			if err := r.Refused(); policy == "tuf" && err != nil {
				t.Errorf("%s: %v", v.dir, err)
			}
		}
	}
	golden(t, filepath.Join("testdata", "vectors.txt"), []byte(b.String()))
}

var versioned = regexp.MustCompile(`^([0-9]+)\.(.+)$`)

// readFolder reads a folder of metadata as `policy check` does: nothing is known
// beyond the files.
func readFolder(t *testing.T, f roles.Format, dir string) *Subject {
	s := &Subject{Repository: "image", Format: f, Next: &Set{Delegated: map[string]*roles.Targets{}, Bytes: map[string]int64{}}}
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".json" {
			return err
		}
		role := strings.TrimSuffix(filepath.Base(path), ".json")
		if m := versioned.FindStringSubmatch(role); m != nil {
			role = m[2]
			if version, err := strconv.ParseInt(m[1], 10, 64); err == nil && role == "root" {
				s.Roots = append(s.Roots, version)
			}
		}
		kind := roles.TypeTargets
		if topLevel(role) {
			kind = roles.Type(role)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		file, err := roles.Read(f, kind, data)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if old := s.Next.body(role); old == nil || roles.HeadOf(old).Version <= roles.HeadOf(file.Body).Version {
			s.Next.Bytes[role] = int64(len(data))
			put(s.Next, role, file.Body)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func put(s *Set, role string, body roles.Body) {
	switch body := body.(type) {
	case *roles.Root:
		s.Root = body
	case *roles.Snapshot:
		s.Snapshot = body
	case *roles.Timestamp:
		s.Timestamp = body
	case *roles.Targets:
		if role == "targets" {
			s.Targets = body
		} else {
			s.Delegated[role] = body
		}
	}
}
