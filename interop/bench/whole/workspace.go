package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// workspace is keyrite's, with a room in which every token signs unattended.
type workspace struct {
	scale   scale
	dir     string // holds everything: images/, suppliers/, room/, …
	keyrite string
	module  string // of SoftHSM
	pinned  bool   // keyrite run --yes wants the SHA-256 of plan and room
	added   int    // images so far
}

func (w *workspace) path(parts ...string) string {
	return filepath.Join(append([]string{w.dir}, parts...)...)
}

// run is keyrite in the workspace.
func (w *workspace) run(arguments ...string) (sample, []byte, error) {
	return measure(append([]string{w.keyrite, "-C", w.path("room")}, arguments...)...)
}

// furnish makes the workspace anew, up to `keyrite hash`.
func (w *workspace) furnish() error {
	if err := os.RemoveAll(w.dir); err != nil {
		return err
	}
	for _, dir := range []string{"room/hsm/tokens", "images", "out"} {
		if err := os.MkdirAll(w.path(dir), 0o700); err != nil {
			return err
		}
	}
	if err := w.scale.writeImages(w.path("images")); err != nil {
		return err
	}
	sum, err := os.ReadFile(w.module)
	if err != nil {
		return err
	}
	for name, text := range map[string]string{
		"pin":                    "correct horse\n",
		"room/hsm/softhsm2.conf": fmt.Sprintf(softhsm, w.path("room/hsm/tokens")),
		"room/trust.yaml":        w.trust(),
		"room/site.yaml":         fmt.Sprintf(siteModules, w.module, sha256.Sum256(sum)),
	} {
		if err := os.WriteFile(w.path(name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return w.tokens()
}

const softhsm = `directories.tokendir = %s
objectstore.backend = file
log.level = ERROR
slots.removable = false
library.reset_on_fork = false
`

const siteModules = `version: 1
site: main
modules:
  softhsm: {path: %s, sha256: %x, env: {SOFTHSM2_CONF: hsm/softhsm2.conf}, state: [hsm/tokens]}
waivers:
  - {check: CORE-DUMPS, reason: a bench, person: a bench}
  - {check: HELPER, reason: a bench, person: a bench}
  - {check: MEMORY, reason: a bench, person: a bench}
  - {check: MEMORY-LOCK, reason: a bench, person: a bench}
  - {check: NETWORK, reason: a bench, person: a bench}
  - {check: ROUTE, reason: a bench, person: a bench}
  - {check: SWAP, reason: a bench, person: a bench}
`

const siteKeys = `keys:
  root-a: officer-1
  root-b: officer-2
  root-c: officer-3
  targets-a: release
  snapshot-a: release
  timestamp-a: release
`

// labels are the tokens: of officers, of the release, and of suppliers, one for all or
// one for each.
func (w *workspace) labels() []string {
	labels := []string{"officer-1", "officer-2", "officer-3", "release"}
	if w.scale.apart {
		return append(labels, w.scale.suppliers()...)
	}
	return append(labels, "suppliers")
}

// tokens makes the tokens and declares them.
func (w *workspace) tokens() error {
	pin := "file:" + w.path("pin")
	site, keys := "tokens:\n", siteKeys
	for _, label := range w.labels() {
		if _, _, err := w.run("token", "init", label, "--pin", pin, "--so-pin", pin); err != nil {
			return err
		}
		site += fmt.Sprintf("  %s: {module: softhsm, uri: \"pkcs11:token=%s\", pin: %q, unattended: [%s]}\n", label, label, pin, w.unattended(label))
	}
	for _, supplier := range w.scale.suppliers() {
		token := "suppliers"
		if w.scale.apart {
			token = supplier
		}
		keys += fmt.Sprintf("  %s: %s\n", supplier, token)
	}
	file, err := os.OpenFile(w.path("room/site.yaml"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = file.WriteString(site + keys)
	return err
}

// unattended are the roles that a token signs without a person.
func (w *workspace) unattended(token string) string {
	switch token {
	case "release":
		return "targets, snapshot, timestamp"
	case "suppliers":
		return strings.Join(w.scale.suppliers(), ", ")
	}
	if w.scale.apart && slices.Contains(w.scale.suppliers(), token) {
		return token
	}
	return "root"
}

// trust declares Ed25519 keys throughout, root 2 of 3, every other role one key.
func (w *workspace) trust() string {
	var keys, delegations strings.Builder
	for _, s := range w.scale.suppliers() {
		fmt.Fprintf(&keys, "      %s: {type: ed25519, custodian: supplier}\n", s)
		fmt.Fprintf(&delegations, "      - {role: %s, keys: [%s], threshold: 1, paths: [\"%s/*\"], expires: 90d, images: %s.yaml}\n", s, s, s, s)
	}
	if delegations.Len() > 0 {
		return fmt.Sprintf(trust, keys.String(), "    delegations:\n"+delegations.String())
	}
	return fmt.Sprintf(trust, "", "")
}

const trust = `version: 1
fleet: bench
repositories:
  image:
    format: tuf
    policy: tuf
    keys:
      root-a: {type: ed25519, custodian: officer 1}
      root-b: {type: ed25519, custodian: officer 2}
      root-c: {type: ed25519, custodian: officer 3}
      targets-a: {type: ed25519, custodian: release officer}
      snapshot-a: {type: ed25519, custodian: release officer}
      timestamp-a: {type: ed25519, custodian: release officer}
%s    roles:
      root: {keys: [root-a, root-b, root-c], threshold: 2, expires: 365d}
      targets: {keys: [targets-a], threshold: 1, expires: 90d, images: images.yaml}
      snapshot: {keys: [snapshot-a], threshold: 1, expires: 30d}
      timestamp: {keys: [timestamp-a], threshold: 1, expires: 14d}
%s    waivers:
      - {check: ROOT-UNATTENDED, reason: throwaway tokens of a bench, person: a bench}
`

// hash lists the images, those of suppliers too, which are not measured.
func (w *workspace) hash() ([]part, error) {
	for _, s := range w.scale.suppliers() {
		dir := w.path("suppliers", s)
		if err := writeImage(filepath.Join(dir, s, "ecu.bin"), []byte(s)); err != nil {
			return nil, err
		}
		if _, _, err := w.list(dir, s+".yaml"); err != nil {
			return nil, err
		}
	}
	s, _, err := w.list(w.path("images"), "images.yaml")
	return alone("hash", s, err)
}

func (w *workspace) list(dir, out string, more ...string) (sample, []byte, error) {
	arguments := []string{"hash", dir, "-o", w.path("room", out), "--hardware-id", "ecu", "--release-counter", "1"}
	return w.run(append(arguments, more...)...)
}

// ceremony plans and runs. what begins the names of the parts.
func (w *workspace) ceremony(what string) ([]part, error) {
	plan, out, err := w.run("--output", "json", "plan", "image", "--reason", what)
	if err != nil {
		return nil, err
	}
	parts := []part{{what + ": plan", plan}}
	var made struct {
		Result struct {
			Plan struct {
				Ceremony string `json:"ceremony"`
			} `json:"plan"`
			PlanSum string `json:"plan-sha256"`
			RoomSum string `json:"room-sha256"`
		} `json:"result"`
	}
	if err := json.Unmarshal(out, &made); err != nil {
		return parts, fmt.Errorf("keyrite plan: %w", err)
	}
	arguments := []string{"run", "--yes"}
	if w.pinned {
		arguments = append(arguments, "--plan-sha256", made.Result.PlanSum, "--room-sha256", made.Result.RoomSum)
	}
	run, _, err := w.run(append(arguments, "ceremonies/"+made.Result.Plan.Ceremony+"/plan.yaml")...)
	if err != nil {
		return parts, err
	}
	return append(parts, part{what + ": run", run}, part{what, plan.plus(run)}), nil
}

func (w *workspace) first() ([]part, error) { return w.ceremony(firstCeremony) }

// addOne lists one image more and signs.
func (w *workspace) addOne() ([]part, error) {
	w.added++
	name := fmt.Sprintf("ecu-new/firmware-%d.bin", w.added)
	if err := writeImage(w.path("images", name), []byte(name)); err != nil {
		return nil, err
	}
	hash, _, err := w.list(w.path("images"), "images.yaml", "--update")
	if err != nil {
		return nil, err
	}
	parts, err := w.ceremony(oneAdded)
	return append([]part{{"hash again", hash}}, parts...), err
}
