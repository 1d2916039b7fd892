package roles

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
)

// TestDetect tells formats apart by the whole file, and names those that keyrite
// does not read.
func TestDetect(t *testing.T) {
	value := make([]byte, 64)
	inHex, inBase64 := hex.EncodeToString(value), base64.StdEncoding.EncodeToString(value)
	file := func(kind string, signatures ...string) string {
		return fmt.Sprintf(`{"signatures":[%s],"signed":{"_type":%q,"expires":"2037-09-28T12:46:29Z","version":1}}`, strings.Join(signatures, ","), kind)
	}
	sig := func(method, text string) string {
		return fmt.Sprintf(`{"keyid":"00","method":%q,"sig":%q}`, method, text)
	}
	const reference = "is the format of Uptane's reference implementation and of TUF before 1.0, which keyrite does not read"
	for _, c := range []struct {
		text string
		want string // format and type, or the refusal
	}{
		{file("root", `{"keyid":"00","sig":"`+inHex+`"}`), "tuf root"},
		{file("timestamp", `{"keyid":"00","sig":"`+inBase64+`"}`), "tuf timestamp"},
		{file("targets"), "tuf targets"},
		{file("Root", sig("ed25519", inBase64)), "ota-ce root"},
		{file("Targets"), "ota-ce targets"},
		{file("Snapshot", sig("ed25519", "")), "ota-ce snapshot"},
		{file("Root", sig("ed25519", inHex)), reference},
		{file("Root", sig("ed25519", strings.ToUpper(inHex)), sig("ed25519", inHex)), reference},
		{file("Root", sig("ed25519", inHex), sig("ed25519", inBase64)), "ota-ce root"},
		{file("Root", sig("ed25519", "AAAA")), "ota-ce root"},
		{file("Root", sig("ecdsa", inBase64)), "of Notary, which keyrite does not read"},
		{file("Root", sig("rsapss", inBase64)), "of Notary, which keyrite does not read"},
		{file("ROOT"), `signed._type: got "ROOT", want the type of a metadata file`},
		{`{"signatures":[],"signed":{"_type":7}}`, `signed._type: got "", want the type of a metadata file`},
		{`{"version":1}`, "got JSON without `signed`, want a metadata file"},
		{`{"signed":{"_type":"root"}}`, "tuf root"},
		{"-----BEGIN", "got '-', want an object (byte 0)"},
		{"", "the file ends early; want an object (byte 0)"},
	} {
		f, kind, err := Detect([]byte(c.text))
		got := fmt.Sprint(err)
		if err == nil {
			got = f.Name() + " " + string(kind)
		}
		if !strings.HasSuffix(got, c.want) && !strings.Contains(got, c.want) {
			t.Errorf("%s:\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}
