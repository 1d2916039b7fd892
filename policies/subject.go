package policies

import (
	"time"

	"github.com/uptane/keyrite/roles"
)

// Subject is everything that checks look at: one repository, as it is and as it
// would be. Whatever is unknown is left nil or zero; the checks that need it
// then say that they could not judge.
type Subject struct {
	Repository string // its name in trust.yaml, for the paths of fields
	Format     roles.Format

	Now       time.Time // the ceremony's clock
	NotBefore time.Time // newest time in the inputs; a clock before it is wrong

	Previous *Set // what is signed now; nil when there is nothing
	Next     *Set // all that would stand there after signing, or that was found

	// Server are the roles that a server signs, of which Next holds the last that is
	// known.
	Server []roles.Type

	// Signing says which keys sign the new file of a role, by role. It is nil
	// when nothing is being signed, as in `verify`.
	Signing map[string][]roles.Fingerprint

	Roots []int64 // versions of the root files that stay published, Next's included

	Keys      map[roles.Fingerprint]KeyFacts
	Elsewhere map[roles.Fingerprint]string // keys of other repositories, with the repository's name
	Stolen    map[roles.Fingerprint]bool   // keys that somebody else may have, as people say

	Stranded []Stranded // vehicles that do not come along; nil when nobody tried

	People     *People
	Unattended []string // roles that a token of this room signs without a person; nil when unknown

	Waivers []Waiver
}

// Set is the newest metadata of a repository. Files that are not there are nil.
type Set struct {
	Root      *roles.Root
	Targets   *roles.Targets
	Snapshot  *roles.Snapshot
	Timestamp *roles.Timestamp
	Delegated map[string]*roles.Targets // by role
	Bytes     map[string]int64          // size of each file by role, where known
	Problems  map[string]error          // why a file can be looked at and no more, by role
}

// KeyFacts are what is known of a key beyond its public part.
type KeyFacts struct {
	Name       string // in trust.yaml
	Type       string // as in trust.yaml: ed25519, ecdsa-p256, rsa-3072, …
	Planned    bool   // to be generated in this ceremony: the public key is a stand-in
	Backup     bool   // declared to be made so that it can leave its token, wrapped
	External   bool   // declared as one whose signatures are brought in by hand
	Custodian  string // the person or post that holds the token; "" when nobody is named
	Token      string // what tells the token from others; "" for a key kept elsewhere
	Possession bool   // a signature proved that somebody has the private key
	Evidence   *Evidence
}

// Evidence is what a token says of a private key (PKCS#11 v3.0 §4.9).
type Evidence struct {
	Local            bool // made on this token
	Sensitive        bool
	AlwaysSensitive  bool
	Extractable      bool
	NeverExtractable bool
	Modifiable       bool // these attributes can be changed: they prove little
}

// People are the parts in a ceremony.
type People struct {
	Administrators int            // needed
	Officers       map[string]int // crypto officers needed, by the role that is signed
	Witnesses      int            // needed, from inside
	External       int            // witnesses needed from outside
	Present        []Person       // nil when nobody has arrived yet
	Away           []string       // custodians who sign at another site of the ceremony
}

// Person is somebody in the room.
type Person struct {
	Name      string
	Part      Part
	Custodian string // the post they fill, as keys name it; "" when keys name the person
}

// Part is what a person does in a ceremony.
type Part string

const (
	Administrator   Part = "administrator"
	Officer         Part = "crypto officer"
	Witness         Part = "internal witness"
	ExternalWitness Part = "external witness"
)
