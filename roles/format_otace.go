package roles

import (
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
)

// OTACE is the wire format of OTA Community Edition (uptane/ota-tuf) and
// aktualizr. Its key server decodes, encodes again and compares the bytes, and
// aktualizr hashes the canonical form instead of the file, so a published file
// is byte-identical to its canonical form.
var OTACE Format = otaCE{}

type otaCE struct{}

func (otaCE) Name() string { return "ota-ce" }

func (otaCE) Canonical(signed []byte) ([]byte, error) { return appendForm(nil, signed, appendOTA) }

// MetadataPath numbers root only; delegations lie in a folder of their own.
func (otaCE) MetadataPath(role string, version int64) string {
	switch Type(role) {
	case TypeRoot:
		return fmt.Sprintf("%d.root.json", version)
	case TypeTargets, TypeSnapshot, TypeTimestamp:
		return role + ".json"
	}
	return "delegations/" + fileName(role)
}

func (otaCE) NewestRootPath() string { return "root.json" }

func (otaCE) ImagePaths(image Image) []string { return []string{image.Path} }

// MaxBytes are aktualizr's limits; an oversized root silently ends a vehicle's
// root updates. Of a snapshot it takes what timestamp states; that is bounded here
// by what MaxDelegations take.
func (otaCE) MaxBytes(t Type) int64 {
	switch t {
	case TypeTargets:
		return 8 << 20
	case TypeSnapshot:
		return 32 << 20
	case TypeRoot, TypeTimestamp:
		return 64 << 10
	}
	return 0
}

// checkTimestamp demands what Uptane Standard 2.1.0 §5.2.5 and aktualizr do.
func (otaCE) checkTimestamp(snapshot Meta) error {
	if !snapshot.Hashes.Any() || snapshot.Length < 0 {
		return fieldf("meta.snapshot.json", "want hashes and length, without which vehicles refuse the file")
	}
	return nil
}

// director is what aktualizr does: it never reads the Director's timestamp and
// snapshot, takes 64 KiB of targets, and follows delegations on a Primary alone.
func (otaCE) director() directorRules {
	return directorRules{targetsAlone: true, maxTargets: 64 << 10, atTop: true}
}

func (otaCE) spec() string             { return "" }
func (otaCE) consistentSnapshot() bool { return false }
func (otaCE) lenientTime() bool        { return false }
func (otaCE) verbatim(s *scanner) bool { return s.ota }
func (otaCE) rewrites() bool           { return true }
func (otaCE) emptyDelegations() bool   { return true }
func (otaCE) form() form               { return appendOTA }

func (otaCE) typeName(t Type) string { return strings.ToUpper(string(t[:1])) + string(t[1:]) }

func (otaCE) encodeSignature(v []byte) string { return base64.StdEncoding.EncodeToString(v) }

// imageHashes leaves sha256 alone: the repo server's libats knows no other and
// refuses the file.
func (otaCE) imageHashes(h Hashes) Hashes { return Hashes{SHA256: h.SHA256} }

// checkText holds names and custom fields to printable ASCII, which every
// implementation escapes alike.
func (otaCE) checkText(text []byte) error {
	for _, c := range text {
		if c < 0x20 || c > 0x7e {
			return fmt.Errorf("%s is not printable ASCII, which format ota-ce wants", Quote(string(text)))
		}
	}
	return nil
}

// keyID is the SHA-256 of the SPKI DER, which is the fingerprint.
func (otaCE) keyID(k Key, _ []byte) []KeyID {
	return []KeyID{KeyID(fmt.Sprintf("%x", k.Fingerprint))}
}

// method is never taken from the signature: it follows from the key (TAP 9).
func (otaCE) method(k Key) string { return string(k.Scheme) }

// newKey writes {"keytype","keyval":{"public"}}.
func (f otaCE) newKey(k Key) (Key, error) {
	keytype, public := "ED25519", ""
	switch key := k.Public.(type) {
	case *rsa.PublicKey:
		if err := checkBits(key); err != nil {
			return Key{}, err
		}
		keytype = "RSA"
		var err error
		if public, err = MarshalPEM(key); err != nil {
			return Key{}, err
		}
	default:
		if k.Scheme != Ed25519 {
			return Key{}, fmt.Errorf("format ota-ce has no ECDSA: one such key makes aktualizr refuse the whole file; use ed25519 or rsa-3072")
		}
		public = fmt.Sprintf("%x", key)
	}
	w := newWriter(f, nil)
	w.object(nil, func() {
		w.field("keytype").text(keytype)
		w.field("keyval").object(nil, func() { w.field("public").text(public) })
	})
	k.record, k.ID = w.out, f.keyID(k, nil)[0]
	return k, nil
}

// readKey refuses the whole file for a key type that aktualizr does not know,
// as aktualizr does. An RSA key that it cannot read is one that does not count.
func (otaCE) readKey(r keyRecord) (Key, error) {
	switch strings.ToUpper(r.keytype) {
	case "ED25519":
		public, err := parseHexKey(r.public)
		if err != nil {
			return Key{}, err
		}
		return usable(public, "")
	case "RSA":
		k, err := readRSA(r.public)
		if err != nil {
			return Key{Fingerprint: k.Fingerprint, Problem: err}, nil
		}
		return k, nil
	}
	return Key{}, fieldf("keytype", "got %s, want RSA or ED25519: vehicles refuse the whole file", Quote(r.keytype))
}

// readRSA reads a key as vehicles do: SubjectPublicKeyInfo in PEM, the final
// newline included. One in another form keeps its fingerprint, so that it is
// found out beside the same key in the right form.
func readRSA(text string) (Key, error) {
	public, err := ParsePEM([]byte(text))
	if err != nil {
		return Key{}, err
	}
	rsaKey, ok := public.(*rsa.PublicKey)
	if !ok {
		return Key{}, fmt.Errorf("got a %T, want an RSA key", public)
	}
	if err := checkBits(rsaKey); err != nil {
		return Key{}, err
	}
	k, err := usable(rsaKey, "")
	if err == nil && !(strings.HasPrefix(text, "-----BEGIN PUBLIC KEY-----") && strings.HasSuffix(text, "\n")) {
		return Key{Fingerprint: k.Fingerprint}, fmt.Errorf("RSA key is not SubjectPublicKeyInfo in PEM with a final newline, which format ota-ce wants")
	}
	return k, err
}

// checkBits takes the sizes that aktualizr knows.
func checkBits(k *rsa.PublicKey) error {
	if bits := k.N.BitLen(); bits != 2048 && bits != 3072 && bits != 4096 {
		return fmt.Errorf("RSA key of %d bits; format ota-ce wants 2048, 3072 or 4096", bits)
	}
	return nil
}

// methods are those that aktualizr knows, in any case. It goes by the key.
var methods = []string{"ed25519", "rsassa-pss", "rsassa-pss-sha256"}

// decodeSignature refuses the whole file for an unknown method and for a sig
// that is malformed, as aktualizr does.
func (otaCE) decodeSignature(s Signature, text string) (Signature, error) {
	if !slices.Contains(methods, strings.ToLower(s.Method)) {
		return s, fieldf("method", "got %s, want ed25519 or rsassa-pss-sha256", Quote(s.Method))
	}
	if text == "" {
		return s, fieldf("sig", "%w, and vehicles refuse the whole file", errEmptySignature)
	}
	var err error
	if s.Value, err = decodeBase64(text); err != nil {
		return s, fieldf("sig", "it is not base64 on one line: vehicles refuse the whole file")
	}
	return s, nil
}
