package publish

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/roles"
)

// otaServer behaves as OTA CE's repo server, with its key server behind it, does by its
// documentation and sources: what it takes, with which status it refuses, and what it
// signs itself afterwards.
type otaServer struct {
	t      *testing.T
	dir    string // metadata/ is in it
	prefix string // of its API
	online map[string]bool

	mu     sync.Mutex
	before func(w http.ResponseWriter, r *http.Request) bool // true: it has answered
}

const namespace = "fleet-1"

// newOTAServer is a server that holds some keys online, by their names.
func newOTAServer(t *testing.T, online ...string) *otaServer {
	s := &otaServer{t: t, dir: t.TempDir(), prefix: "/api/v1/user_repo/", online: map[string]bool{}}
	for _, name := range online {
		s.online[name] = true
	}
	ceremonytest.MakeDir(t, s.dir, "metadata/delegations")
	return s
}

func (s *otaServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.before != nil && s.before(w, r) {
		return
	}
	name, found := strings.CutPrefix(r.URL.Path, s.prefix)
	body, err := io.ReadAll(io.LimitReader(r.Body, 8<<20))
	switch {
	case r.Header.Get("x-ats-namespace") != namespace:
		refuse(w, 403, "namespace_missing", "x-ats-namespace")
	case !found || err != nil:
		refuse(w, 404, "not_found", r.URL.Path)
	case r.Method == http.MethodGet:
		s.get(w, name)
	case s.root() == nil && name != "root":
		refuse(w, 424, "root_role_not_in_keyserver", "the root role was not found in upstream keyserver")
	case r.Method == http.MethodPost && name == "root":
		s.postRoot(w, body)
	case r.Method == http.MethodPut && name == "targets":
		s.putTargets(w, r.Header.Get("x-ats-role-checksum"), body)
	case r.Method == http.MethodPut && strings.HasPrefix(name, "delegations/"):
		s.putDelegation(w, strings.TrimSuffix(strings.TrimPrefix(name, "delegations/"), ".json"), body)
	case r.Method == http.MethodPut && strings.HasPrefix(name, "targets/"):
		s.edit(w, strings.TrimPrefix(name, "targets/"), body)
	default:
		refuse(w, 405, "method", r.Method)
	}
}

func refuse(w http.ResponseWriter, status int, code, cause string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"code":%q,"description":"refused","cause":[%q]}`, code, cause)
}

func (s *otaServer) path(name string) string { return filepath.Join(s.dir, "metadata", name) }

func (s *otaServer) read(name string) []byte {
	data, err := os.ReadFile(s.path(name))
	if err != nil {
		return nil
	}
	return data
}

// root is the newest one, nil for none.
func (s *otaServer) root() *roles.Root {
	file, err := roles.Read(roles.OTACE, roles.TypeRoot, s.read("root.json"))
	if err != nil {
		return nil
	}
	return file.Body.(*roles.Root)
}

// get spells files as its own encoder does, not as they were uploaded.
func (s *otaServer) get(w http.ResponseWriter, name string) {
	data := s.read(name)
	if data == nil && s.root() == nil {
		refuse(w, 424, "root_role_not_in_keyserver", "the root role was not found in upstream keyserver")
		return
	}
	if data == nil {
		refuse(w, 404, "missing_entity", name)
		return
	}
	if name == "targets.json" {
		w.Header().Set("x-ats-role-checksum", checksum(data))
	}
	var indented bytes.Buffer
	_ = json.Indent(&indented, data, "", " ")
	w.Write(indented.Bytes())
}

// checksum is over the canonical form, which keyrite's files have.
func checksum(data []byte) string { return fmt.Sprintf("%x", sha256.Sum256(data)) }

func (s *otaServer) postRoot(w http.ResponseWriter, body []byte) {
	file, err := roles.Read(roles.OTACE, roles.TypeRoot, body)
	if err != nil {
		refuse(w, 400, "invalid_root_role", err.Error())
		return
	}
	next, old := file.Body.(*roles.Root), s.root()
	var causes []string
	want := int64(1)
	if old != nil {
		want = old.Version + 1
		if err := signed.CountFor(file, old, "root"); err != nil {
			causes = append(causes, err.Error())
		}
	}
	if next.Version != want {
		causes = append(causes, fmt.Sprintf("version %d, want %d", next.Version, want))
	}
	if err := signed.CountFor(file, next, "root"); err != nil {
		causes = append(causes, err.Error())
	}
	if causes != nil {
		refuse(w, 400, "invalid_root_role", strings.Join(causes, "; "))
		return
	}
	s.write("root.json", body)
	s.write(fmt.Sprintf("%d.root.json", next.Version), body)
	for name := range s.online { // what root does not list any more is deleted
		key, err := roles.NewKey(roles.OTACE, ceremonytest.Key(name).Public())
		if err != nil {
			s.t.Error(err)
		}
		if !slices.ContainsFunc(next.Keys, func(k roles.Key) bool { return k.ID == key.ID }) {
			delete(s.online, name)
		}
	}
	w.WriteHeader(204)
}

// targetsOf reads a targets file that is signed by a role's keys.
func (s *otaServer) targetsOf(body []byte, check func(*roles.File) error) (*roles.Targets, error) {
	file, err := roles.Read(roles.OTACE, roles.TypeTargets, body)
	if err != nil {
		return nil, err
	}
	targets := file.Body.(*roles.Targets)
	for _, image := range targets.Images {
		if image.Hashes.SHA512 != nil {
			return nil, fmt.Errorf("%s: sha512 is no known method", image.Path)
		}
	}
	return targets, check(file)
}

func (s *otaServer) putTargets(w http.ResponseWriter, sum string, body []byte) {
	next, err := s.targetsOf(body, func(f *roles.File) error { return signed.CountFor(f, s.root(), "targets") })
	if err != nil {
		refuse(w, 400, "invalid_offline_targets", err.Error())
		return
	}
	old, version := s.read("targets.json"), int64(0)
	if old != nil {
		known, err := s.targetsOf(old, func(*roles.File) error { return nil })
		if err != nil {
			s.t.Error(err)
		}
		version = known.Version
	}
	switch {
	case old != nil && sum == "":
		refuse(w, 428, "role_checksum_not_provided", "x-ats-role-checksum")
	case old != nil && sum != checksum(old):
		refuse(w, 412, "role_checksum_mismatch", sum)
	case next.Version != version+1:
		refuse(w, 409, "invalid_version_bump", fmt.Sprintf("version %d, want %d", next.Version, version+1))
	default:
		s.accept(w, "targets.json", body)
	}
}

// putDelegation has no protection against going back: that is the uploader's.
func (s *otaServer) putDelegation(w http.ResponseWriter, role string, body []byte) {
	trusted, err := s.targetsOf(s.read("targets.json"), func(*roles.File) error { return nil })
	if err != nil || trusted.Delegations == nil {
		trusted = &roles.Targets{Delegations: &roles.Delegations{}}
	}
	at := slices.IndexFunc(trusted.Delegations.Roles, func(r roles.DelegatedRole) bool { return r.Name == role })
	if at < 0 {
		refuse(w, 400, "delegation_not_defined", role)
		return
	}
	_, err = s.targetsOf(body, func(f *roles.File) error {
		return roles.CheckThreshold(f, trusted.Delegations.Roles[at].Role, trusted.Delegations.Keys).Err()
	})
	if err != nil {
		refuse(w, 400, "payload_signature_invalid", err.Error())
		return
	}
	s.accept(w, "delegations/"+role+".json", body)
}

// accept takes a file and signs what states it, if it has the keys.
func (s *otaServer) accept(w http.ResponseWriter, name string, body []byte) {
	if !s.online["snapshot-a"] || !s.online["timestamp-a"] {
		refuse(w, 412, "private_keys_not_found", "snapshot or timestamp")
		return
	}
	s.write(name, body)
	signer := ceremonytest.Server{Dir: filepath.Join(s.dir, "metadata"), Format: roles.OTACE, Now: time.Now().UTC()}
	for _, role := range []roles.Type{roles.TypeSnapshot, roles.TypeTimestamp} {
		next, err := signer.Next(role)
		if err == nil {
			err = signer.Sign(next, 0, string(role)+"-a")
		}
		if err != nil {
			s.t.Error(err)
		}
	}
	w.WriteHeader(204)
}

// edit is somebody online who wants another image: the key of targets is not here, so
// that the server asks for a signature.
func (s *otaServer) edit(w http.ResponseWriter, path string, content []byte) {
	targets, err := s.targetsOf(s.read("targets.json"), func(*roles.File) error { return nil })
	if err != nil {
		refuse(w, 404, "missing_entity", "targets.json")
		return
	}
	hashes := roles.HashesOf(content)
	hashes.SHA512 = nil
	image, err := roles.CompleteImage(roles.OTACE, roles.Image{Path: path, Length: int64(len(content)), Hashes: hashes, Custom: []byte(`{"hardwareIds":["ecu"]}`)}, nil, time.Now().UTC().Truncate(time.Second))
	if err != nil {
		refuse(w, 400, "invalid", err.Error())
		return
	}
	targets.Images = append(targets.Images, image)
	slices.SortFunc(targets.Images, func(a, b roles.Image) int { return strings.Compare(a.Path, b.Path) })
	roles.SetHead(roles.OTACE, targets, targets.Version+1, time.Now().UTC().AddDate(0, 0, 31).Truncate(time.Second))
	draft, err := roles.Encode(roles.OTACE, targets)
	if err != nil {
		refuse(w, 400, "invalid", err.Error())
		return
	}
	w.WriteHeader(412)
	role := s.root().Role("targets")
	_ = json.NewEncoder(w).Encode(map[string]any{"code": "role_keys_not_found", "description": "The targets key(s) for this repo are offline", "cause": map[string]any{
		"unsigned_metadata_base64": base64.StdEncoding.EncodeToString(draft.Signed), "required_key_ids": role.KeyIDs, "threshold": role.Threshold,
	}})
}

func (s *otaServer) write(name string, data []byte) {
	if err := os.WriteFile(s.path(name), data, 0o644); err != nil {
		s.t.Error(err)
	}
}
