package roles

import (
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path"
	"strings"
)

// TUF is the wire format of the TUF specification 1.0.34, in the strict profile
// that every measured client takes (design: 3-wire-formats, client-matrix).
var TUF Format = tuf{}

type tuf struct{}

func (tuf) Name() string { return "tuf" }

func (f tuf) Canonical(signed []byte) ([]byte, error) { return appendForm(nil, signed, appendOLPC) }

// MetadataPath follows TUF 1.0.34 §6.2.1: the version in front of every name
// but timestamp's.
func (tuf) MetadataPath(role string, version int64) string {
	if role == string(TypeTimestamp) || version == 0 {
		return fileName(role)
	}
	return fmt.Sprintf("%d.%s", version, fileName(role))
}

func (tuf) NewestRootPath() string { return "" }

func (tuf) ImagePaths(image Image) []string {
	dir, name := path.Split(image.Path)
	var paths []string
	if h := image.Hashes.SHA256; h != nil {
		paths = append(paths, dir+hex.EncodeToString(h[:])+"."+name)
	}
	if h := image.Hashes.SHA512; h != nil {
		paths = append(paths, dir+hex.EncodeToString(h[:])+"."+name)
	}
	return paths
}

// MaxBytes are the smallest limits of the measured clients for root and
// timestamp; targets and snapshot are bounded by the lengths that their
// referrers state.
func (tuf) MaxBytes(t Type) int64 {
	switch t {
	case TypeRoot:
		return 512_000
	case TypeTimestamp:
		return 16_384
	case TypeSnapshot:
		return 64 << 20
	}
	return 1 << 30
}

func (tuf) spec() string             { return "1.0.0" } // rust-tuf takes no other
func (tuf) consistentSnapshot() bool { return true }
func (tuf) typeName(t Type) string   { return string(t) }
func (tuf) lenientTime() bool        { return true }
func (tuf) verbatim(s *scanner) bool { return s.olpc }
func (tuf) rewrites() bool           { return false }
func (tuf) emptyDelegations() bool   { return false }
func (tuf) form() form               { return appendJSON }

func (tuf) checkTimestamp(Meta) error { return nil } // length and hashes are optional (TUF 1.0.34 §4.6)

func (tuf) director() directorRules { return directorRules{maxTargets: tuf{}.MaxBytes(TypeTargets)} }

func (tuf) method(Key) string               { return "" }
func (tuf) encodeSignature(v []byte) string { return hex.EncodeToString(v) }
func (tuf) imageHashes(h Hashes) Hashes     { return h }
func (tuf) checkText([]byte) error          { return nil }
func (f tuf) keyID(_ Key, c []byte) []KeyID { return []KeyID{hashID(c)} }
func hashID(b []byte) KeyID                 { h := sha256.Sum256(b); return KeyID(hex.EncodeToString(h[:])) }

// newKey writes {"keytype","scheme","keyval":{"public"}} (TUF 1.0.34 §4.2.2).
func (f tuf) newKey(k Key) (Key, error) {
	keytype, public := "ed25519", ""
	switch k.Scheme {
	case Ed25519:
		public = fmt.Sprintf("%x", k.Public)
	case ECDSAP256SHA256, ECDSAP384SHA384:
		keytype = "ecdsa"
	default:
		keytype = "rsa"
	}
	if public == "" {
		var err error
		if public, err = MarshalPEM(k.Public); err != nil {
			return Key{}, err
		}
	}
	w := newWriter(f, nil)
	w.object(nil, func() {
		w.field("keytype").text(keytype)
		w.field("keyval").object(nil, func() { w.field("public").text(public) })
		w.field("scheme").text(string(k.Scheme))
	})
	k.record = w.out
	canonical, err := f.Canonical(k.record)
	k.ID = hashID(canonical)
	return k, err
}

// readKey takes the spellings of real histories: ECDSA under the name of its
// scheme, points in hexadecimal, records without scheme. A type that it does
// not know is kept as a key with a Problem, as most clients do.
func (tuf) readKey(r keyRecord) (Key, error) {
	k, err := parseTUFKey(r)
	if err != nil {
		return Key{Problem: err}, nil
	}
	return k, nil
}

func parseTUFKey(r keyRecord) (Key, error) {
	if r.keytype == "ed25519" {
		public, err := parseHexKey(r.public)
		if err != nil {
			return Key{}, err
		}
		return usable(public, Scheme(r.scheme))
	}
	curves := map[string]elliptic.Curve{
		"ecdsa": elliptic.P256(), "ecdsa-sha2-nistp256": elliptic.P256(), "ecdsa-sha2-nistp384": elliptic.P384(),
	}
	curve := curves[r.keytype]
	if Scheme(r.scheme) == ECDSAP384SHA384 {
		curve = elliptic.P384()
	}
	switch {
	case r.keytype == "rsa" || curve != nil && strings.HasPrefix(r.public, "-----"):
		public, err := ParsePEM([]byte(r.public))
		if err != nil {
			return Key{}, err
		}
		return usable(public, Scheme(r.scheme))
	case curve != nil:
		public, err := parseHexPoint(curve, r.public)
		if err != nil {
			return Key{}, err
		}
		return usable(public, Scheme(r.scheme))
	}
	what := "key type " + Quote(r.keytype)
	if r.scheme != "" && r.scheme != r.keytype {
		what += " with scheme " + Quote(r.scheme)
	}
	return Key{}, unsupported(what)
}

// decodeSignature reads hexadecimal digits; base64 stands in old files.
func (tuf) decodeSignature(s Signature, text string) (Signature, error) {
	var err error
	if s.Value, err = hex.DecodeString(text); err != nil {
		s.Value, err = decodeBase64(text)
	}
	switch {
	case text == "":
		s.Value, s.Problem = nil, errEmptySignature
	case err != nil:
		s.Value, s.Problem = nil, errors.New("sig is neither hexadecimal nor base64")
	}
	return s, nil
}
