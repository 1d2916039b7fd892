package images

import (
	"bytes"
	"encoding/hex"
	"io"
	"strconv"
)

// writeBytes is about how much is written at a time.
const writeBytes = 64 << 10

// Write writes images.yaml as Parse reads it: same images, same bytes.
func (l *List) Write(w io.Writer) error {
	var b bytes.Buffer
	b.WriteString("# What a targets role lists. Written by `keyrite hash`; `custom` is yours to edit.\nversion: 1\nimages:")
	if len(l.Images) == 0 {
		b.WriteString(" []")
	}
	b.WriteByte('\n')
	for i := range l.Images {
		l.Images[i].write(&b)
		if b.Len() < writeBytes {
			continue
		}
		if _, err := b.WriteTo(w); err != nil {
			return err
		}
	}
	_, err := b.WriteTo(w)
	return err
}

// The lines of an entry, up to their values. Path and custom are in one line:
// neither has anything in it that does not show.
const (
	pathLine   = "  - path: "
	lengthLine = "    length: "
	sha256Line = "    sha256: "
	sha512Line = "    sha512: "
	customLine = "    custom: "
)

func (i *Image) write(b *bytes.Buffer) {
	line := func(name string, value []byte) {
		b.WriteString(name)
		b.Write(value)
		b.WriteByte('\n')
	}
	var room [2 * len(i.SHA512)]byte
	// A path has neither a backslash nor anything that does not print, so that
	// Go quotes it as YAML does.
	line(pathLine, strconv.AppendQuote(room[:0], i.Path))
	line(lengthLine, strconv.AppendInt(room[:0], i.Length, 10))
	line(sha256Line, hex.AppendEncode(room[:0], i.SHA256[:]))
	if i.SHA512 != nil {
		line(sha512Line, hex.AppendEncode(room[:0], i.SHA512[:]))
	}
	if i.Custom != nil {
		line(customLine, i.Custom)
	}
}
