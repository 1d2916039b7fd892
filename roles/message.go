package roles

import (
	"crypto/sha256"
	"crypto/sha512"
	"sync"
)

// sums are the digests of some bytes, which are handed in at each question and are
// always the same: each is computed once, when somebody needs it. A large file takes
// as long to hash as to read.
type sums struct {
	mu    sync.Mutex
	known Hashes
}

// of returns the digests of data that are listed.
func (s *sums) of(data []byte, listed Hashes) (h Hashes) {
	if listed.SHA256 != nil {
		sum := s.sha256(data)
		h.SHA256 = &sum
	}
	if listed.SHA512 != nil {
		sum := s.sha512(data)
		h.SHA512 = &sum
	}
	return h
}

func (s *sums) sha256(data []byte) [sha256.Size]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known.SHA256 == nil {
		sum := sha256.Sum256(data)
		s.known.SHA256 = &sum
	}
	return *s.known.SHA256
}

func (s *sums) sha512(data []byte) [sha512.Size]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known.SHA512 == nil {
		sum := sha512.Sum512(data)
		s.known.SHA512 = &sum
	}
	return *s.known.SHA512
}

// message is what signatures are over. It remembers its digests, and which signatures
// it has been verified with: a root is counted for the role of its predecessor and for
// its own, and a file that was made here is read back, but each signature is verified
// once.
type message struct {
	bytes []byte
	sums  sums

	mu       sync.Mutex
	verdicts map[verdict]error
}

// verdict is the question to which there is one answer, whoever asks.
type verdict struct {
	key       Fingerprint
	scheme    Scheme
	signature string
}

// verify checks one signature, once. nil is good.
func (m *message) verify(k Key, signature []byte) error {
	if k.Problem != nil {
		return k.Problem
	}
	question := verdict{k.Fingerprint, k.Scheme, string(signature)}
	m.mu.Lock()
	err, known := m.verdicts[question]
	m.mu.Unlock()
	if known {
		return err
	}
	err = verifySignature(k, m, signature)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.verdicts == nil {
		m.verdicts = map[verdict]error{}
	}
	m.verdicts[question] = err
	return err
}

// over is the message that these bytes are: the one that is known, or another.
func (m *message) over(signed []byte) *message {
	if m != nil && len(m.bytes) == len(signed) && (len(signed) == 0 || &m.bytes[0] == &signed[0]) {
		return m
	}
	return &message{bytes: signed}
}
