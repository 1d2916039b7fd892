package roles

import (
	"crypto/rsa"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
)

// rsaPEM is a public key of 2048 bits that nobody can sign with.
func rsaPEM(t testing.TB) string {
	text, err := MarshalPEM(&rsa.PublicKey{N: new(big.Int).SetBit(big.NewInt(1), 2047, 1), E: 65537})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// p256Point is the base point of P-256, uncompressed.
const p256Point = "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296" +
	"4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"

// TestTwins takes a file that meets its threshold though it has one key under
// two key ids, and reports it. No such file is ever signed.
func TestTwins(t *testing.T) {
	for _, f := range Formats {
		for _, c := range []struct {
			name  string
			list  func(r *repo, twin Key)
			field string
			body  func(r *repo) Body
		}{
			{"root", func(r *repo, twin Key) { r.root.SetRole("targets", 2, append(r.keys(3, 4), twin)) }, "trusted root: signed.keys", func(r *repo) Body { return r.root }},
			{"targets", func(r *repo, twin Key) {
				d := r.targets.Delegations
				d.Keys, d.Roles[0].KeyIDs = append([]Key{twin}, d.Keys...), append(d.Roles[0].KeyIDs, twin.ID)
			}, f.MetadataPath("targets", 1) + ": signed.delegations.keys", func(r *repo) Body { return r.targets }},
		} {
			r := newRepo(t, f)
			r.delegate("targets", "firmware", 3, false, "fw/*")
			twin := r.keys(3)[0]
			first := twin.ID
			twin.ID = "00"
			c.list(r, twin)
			client, err := r.publish().verify(nil)
			if err != nil {
				t.Errorf("%s, %s: %v", f.Name(), c.name, err)
				continue
			}
			want := c.field + ": one public key under two key ids, "
			if !slices.ContainsFunc(texts(client), func(n string) bool {
				return strings.HasPrefix(n, want) && strings.Contains(n, string(first)) && strings.HasSuffix(n, "it is counted once here, by some clients twice")
			}) {
				t.Errorf("%s, %s: notes are %q, want %s…", f.Name(), c.name, client.Report().Notes, want)
			}
			if _, err := Encode(f, c.body(r)); err == nil || !strings.Contains(err.Error(), "one public key under two key ids") {
				t.Errorf("%s, %s: may be signed: %v", f.Name(), c.name, err)
			}
		}
	}
}

// TestTwinSpellings finds the key that is spelled in two ways, also where only
// one of them counts.
func TestTwinSpellings(t *testing.T) {
	read := func(f Format, id, record string) Key {
		k, err := newScanner([]byte(record)).key(f, id)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	ecdsa := func(id, keytype string) Key {
		return read(TUF, id, fmt.Sprintf(`{"keytype":%q,"keyval":{"public":%q},"scheme":"ecdsa-sha2-nistp256"}`, keytype, p256Point))
	}
	rsa := func(id, end string) Key {
		public := strings.ReplaceAll(strings.TrimSuffix(rsaPEM(t), "\n"), "\n", `\n`) + end
		return read(OTACE, id, `{"keytype":"RSA","keyval":{"public":"`+public+`"}}`)
	}
	unknown := func(id string) Key { return read(TUF, id, `{"keytype":"ml-dsa","keyval":{"public":"x"}}`) }
	for name, c := range map[string]struct {
		keys []Key
		want int
	}{
		"two names of a type":   {[]Key{ecdsa("a", "ecdsa"), ecdsa("b", "ecdsa-sha2-nistp256")}, 1},
		"one without a newline": {[]Key{rsa("a", `\n`), rsa("b", "")}, 1},
		"three times":           {[]Key{ecdsa("a", "ecdsa"), ecdsa("b", "ecdsa"), ecdsa("c", "ecdsa")}, 2},
		"different keys":        {[]Key{ecdsa("a", "ecdsa"), rsa("b", `\n`)}, 0},
		"nobody can tell":       {[]Key{unknown("a"), unknown("b")}, 0},
	} {
		if got := len(twins(c.keys)); got != c.want {
			t.Errorf("%s: %d found, want %d", name, got, c.want)
		}
	}
}
