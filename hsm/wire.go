// The protocol between keyrite and its helper: one frame up, one frame down. A
// frame is two big-endian lengths, a header of one word, a space and JSON, and a
// body of raw bytes. PINs, messages and signatures travel in the body only, so
// that no JSON buffer ever holds a secret, and what is buffered is wiped as
// it is taken.

package hsm

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/miekg/pkcs11"
)

// Bounds of a frame: a header is small, the body of a request is at most a large
// targets file, and that of an answer a wrapped key.
const (
	maxHeaderBytes = 8 << 20
	maxBodyBytes   = 1 << 30
	maxAnswerBytes = 1 << 20
)

// frame is a request or its answer.
type frame struct {
	word string // what the helper is to do; of an answer, wordDone or wordFault
	data []byte // JSON: arguments, result, wireFault
	body []byte
}

// The first words of answers.
const (
	wordDone  = "done"
	wordFault = "fault"
)

// wireFault is a fault on its way to keyrite.
type wireFault struct {
	Call string `json:"call,omitempty"`
	CKR  uint   `json:"ckr,omitempty"`
	Kind int    `json:"kind"` // place in kinds
	Text string `json:"text,omitempty"`
	Hint string `json:"hint,omitempty"`
}

func newWireFault(err error) *wireFault {
	var f *fault
	if !errors.As(err, &f) {
		return &wireFault{Text: err.Error()}
	}
	for i, kind := range kinds {
		if f.kind == kind {
			return &wireFault{Call: f.call, CKR: uint(f.ckr), Kind: i, Text: f.text, Hint: f.hint}
		}
	}
	return &wireFault{Call: f.call, CKR: uint(f.ckr), Text: f.text, Hint: f.hint}
}

// error makes the error that people see, of this module and token.
func (w *wireFault) error(module, token string) *Error {
	kind := ErrFailed
	if w.Kind > 0 && w.Kind < len(kinds) {
		kind = kinds[w.Kind]
	}
	e := newError(module, token, kind, "%s", printable(w.Text))
	e.Call, e.Hint = w.Call, w.hint(kind)
	if w.CKR != 0 {
		e.CKR = ckrName(pkcs11.Error(w.CKR))
	}
	return e
}

// maxCopied bounds what is copied so that a frame is one write. A body beyond it, which
// is a message to sign, is written from where it is.
const maxCopied = 64 << 10

// writeFrame writes one frame and wipes its copy of the body.
func writeFrame(w io.Writer, word string, data any, body []byte) error {
	encoded, err := json.Marshal(data)
	if err != nil {
		return err
	}
	head := len(word) + 1 + len(encoded)
	if head > maxHeaderBytes || len(body) > maxBodyBytes {
		return fmt.Errorf("frame: too long; got %d+%d bytes, want at most %d+%d", head, len(body), maxHeaderBytes, maxBodyBytes)
	}
	copied := body
	if len(body) > maxCopied {
		copied = nil
	}
	frame := make([]byte, 8, 8+head+len(copied))
	binary.BigEndian.PutUint32(frame, uint32(head))
	binary.BigEndian.PutUint32(frame[4:], uint32(len(body)))
	frame = append(append(frame, word...), ' ')
	frame = append(append(frame, encoded...), copied...)
	defer Wipe(frame)
	if _, err = w.Write(frame); err == nil && len(copied) < len(body) {
		_, err = w.Write(body)
	}
	return err
}

// readFrame reads one frame with a body of at most maxBody bytes. It returns
// io.EOF when the other side has closed the channel between two frames.
func readFrame(r io.Reader, maxBody uint32) (f frame, err error) {
	var lengths [8]byte
	if _, err := io.ReadFull(r, lengths[:]); err != nil {
		return f, err
	}
	headLen, bodyLen := binary.BigEndian.Uint32(lengths[:]), binary.BigEndian.Uint32(lengths[4:])
	if headLen > maxHeaderBytes || bodyLen > maxBody {
		return f, fmt.Errorf("frame: too long; got %d+%d bytes, want at most %d+%d", headLen, bodyLen, maxHeaderBytes, maxBody)
	}
	whole := make([]byte, headLen+bodyLen)
	if _, err := io.ReadFull(r, whole); err != nil {
		return f, fmt.Errorf("frame: %w", io.ErrUnexpectedEOF)
	}
	word, data, found := bytes.Cut(whole[:headLen], []byte(" "))
	if !found {
		return f, errors.New("frame: the header is not a word and JSON")
	}
	return frame{word: string(word), data: data, body: whole[headLen:]}, nil
}
