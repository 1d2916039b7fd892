package qr

import (
	"bytes"
	"compress/flate"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/uptane/keyrite/ceremony/digest"
)

// A frame is one QR code: KEYRITE:ID:NUMBER:COUNT:PIECE, in the characters that QR codes
// hold most of. The pieces of one ID are a file, deflated, in base32.
const prefix = "KEYRITE"

var frameText = regexp.MustCompile(`^KEYRITE:([0-9A-F]{8}):([1-9][0-9]{0,2}):([1-9][0-9]{0,2}):([A-Z2-7]+)$`)

var encoding = base32.StdEncoding.WithPadding(base32.NoPadding)

const (
	maxFrames = 999
	maxFile   = 1 << 20 // bytes, when it is inflated
)

// overhead is what a frame takes beside its piece, in characters.
const overhead = len(prefix) + len(":01234567:999:999:")

// Split makes frames of at most so many characters each.
func Split(data []byte, characters int) ([]string, error) {
	if len(data) > maxFile {
		return nil, fmt.Errorf("%d bytes are too many for QR codes, want at most %d", len(data), maxFile)
	}
	var packed bytes.Buffer
	w, _ := flate.NewWriter(&packed, flate.BestCompression) // whose level is good
	w.Write(data)
	w.Close() // which writes to memory
	text, size := encoding.EncodeToString(packed.Bytes()), characters-overhead
	if size < 1 || len(text) > size*maxFrames {
		return nil, fmt.Errorf("%d bytes are too many for QR codes of %d characters", len(data), characters)
	}
	pieces := slices.Collect(slices.Chunk([]byte(text), size))
	frames := make([]string, len(pieces))
	for i, piece := range pieces {
		frames[i] = fmt.Sprintf("%s:%s:%d:%d:%s", prefix, idOf(data), i+1, len(pieces), piece)
	}
	return frames, nil
}

func idOf(data []byte) string { return strings.ToUpper(digest.Of(data).String()[:8]) }

// IsFrame says whether a text begins as a frame does.
func IsFrame(text string) bool { return strings.HasPrefix(text, prefix+":") }

// Join makes the file again, of its frames in any order. Which are missing it says.
func Join(frames []string) ([]byte, error) {
	var id string
	var pieces []string
	for _, frame := range frames {
		parts := frameText.FindStringSubmatch(frame)
		if parts == nil {
			return nil, fmt.Errorf("%.40q is no frame, want %s:ID:NUMBER:COUNT:PIECE", frame, prefix)
		}
		number, _ := strconv.Atoi(parts[2]) // digits, by the expression
		count, _ := strconv.Atoi(parts[3])
		if id == "" {
			id, pieces = parts[1], make([]string, count)
		}
		switch {
		case parts[1] != id || count != len(pieces) || number > count:
			return nil, fmt.Errorf("frame %d of %d is of another file than the first one", number, count)
		case pieces[number-1] != "" && pieces[number-1] != parts[4]:
			return nil, fmt.Errorf("frame %d of %d is there twice, and they differ", number, count)
		}
		pieces[number-1] = parts[4]
	}
	return unpack(id, pieces)
}

func unpack(id string, pieces []string) ([]byte, error) {
	var missing []string
	for i, piece := range pieces {
		if piece == "" {
			missing = append(missing, fmt.Sprint(i+1))
		}
	}
	if missing != nil || len(pieces) == 0 {
		return nil, fmt.Errorf("of %d frames these are missing: %s", len(pieces), strings.Join(missing, ", "))
	}
	packed, err := encoding.DecodeString(strings.Join(pieces, ""))
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), maxFile+1))
	switch {
	case err != nil:
		return nil, err
	case len(data) > maxFile:
		return nil, fmt.Errorf("the file is larger than %d bytes", maxFile)
	case idOf(data) != id:
		return nil, errors.New("the frames do not make the file that they name")
	}
	return data, nil
}
