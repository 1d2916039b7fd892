package generate

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"strings"

	"github.com/uptane/keyrite/roles"
)

// doubles let one private key reach a threshold of two.
func doubles() []Case {
	return []Case{
		{Name: "double-key-id", Says: "targets signed by one key under two key ids, the second made up", Bend: func(r *Repository) {
			r.double(func(record map[string]any) string { return strings.Repeat("ab", sha256.Size) })
		}},
		{Name: "double-record", Says: "the same with a second record of the key, whose key id is right", Bend: func(r *Repository) {
			r.double(func(record map[string]any) string {
				record["x-copy"] = "1"
				return idOf(record)
			})
		}},
		{Name: "double-signature", Says: "targets with one signature twice", Bend: func(r *Repository) {
			r.Targets.Signers[1] = r.Targets.Signers[0]
		}},
		{Name: "double-signature-delegation", Delegation: true, Says: "the delegation's file with one signature twice", Bend: func(r *Repository) {
			r.Delegated.Signers[1] = r.Delegated.Signers[0]
		}},
	}
}

// spellings are doubles that only ECDSA keys allow.
func spellings() []Case {
	return []Case{{Name: "double-spelling", Profile: plain.of(p256Key), Says: "targets signed by one P-256 key, listed as `ecdsa` and as `ecdsa-sha2-nistp256`", Bend: func(r *Repository) {
		r.double(func(record map[string]any) string {
			record["keytype"] = "ecdsa-sha2-nistp256"
			return idOf(record)
		})
	}}}
}

// double lists the first targets key a second time in root and signs targets
// with it under both ids. respell changes a copy of its record and names it.
func (r *Repository) double(respell func(record map[string]any) string) {
	key := r.Targets.Signers[0]
	r.Roots[2].Edit = func(signed map[string]any) {
		keys := signed["keys"].(map[string]any)
		record := maps.Clone(keys[string(key.ID)].(map[string]any))
		id := respell(record)
		addKey(signed, "targets", id, record)
		r.Targets.Signers = []*Key{key, key.alias(id)}
	}
}

// addKey lists a key in root for a role.
func addKey(root map[string]any, role, id string, record map[string]any) {
	root["keys"].(map[string]any)[id] = record
	entry := root["roles"].(map[string]any)[role].(map[string]any)
	entry["keyids"] = append(entry["keyids"].([]any), id)
}

// idOf is the key id that the TUF specification wants (1.0.34 §4.2.1), for
// records whose canonical form is what encoding/json writes, newlines apart.
func idOf(record map[string]any) string {
	text, _ := json.Marshal(record) // a map of strings always encodes
	sum := sha256.Sum256(bytes.ReplaceAll(text, []byte(`\n`), []byte("\n")))
	return hex.EncodeToString(sum[:])
}

// tricks are the attacks that some real client lets through.
func tricks() []Case {
	return []Case{
		{Name: "foreign-path", Delegation: true, ClientOnly: true, Says: "the delegation lists an image outside its paths", Bend: func(r *Repository) {
			top, delegated := r.Targets.Body.(*roles.Targets), r.Delegated.Body.(*roles.Targets)
			delegated.Images = append(delegated.Images, top.Images...)
			top.Images = nil
		}},
		{Name: "role-in-other-case", Says: "root has a further role `Targets` with keys of its own", Bend: func(r *Repository) {
			r.Roots[2].Edit = func(signed map[string]any) {
				list := signed["roles"].(map[string]any)
				list["Targets"] = list["snapshot"]
			}
		}},
		{Name: "duplicate-member", Says: "targets has `version` twice, the second as signed", Bend: func(r *Repository) {
			r.Targets.Spoil = func(data []byte) []byte {
				return bytes.Replace(data, []byte(`"version":3}`), []byte(`"version":9,"version":3}`), 1)
			}
		}},
		{Name: "duplicate-delegation", Delegation: true, Says: "two delegations have one name", Bend: func(r *Repository) {
			r.Targets.Edit = func(signed map[string]any) {
				delegations := signed["delegations"].(map[string]any)
				list := delegations["roles"].([]any)
				delegations["roles"] = append(list, list[0])
			}
		}},
		{Name: "small-order-key", Says: "targets reaches its threshold with an Ed25519 key of small order", Bend: smallOrder},
	}
}

// identity is the neutral point of the curve. As a public key it accepts the
// signature of itself and a zero scalar for every message.
var identity = append([]byte{1}, make([]byte, ed25519.PublicKeySize-1)...)

type forger struct{}

func (forger) Public() crypto.PublicKey { return ed25519.PublicKey(identity) }

func (forger) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return append(bytes.Clone(identity), make([]byte, ed25519.SignatureSize-len(identity))...), nil
}

func smallOrder(r *Repository) {
	r.Roots[2].Edit = func(signed map[string]any) {
		// The record of a sound key shows how the format writes one.
		var record map[string]any
		for _, listed := range signed["keys"].(map[string]any) {
			if candidate := listed.(map[string]any); strings.EqualFold(candidate["keytype"].(string), "ed25519") {
				record = maps.Clone(candidate)
			}
		}
		record["keyval"] = map[string]any{"public": hex.EncodeToString(identity)}
		id := idOf(record)
		addKey(signed, "targets", id, record)
		key := roles.Key{ID: roles.KeyID(id), Scheme: roles.Ed25519, Public: ed25519.PublicKey(identity)}
		r.Targets.Signers[1] = &Key{key, forger{}}
	}
}
