package roles

import "fmt"

// twin is a key that a list has under another key id before.
type twin struct{ first, second KeyID }

func (t twin) Error() string {
	return fmt.Sprintf("one public key under two key ids, %s and %s", t.first, t.second)
}

// twins finds the keys that a list has under two key ids, by their material
// (TAP 12). A threshold counts them once; several clients count them twice, so
// that no such list is ever signed.
func twins(keys []Key) (list []twin) {
	seen := make(map[Fingerprint]KeyID, len(keys))
	for _, k := range keys {
		if k.Problem != nil && k.Fingerprint == (Fingerprint{}) {
			continue // nobody can tell what key that is
		}
		if first, ok := seen[k.Fingerprint]; ok {
			list = append(list, twin{first, k.ID})
			continue
		}
		seen[k.Fingerprint] = k.ID
	}
	return list
}

// listedKeys are the keys that a file lists, and the field that they stand in.
func listedKeys(b Body) (field string, keys []Key) {
	switch b := b.(type) {
	case *Root:
		return "keys", b.Keys
	case *Targets:
		if b.Delegations != nil {
			return "delegations.keys", b.Delegations.Keys
		}
	}
	return "", nil
}
