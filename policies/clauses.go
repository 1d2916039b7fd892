package policies

import "slices"

// Clause is one requirement that checks cite: what it asks, how strongly, and
// where it stands. Ids are those of the project's list of requirements.
type Clause struct {
	ID    string `json:"id"`
	Level string `json:"level"` // SHALL, SHOULD, MAY; "" for what is not a standard
	Text  string `json:"text"`
	Where string `json:"where"` // document and section
}

// clauseByID returns false for an unknown id.
func clauseByID(id string) (Clause, bool) {
	i := slices.IndexFunc(clauses, func(c Clause) bool { return c.ID == id })
	if i < 0 {
		return Clause{}, false
	}
	return clauses[i], true
}

// citation names a clause with document and section.
func citation(id string) string {
	c, _ := clauseByID(id)
	return id + ": " + c.Where
}

// clauses are all requirements that land in a policy, and others that checks
// cite.
var clauses = []Clause{
	{"UPT-001", "SHALL", "key id = value + algorithm + scheme, or a secure hash over at least these; unique in the file", "Uptane Standard 2.1.0 §5.2.1 Common; 5.2.2 Root"},
	{"UPT-002", "SHALL", "a threshold is met by different keys; two signatures of one key are one", "Uptane Standard 2.1.0 §5.4.4.3 Root, 5.4.4.4 Timestamp"},
	{"DBP-001", "SHOULD", "Director targets, snapshot, timestamp: online keys; one each is enough (MAY)", "Uptane Deployment Best Practices 2.1.0, Key management, Online vs. offline; Key thresholds"},
	{"DBP-002", "SHOULD", "Director root; Image root, targets, delegations: offline keys, out of the repository's reach", "Uptane Deployment Best Practices 2.1.0, Key management, Online vs. offline keys"},
	{"DBP-003", "MAY", "Image snapshot, timestamp: online (fresh) or offline (long expiry), as trust.yaml declares", "Uptane Deployment Best Practices 2.1.0, Key management, Online vs. offline keys"},
	{"DBP-004", "SHOULD", "keys are kept apart (HSM, token, safe), so that one theft is not all of them", "Uptane Deployment Best Practices 2.1.0, Key management, Online vs. offline keys"},
	{"DBP-005", "SHOULD", "no key serves two roles", "Uptane Deployment Best Practices 2.1.0, Key management, Key thresholds, Image"},
	{"DBP-006", "MAY", "each key of a root belongs to a different administrator", "Uptane Deployment Best Practices 2.1.0, Key management, Key thresholds"},
	{"DBP-007", "SHOULD", "root, both repositories: a quorum of administrators, at least 5 where there are 8", "Uptane Deployment Best Practices 2.1.0, Key management, Key thresholds; Table 2"},
	{"DBP-008", "SHOULD", "Image targets: a large threshold (MAY be 3 of 4)", "Uptane Deployment Best Practices 2.1.0, Key management, Key thresholds, Image; Table 2"},
	{"DBP-009", "MAY", "Image snapshot, timestamp: 1 of 2", "Uptane Deployment Best Practices 2.1.0, Key management, Key thresholds, Image; Table 2"},
	{"DBP-010", "SHOULD", "delegated role: at least 1 of 2, one key in reserve; more where more ECUs depend on it", "Uptane Deployment Best Practices 2.1.0, Key management, Key thresholds, Image; Table 2"},
	{"DBP-011", "SHOULD", "Image roles: one stolen key is generally not enough (yet Table 2 has 1 of 2 thrice)", "Uptane Deployment Best Practices 2.1.0, Key management, Key thresholds, Image"},
	{"TUF-001", "SHALL", "root private keys are kept very securely; offline (should)", "TUF 1.0.34 §2.1.1 Root role"},
	{"TUF-002", "SHOULD", "all keys but timestamp's are offline; no online key decides what is installed (must)", "TUF 1.0.34 §6.1 Key management; 1.5 Goals"},
	{"TUF-003", "SHALL", "RSA keys have 2048 bits or more", "TUF 1.0.34 §4.2.2 Key objects"},
	{"TUF-004", "SHOULD", "rsa/rsassa-pss-sha256, ed25519/ed25519, ecdsa/ecdsa-sha2-nistp256 exactly as defined", "TUF 1.0.34 §4.2.2 Key objects"},
	{"TUF-005", "SHALL", "key id = SHA-256 of the canonical key, recomputed; one key, one signature per id", "TUF 1.0.34 §4.2.1 Object format; 4.3 root"},
	{"TUF-006", "SHALL", "keys are told apart by their numbers (modulus, point), not by id or spelling", "TAP 12 Specification"},
	{"DBP-014", "MAY", "root lives about one year, in both repositories", "Uptane Deployment Best Practices 2.1.0, Key management, Metadata expiration times"},
	{"DBP-015", "SHOULD", "Director targets, snapshot, timestamp live about one day", "Uptane Deployment Best Practices 2.1.0, Key management, Metadata expiration; Table 1"},
	{"DBP-016", "SHOULD", "the oftener a file changes the sooner it expires; each has a bound, so that keys change", "Uptane Deployment Best Practices 2.1.0, Key management, Metadata expiration, Image"},
	{"DBP-017", "SHOULD", "all Image targets files expire soon: limits what a captured Director can choose", "Uptane Deployment Best Practices 2.1.0, Security considerations, Preventing rollback attacks"},
	{"TUF-009", "SHALL", "an expired file is not trusted", "TUF 1.0.34 §4.3 root (EXPIRES)"},
	{"UPT-006", "SHALL", "root holds the keys of root, targets, snapshot, timestamp and maps each role to keys and threshold", "Uptane Standard 2.1.0 §5.2.2 Root"},
	{"UPT-007", "SHALL", "root N+1 is signed by a threshold of N's keys and by a threshold of its own", "Uptane Standard 2.1.0 §5.4.4.3 Root, 2.3"},
	{"UPT-008", "SHALL", "the version of a new root is exactly N+1", "Uptane Standard 2.1.0 §5.4.4.3 Root, 2.4"},
	{"UPT-009", "SHOULD", "root is fetched as N.root.json with a size cap (tens of kB): stay well below the smallest", "Uptane Standard 2.1.0 §5.4.4.3 Root, 2.2"},
	{"TUF-010", "SHALL", "every root ever released stays available", "TUF 1.0.34 §6.2.1 Writing consistent snapshots"},
	{"TUF-011", "SHALL", "exactly the four roles (the mirrors role is optional: left out); threshold at least 1", "TUF 1.0.34 §4.3 root"},
	{"TUF-012", "SHALL", "spec_version present and matching; consistent_snapshot present (should)", "TUF 1.0.34 §4.3 root; TAP 6"},
	{"TUF-014", "MAY", "clients stop after Y roots per run (2^10 proposed; 256 in go-tuf, python-tuf, tuf-js)", "TUF 1.0.34 §5.3 Update root, step 3"},
	{"TUF-015", "SHALL", "no role, key or file is shared between repositories: each has its own root", "TUF 1.0.34 §3 The repository"},
	{"UPT-014", "SHALL", "an image that can be installed is listed with name, length, one or more hashes and their functions", "Uptane Standard 2.1.0 §5.2.3.1 About images"},
	{"UPT-015", "SHOULD", "hardware ids and release counter on each image in both repositories, in the part that must match", "Uptane Standard 2.1.0 §5.2.3.1.1 Custom"},
	{"UPT-016", "SHOULD", "the version rises with every new file; keyrite: by one, always", "Uptane Standard 2.1.0 §5.2.1 Common"},
	{"UPT-017", "SHALL", "strings are RFC 5198 text in NFC", "Uptane Standard 2.1.0 §5.2 Metadata structures"},
	{"UPT-018", "SHOULD", "image names cannot leave their directory: URL-encoded, or few characters", "Uptane Standard 2.1.0 §5.2.7 File names"},
	{"UPT-019", "SHALL", "an image name is unique in storage and later reads back the same file", "Uptane Standard 2.1.0 §5.3.1 Image repository"},
	{"DBP-021", "SHOULD", "Image custom always has hardware ids, and an id never covers two hardware types", "Uptane Deployment Best Practices 2.1.0, Security considerations, Restricting image installation"},
	{"DBP-022", "SHOULD", "new targets drop obsolete images, unless some vehicle needs a step between (A, B, C)", "Uptane Deployment Best Practices 2.1.0, Security considerations, Preventing rollback attacks"},
	{"TUF-017", "SHOULD", "paths are relative, use /, start without it", "TUF 1.0.34 §4.5 targets (TARGETPATH)"},
	{"TUF-018", "SHALL", "a change climbs: targets, snapshot, timestamp, each a version on, each by its threshold", "TUF 1.0.34 §6.3 Adding and updating targets"},
	{"UPT-022", "SHALL", "each has paths, terminating flag and, per role, name, key ids, threshold; all keys listed", "Uptane Standard 2.1.0 §5.2.3.2 About delegations"},
	{"UPT-023", "SHOULD", "not terminating by default; only for a compelling reason", "Uptane Standard 2.1.0 §5.1.2.1 Delegations"},
	{"UPT-024", "SHALL", "after a terminating delegation the search does not go on", "Uptane Standard 2.1.0 §5.1.2.1; 5.4.4.7 Resolve, 3"},
	{"UPT-025", "SHALL", "a delegation applies if a path matches and, where it lists hardware ids, those too", "Uptane Standard 2.1.0 §5.4.4.7 Resolve, 4.1"},
	{"UPT-026", "SHALL", "a missing or invalid delegated file ends the search: all are there before upload", "Uptane Standard 2.1.0 §5.4.4.7 Resolve, 1"},
	{"UPT-027", "MAY", "any file of the Image repository may delegate, in chains of any length", "Uptane Standard 2.1.0 §5.2.3.2 About delegations"},
	{"DBP-025", "SHOULD", "one delegated role per tier-1 supplier, below targets", "Uptane Deployment Best Practices 2.1.0, Repositories, Image repository, Roles"},
	{"DBP-026", "SHOULD", "a delegation's paths begin with the supplier's unique name, supplier-C-*", "Uptane Deployment Best Practices 2.1.0, Repositories, Image, Roles; Figure 4"},
	{"DBP-027", "SHOULD", "OEM or supplier signs every image, none stays unsigned", "Uptane Deployment Best Practices 2.1.0, Repositories, What suppliers should do"},
	{"DBP-029", "MAY", "a supplier delegates on (developers, tier 2, tier 3) under the same rules", "Uptane Deployment Best Practices 2.1.0, Repositories, What suppliers should do 2"},
	{"DBP-030", "SHOULD", "a supplier's public keys come and are checked out of band (telephone, certified mail)", "Uptane Deployment Best Practices 2.1.0, Repositories, suppliers 4; Image, init 5"},
	{"TUF-019", "SHALL", "a path is allowed by every role of the chain, not by the last alone", "TUF 1.0.34 §4.5 targets (paths)"},
	{"TUF-020", "SHOULD", "a wildcard does not match /", "TUF 1.0.34 §4.5 targets (PATHPATTERN)"},
	{"TUF-021", "SHALL", "a role name occurs once per file; roles share one flat name space of files, so once per repository", "TUF 1.0.34 §4.5 (ROLENAME); 3.1.2 Files"},
	{"TUF-024", "SHALL", "hash bins: 2^b (b 1–32), PREFIX-hex, all present, uploaded before their delegator", "TAP 15 Specification"},
	{"UPT-032", "SHOULD", "neither snapshot's version nor a listed one goes down", "Uptane Standard 2.1.0 §5.4.4.5 Snapshot, 4, 5"},
	{"UPT-033", "SHOULD", "a name that snapshot listed once stays listed", "Uptane Standard 2.1.0 §5.4.4.5 Snapshot, 6"},
	{"TUF-026", "MAY", "snapshot and timestamp state lengths and hashes too; keyrite writes both", "TUF 1.0.34 §4.4 snapshot; 4.6 timestamp"},
	{"TUF-028", "SHALL", "a new timestamp has a higher version (equal: nothing new) and no lower snapshot version", "TUF 1.0.34 §5.4 Update timestamp, step 3"},
	{"UPT-036", "SHALL", "metadata is stored as VERSION.NAME.EXT; timestamp may be bare", "Uptane Standard 2.1.0 §5.2.7 File names, 1"},
	{"UPT-054", "SHOULD", "fast-forward: new timestamp, snapshot keys reset these two, not the targets version", "Uptane Standard 2.1.0 §5.4.4.3 Root, 4; 5.4.4.6, 4"},
	{"UPT-011", "SHOULD", "new timestamp or snapshot keys make clients forget both files", "Uptane Standard 2.1.0 §5.4.4.3 Root, 4"},
	{"UPT-012", "SHOULD", "a failed update leaves the ECU able to update: the walk is tried from every older root", "Uptane Standard 2.1.0 §5.4.4 Verification procedures"},
	{"UPT-051", "SHALL", "partial verification is the time and the Director's targets, and no more", "Uptane Standard 2.1.0 §5.4.4.1 Partial verification"},
	{"DBP-036", "SHOULD", "then vehicles are inspected and updated by hand; partial Secondaries by a new image", "Uptane Deployment Best Practices 2.1.0, Key management, Compromise, Director"},
	{"DBP-035", "SHOULD", "Director broken into: its root first replaces the keys of timestamp, snapshot, targets", "Uptane Deployment Best Practices 2.1.0, Key management, Compromise, Director"},
	{"DBP-039", "SHOULD", "an Image key of the OEM stolen: root replaces the keys of all affected roles", "Uptane Deployment Best Practices 2.1.0, Key management, OEM-managed keys"},
	{"TUF-033", "SHOULD", "root keys stolen: below threshold rotate; else out of band, machines taken for lost", "TUF 1.0.34 §2.1.1 Root role"},
	{"DBP-045", "SHALL", "a removed delegation stays listed in snapshot until timestamp and snapshot keys change in a new root", "Uptane Deployment Best Practices 2.1.0, Exceptional operations, Adding or removing …"},
	{"DBP-046", "SHOULD", "the ECUs of a removed supplier get another delegation: no hardware id stays without a signer", "Uptane Deployment Best Practices 2.1.0, Exceptional operations, Adding or removing …"},
	{"DBP-047", "SHALL", "release counters carry over when role B signs what role A signed", "Uptane Deployment Best Practices 2.1.0, Exceptional operations, Rolling back software"},
	{"UPT-055", "SHALL", "Director targets: no delegations; no ECU id twice (should)", "Uptane Standard 2.1.0 §5.1.2.1; 5.4.4.6 Targets, 6, 7"},
	{"DBP-048", "SHOULD", "a Director has only the four roles", "Uptane Deployment Best Practices 2.1.0, Repositories, Director, Roles; Figure 2"},
	{"DBP-052", "SHOULD", "expired metadata leaves the repository (never a root)", "Uptane Deployment Best Practices 2.1.0, Normal operating guidance, Backup and garbage collection"},
	{"UPT-059", "SHOULD", "the counter rises with each new version of an image, whoever signs", "Uptane Standard 2.1.0 §5.2.3.1.1 Custom"},
	{"UPT-060", "SHALL", "new counter ≥ that of the previous image (Figures 1–3: 1→0 refused, 0→0 and 0→1 taken)", "Uptane Standard 2.1.0 §5.4.3.4 Verify image, 5; Deployment Best Practices, Exceptional operations"},
	{"DBP-054", "SHOULD", "not one counter for all images for ever; raise it when a lower one must not come back", "Uptane Deployment Best Practices 2.1.0, Exceptional operations, Rolling back software"},
	{"CVE-2017-15361", "", "RSA keys made by a faulty Infineon library can be factored (ROCA)", "CVE-2017-15361"},
	{"WEAK-RSA", "", "RSA moduli with a common factor, with close or small factors, or with a small exponent are weak", "RFC 8017 §3.1; NIST SP 800-56B Rev. 2 §6.4; Heninger et al., USENIX Security 2012"},
	{"TEST-KEYS", "", "private keys printed in standards are known to everybody", "RFC 8032 §7.1; RFC 6979 §A.2"},
	{"PKCS11", "", "CKA_LOCAL, CKA_SENSITIVE and CKA_NEVER_EXTRACTABLE tell how a private key came to be and whether it can leave", "PKCS#11 v3.0 §4.9"},
	{"CLIENTS", "", "what TUF clients and aktualizr take, measured", "keyrite, wire formats and client matrix"},
	{"CEREMONY", "", "who takes part in a ceremony, and that its clock is right", "keyrite, the ceremony"},
}
