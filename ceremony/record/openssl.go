package record

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/roles"
)

// withoutKeyrite is A10: a shell script that checks every signature with openssl
// and the usual tools, from the published files.
func (s *source) withoutKeyrite() page.Section {
	section := page.Section{Mark: "A10", Title: "Check it without keyrite", Flows: true, Blocks: []page.Block{
		&page.Text{Text: "In a copy of the published metadata folder, run these lines in a POSIX shell with OpenSSL 3. Each openssl line must print “Verified OK” or “Signature Verified Successfully”; each SHA-256 must be the one of A5. The public keys are those of A4: compare their fingerprints with what the officers hold."},
	}}
	names := map[string]bool{}
	for i := range s.files {
		for _, g := range s.files[i].signatures {
			if names[g.Key] {
				continue
			}
			names[g.Key] = true
			section.Blocks = append(section.Blocks, s.publicKey(g.Key))
		}
	}
	for i := range s.files {
		if f := &s.files[i]; f.file != nil {
			section.Blocks = append(section.Blocks, s.fileLines(f))
		}
	}
	return section
}

// publicKey writes a public key to a file, and its fingerprint to the screen.
func (s *source) publicKey(name string) page.Block {
	return &page.Verbatim{Label: "Key " + name, Text: fmt.Sprintf("cat >%s.pem <<'END'\n%s\nEND\nopenssl pkey -pubin -in %s.pem -outform DER |\n  openssl dgst -sha256",
		name, strings.TrimSpace(s.keys[name].Public), name)}
}

// fileLines takes the signed bytes out of a file and checks each signature.
func (s *source) fileLines(f *signedFile) page.Block {
	file := strings.TrimPrefix(f.planned.Path, s.plan.Repository+"/metadata/")
	stem := strings.TrimSuffix(path.Base(file), ".json")
	lines := []string{fmt.Sprintf("openssl dgst -sha256 %s", file), cutOut(f.file, file, stem), fmt.Sprintf("openssl dgst -sha256 %s.signed", stem)}
	for _, g := range f.signatures {
		sig := fmt.Sprintf("%s.%s.sig", stem, g.Key)
		lines = append(lines, fmt.Sprintf("openssl base64 -d -out %s <<'END'", sig))
		lines = append(lines, groups(g.Signature, 64)...)
		lines = append(lines, "END", verifyLine(s.keys[g.Key].Type, g.Key+".pem", sig, stem+".signed"))
	}
	return &page.Verbatim{Label: fmt.Sprintf("%s %d", f.planned.Role, f.planned.Version), Text: strings.Join(lines, "\n")}
}

// cutOut takes the signed bytes out of a published file. They stand in it as they were
// signed, unless something in them is escaped, as line breaks in PEM are: then
// they are written anew in the canonical form that signatures cover.
func cutOut(f *roles.File, file, stem string) string {
	if start := bytes.Index(f.Published(), f.Signed); start >= 0 {
		return fmt.Sprintf("tail -c +%d %s | head -c %d >%s.signed", start+1, file, len(f.Signed), stem)
	}
	return fmt.Sprintf("python3 - %s >%s.signed <<'END'\n%sEND", file, stem, canonical)
}

// canonical writes the signed part of a file as canonical JSON: sorted names, no
// white space, nothing escaped in texts but the backslash and the quotation mark.
const canonical = `import json, sys
def write(v):
    if isinstance(v, dict):
        return "{" + ",".join(write(k) + ":" + write(v[k]) for k in sorted(v)) + "}"
    if isinstance(v, list):
        return "[" + ",".join(map(write, v)) + "]"
    if isinstance(v, str):
        return '"' + v.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return json.dumps(v)
signed = json.load(open(sys.argv[1], encoding="utf-8"))["signed"]
sys.stdout.buffer.write(write(signed).encode("utf-8"))
`

// verifyLine is how openssl checks a signature of a type of key.
func verifyLine(t hsm.KeyType, key, signature, file string) string {
	switch t {
	case hsm.Ed25519:
		return fmt.Sprintf("openssl pkeyutl -verify -pubin -inkey %s -rawin \\\n  -in %s -sigfile %s", key, file, signature)
	case hsm.ECDSAP256:
		return fmt.Sprintf("openssl dgst -sha256 -verify %s \\\n  -signature %s %s", key, signature, file)
	case hsm.ECDSAP384:
		return fmt.Sprintf("openssl dgst -sha384 -verify %s \\\n  -signature %s %s", key, signature, file)
	}
	return fmt.Sprintf("openssl dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest \\\n  -verify %s -signature %s %s", key, signature, file)
}
