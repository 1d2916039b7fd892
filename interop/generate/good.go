package generate

import "github.com/uptane/keyrite/roles"

// good are the repositories that every client of the format has to accept.
func good() []Case {
	return []Case{
		{Name: "honest", Good: true, Says: "root 1 to 3 with new keys, thresholds, a delegation, two images"},
		{Name: "update", Good: true, Remembers: true, Says: "the next targets, snapshot and timestamp", Bend: func(r *Repository) {
			r.versions(4, 2, 5, 6)
		}},
		{Name: "old-root-expired", Good: true, Says: "root 2 is expired, root 3 is not", Bend: func(r *Repository) {
			roles.HeadOf(r.Roots[1].Body).Expires = past
		}},
		{Name: "surplus-signature", Good: true, Says: "targets also signed by a key of another role", Bend: func(r *Repository) {
			r.Targets.Signers = append(r.Targets.Signers, r.Snapshot.Signers[0])
		}},
	}
}

// keyTypes are honest repositories with other types of keys and path patterns.
func keyTypes() []Case {
	pattern := plain
	pattern.Delegated, pattern.Pattern = "firmware/ecu-a.bin", "firmware/*"
	return []Case{
		{Name: "pattern", Good: true, Delegation: true, Profile: pattern, Says: "the delegation goes by the pattern `firmware/*`"},
		{Name: "p256", Good: true, Profile: plain.of(p256Key), Says: "all keys ECDSA P-256"},
		{Name: "rsa-3072", Good: true, Profile: plain.of(rsaKey), Says: "all keys RSA 3072, PSS"},
		{Name: "mixed", Good: true, Profile: plain.of(ed25519Key, p256Key, rsaKey), Says: "Ed25519, P-256 and RSA in every role"},
	}
}

func rsaAtOTACE() []Case {
	return []Case{{Name: "ota-ce-mixed", Good: true, Profile: otace.of(ed25519Key, rsaKey), Says: "Ed25519 and RSA 3072 in every role"}}
}

// versions numbers the files below root.
func (r *Repository) versions(targets, delegated, snapshot, timestamp int64) {
	roles.HeadOf(r.Targets.Body).Version = targets
	roles.HeadOf(r.Delegated.Body).Version = delegated
	roles.HeadOf(r.Snapshot.Body).Version = snapshot
	roles.HeadOf(r.Timestamp.Body).Version = timestamp
}
