package witness

import (
	"fmt"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/strict"
)

// payloadType is what the payload is. It stands before it in the bytes that are
// signed (DSSE 1.0, PAE), which begin with "DSSEv1": they are neither JSON, as all
// metadata is, nor any other statement that keyrite has a key sign.
const payloadType = "application/vnd.uptane.keyrite.witness+json"

// Statement is what a witness signs: that a transcript had this head at this line. By
// the chain, the head stands for every line before it.
type Statement struct {
	Fleet    string        `json:"fleet"`
	Ceremony string        `json:"ceremony"`
	Site     string        `json:"site"`
	Plan     digest.SHA256 `json:"plan"` // of plan.yaml
	Line     int           `json:"line"`
	Head     digest.SHA256 `json:"head"`    // hash of that line
	Witness  string        `json:"witness"` // name in trust.yaml
	Key      Key           `json:"key"`
}

// Message is the exact bytes to sign.
func (s Statement) Message() ([]byte, error) {
	payload, err := strict.JSON(s)
	return dsse.PAE(payloadType, payload), err
}

// String says it in one line.
func (s Statement) String() string {
	return fmt.Sprintf("%s (%s) signed line %d, head %s", s.Witness, s.Key.Fingerprint(), s.Line, s.Head)
}
