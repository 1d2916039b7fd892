package roles

import (
	"errors"
	"fmt"
	"slices"
)

// Count is who signed a file, as one role sees it.
type Count struct {
	Role    Role
	By      string    // who says so, `root 3`, `targets 7`; set by a Client
	Valid   []Key     // different public keys of the role with a good signature
	Useless []Useless // the other signatures
	Problem error     // of a file that can only be looked at: nothing counts
}

// Useless is a signature that does not count, and why.
type Useless struct {
	KeyID KeyID
	Err   error
}

func (u Useless) Error() string {
	return fmt.Sprintf("signature of key id %s does not count: %v", u.KeyID, u.Err)
}

func (u Useless) Unwrap() error { return u.Err }

// maxExplained bounds how many signatures an error explains.
const maxExplained = 4

// Err is nil when the threshold is met.
func (c *Count) Err() error {
	if c.Problem != nil {
		return c.Problem
	}
	if len(c.Valid) >= c.Role.Threshold {
		return nil
	}
	err := fmt.Errorf("%d of %d signatures that role %s needs", len(c.Valid), c.Role.Threshold, c.Role.Name)
	if c.By != "" {
		err = fmt.Errorf("%w by %s", err, c.By)
	}
	for _, useless := range c.Useless[:min(len(c.Useless), maxExplained)] {
		err = fmt.Errorf("%w; %w", err, useless)
	}
	return err
}

// honest says whether the threshold may have been met by signatures that cannot
// be checked here, or lacks those that have yet to be made: no attack explains
// that better.
func (c *Count) honest() bool {
	possible := len(c.Valid)
	for _, u := range c.Useless {
		var scheme unsupported
		if errors.As(u.Err, &scheme) || errors.Is(u.Err, errEmptySignature) {
			possible++
		}
	}
	return c.Problem == nil && possible >= c.Role.Threshold
}

// VerifySignatures demands that every signature of a file is good, each by one of
// these keys. Verdicts are remembered for [CheckThreshold].
func (file *File) VerifySignatures(keys []Key) error {
	for i, s := range file.Signatures {
		at := slices.IndexFunc(keys, func(k Key) bool { return k.ID == s.KeyID })
		if at < 0 {
			return fmt.Errorf("signature by key %s, which is not one of those that sign", s.KeyID)
		}
		if err := file.verify(keys[at], i); err != nil {
			return fmt.Errorf("signature by key %s: %w", s.KeyID, err)
		}
	}
	return nil
}

// CheckThreshold verifies the signatures of a file by the keys of a role and
// counts different public keys, never key ids (Uptane Standard 2.1.0 §5.4.4.3,
// TUF 1.0.34 §4.2.1). Surplus and broken signatures are noted and do no harm.
func CheckThreshold(file *File, role Role, keys []Key) *Count {
	c := &Count{Role: role, Problem: file.Problem}
	type candidate struct {
		key Key
		err error
	}
	candidates := make([]candidate, len(file.Signatures))
	onAllCores(len(candidates), func(i int) {
		k, err := role.key(file.Signatures[i].KeyID, keys)
		if err == nil {
			err = file.verify(k, i)
		}
		candidates[i] = candidate{k, err}
	})
	counted := map[Fingerprint]bool{}
	for i, cand := range candidates {
		switch {
		case cand.err != nil:
			c.Useless = append(c.Useless, Useless{file.Signatures[i].KeyID, cand.err})
		case counted[cand.key.Fingerprint]:
			c.Useless = append(c.Useless, Useless{cand.key.ID, errors.New("the same public key signed already")})
		default:
			counted[cand.key.Fingerprint] = true
			c.Valid = append(c.Valid, cand.key)
		}
	}
	return c
}

// key finds a key of the role.
func (r Role) key(id KeyID, keys []Key) (Key, error) {
	for _, listed := range r.KeyIDs {
		if listed != id {
			continue
		}
		for _, k := range keys {
			if k.ID == id {
				return k, k.Problem
			}
		}
		return Key{}, fmt.Errorf("role %s lists the key id, but there is no such key", r.Name)
	}
	return Key{}, fmt.Errorf("it is not a key of role %s", r.Name)
}

// verify checks one signature, once.
func (file *File) verify(k Key, index int) error {
	s := file.Signatures[index]
	if s.Problem != nil {
		return s.Problem
	}
	return file.signedMessage().verify(k, s.Value)
}

func (file *File) signedMessage() *message {
	file.mu.Lock()
	defer file.mu.Unlock()
	file.message = file.message.over(file.Signed)
	return file.message
}
