package transcript

import (
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/hsm"
)

// What was done with keys and tokens.

// Destroying is durable before the token is asked: a run that finds the key gone
// knows by it that this ceremony was about to destroy it.
type Destroying struct {
	Key         string        `json:"key"`
	Token       string        `json:"token"` // serial
	ID          string        `json:"id"`    // CKA_ID, hexadecimal
	Fingerprint digest.SHA256 `json:"fingerprint,omitzero"`
}

// Destroyed is a key pair, or what was left of one, that is gone from its token.
type Destroyed Destroying

// Adopted is a key pair on a token that was taken in as the one called Key.
type Adopted struct {
	Key         string        `json:"key"`
	Token       string        `json:"token"`
	ID          string        `json:"id"`
	Fingerprint digest.SHA256 `json:"fingerprint"`
	Because     string        `json:"because"`
}

// Imported is metadata that others signed and that was verified and taken in. The
// versions of its marks count as those of a ceremony do.
type Imported struct {
	Repository string        `json:"repository"`
	Root       digest.SHA256 `json:"root"` // of the file of the root that was trusted
	From       []string      `json:"from"` // names of files and folders
	Files      []Mark        `json:"files"`
	Missing    []string      `json:"missing,omitempty"` // roles whose files were not there
}

// Restated is a token's ledger of a key in a role, begun again because a person
// said why: the highest version that is known, without a signature.
type Restated struct {
	Repository  string        `json:"repository"`
	Role        string        `json:"role"`
	Version     int64         `json:"version"`
	Key         string        `json:"key"`
	Fingerprint digest.SHA256 `json:"fingerprint"`
	Token       string        `json:"token"`  // serial
	SHA256      digest.SHA256 `json:"sha256"` // of the bytes of that version
	Record      int64         `json:"record"`
	RecordHash  digest.SHA256 `json:"record-hash"`
	Because     string        `json:"because"`
}

// ImportedKey is somebody else's public key that was taken in. Who compared its words
// is what people said; empty where nobody has.
type ImportedKey struct {
	Key         string        `json:"key"`
	Fingerprint digest.SHA256 `json:"fingerprint"`
	File        digest.SHA256 `json:"file"` // that it came in
	ComparedBy  string        `json:"compared-by,omitempty"`
	With        string        `json:"with,omitempty"`
	Channel     string        `json:"channel,omitempty"`
}

// Wrapping is a token that is about to get a wrapping key.
type Wrapping struct {
	Token string `json:"token"` // URI
	Label string `json:"label"`
}

// Wrapped is a token that got one.
type Wrapped struct {
	Token      string `json:"token"`
	Label      string `json:"label"`
	CheckValue string `json:"check-value"`
}

// Shared is a new wrapping key that was given out in shares, and is nowhere else yet.
type Shared struct {
	Needed     int    `json:"needed"` // shares that make it
	Made       int    `json:"made"`
	CheckValue string `json:"check-value"`
}

// BackingUp is a private key that is about to leave its token, wrapped.
type BackingUp struct {
	Key         string        `json:"key"`
	Type        hsm.KeyType   `json:"type"`
	Token       string        `json:"token"` // serial
	ID          string        `json:"id"`
	WrappingKey string        `json:"wrapping-key"`
	Fingerprint digest.SHA256 `json:"fingerprint"`
}

// BackedUp is one that did.
type BackedUp struct {
	Key    string        `json:"key"`
	Backup digest.SHA256 `json:"backup"` // of the backup's file

	CheckValue string `json:"check-value,omitempty"` // of the wrapping key
}

// Restoring is a private key that is about to come onto another token.
type Restoring struct {
	Key         string        `json:"key"`
	Type        hsm.KeyType   `json:"type"`
	Token       string        `json:"token"` // serial
	ID          string        `json:"id"`
	WrappingKey string        `json:"wrapping-key"`
	Backup      digest.SHA256 `json:"backup"`
}

// Restored is one that did.
type Restored Restoring

// Initialising is a token that is about to be set up. With Erases, the keys on
// it are destroyed.
type Initialising struct {
	Module string `json:"module"`
	Label  string `json:"label"`
	Erases string `json:"erases,omitempty"` // serial
}

// Initialised is one that was.
type Initialised struct {
	Label  string `json:"label"`
	Serial string `json:"serial"`
}

// Practised is a token on which its custodian tried phrase and PIN. Its keys signed
// bytes that are no metadata.
type Practised struct {
	Token  string        `json:"token"`  // serial
	SHA256 digest.SHA256 `json:"sha256"` // of those bytes
	Keys   []string      `json:"keys,omitempty"`
}

// Drilled is a backup of the workspace that was restored for trial, with fake keys on
// throwaway tokens, and went through a ceremony there.
type Drilled struct {
	Backup       digest.SHA256 `json:"backup"` // of the backup's file
	Files        int           `json:"files"`
	Repositories []string      `json:"repositories"`       // of which a new root was signed and verified
	Keys         []string      `json:"keys,omitempty"`     // whose wrapped backups were restored
	Unopened     []string      `json:"unopened,omitempty"` // whose wrapped backups were there and stayed closed
}
