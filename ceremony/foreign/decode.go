package foreign

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/uptane/keyrite/roles"
)

// MaxInput bounds the file of a signature, in bytes: it may be a whole signed file.
const MaxInput = 64 << 20

// brought is what somebody brought: values that a signature may have, and the bytes
// that it says it signs, nil where it does not say.
type brought struct {
	values [][]byte
	signed []byte
}

// covers says whether a signature may be of these bytes.
func (b *brought) covers(message []byte) bool {
	return b.signed == nil || bytes.Equal(b.signed, message)
}

// maxValues bounds the signatures of one file.
const maxValues = 64

// decode reads a signature in each of the forms that tools write it in.
func decode(f roles.Format, data []byte) (*brought, error) {
	text := bytes.TrimSpace(data)
	if len(text) == 0 {
		return nil, errors.New("the file is empty")
	}
	if text[0] == '{' && utf8.Valid(text) { // a raw signature may begin like that too
		return decodeJSON(f, text)
	}
	return &brought{values: spellings(data)}, nil
}

// envelope is a signature in JSON: as KMS and Vault answer, as metadata lists it, or
// a whole signed file.
type envelope struct {
	Sig        string          `json:"sig"`
	Signature  string          `json:"signature"` // in any case: Signature
	Data       *envelope       `json:"data"`
	Signatures []envelope      `json:"signatures"`
	Signed     json.RawMessage `json:"signed"`
}

func decodeJSON(f roles.Format, text []byte) (*brought, error) {
	var e envelope
	if err := json.Unmarshal(text, &e); err != nil {
		return nil, err
	}
	b := &brought{}
	if e.Signed != nil {
		var err error
		if b.signed, err = f.Canonical(e.Signed); err != nil {
			return nil, err
		}
	}
	all := append([]envelope{e}, e.Signatures...)
	if e.Data != nil {
		all = append(all, *e.Data)
	}
	for _, one := range all {
		for _, value := range []string{one.Sig, one.Signature} {
			if value != "" && len(b.values) < maxValues {
				b.values = append(b.values, spellings([]byte(afterVault(value)))...)
			}
		}
	}
	if len(b.values) == 0 {
		return nil, errors.New("there is no signature in it; want sig, signature or signatures")
	}
	return b, nil
}

// afterVault cuts off what Vault puts before a signature: vault:v1:.
func afterVault(text string) string {
	if strings.HasPrefix(text, "vault:") {
		return text[strings.LastIndexByte(text, ':')+1:]
	}
	return text
}

// spellings are the values that a text may stand for; as it stands is one of them.
func spellings(data []byte) [][]byte {
	values := [][]byte{data}
	text := strings.Join(strings.Fields(string(data)), "")
	if value, err := hex.DecodeString(text); err == nil && len(value) > 0 {
		values = append(values, value)
	}
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		if value, err := encoding.Strict().DecodeString(text); err == nil && len(value) > 0 {
			return append(values, value)
		}
	}
	return values
}
