package bundle

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/uptane/keyrite/ceremony/fault"
)

// parseManifest reads a manifest in its one spelling, and checks it. Its texts
// stay parts of text.
func parseManifest(text string) (*manifest, error) {
	if len(text) > maxManifest {
		return nil, fault.Errorf(fault.Unverified, "%s is %d bytes, want at most %d", manifestName, len(text), maxManifest)
	}
	r := &manifestReader{rest: text}
	m, err := r.manifest()
	if r.wrong || err == nil && r.rest != "" {
		err = fmt.Errorf("is not spelled as keyrite spells it, at byte %d", len(text)-len(r.rest))
		return nil, fault.Errorf(fault.Unverified, "%s %w", manifestName, err)
	}
	if err == nil {
		err = m.check()
	}
	if err != nil {
		return nil, fault.Errorf(fault.Unverified, "%s: %w", manifestName, err)
	}
	return m, nil
}

// manifestReader reads from the front of rest. Once something is wrong, nothing
// more is read.
type manifestReader struct {
	rest  string
	wrong bool
}

func (r *manifestReader) manifest() (*manifest, error) {
	m := &manifest{}
	r.word(`{"version":`)
	m.Version = r.number()
	r.word(`,"repository":`)
	m.Repository = r.text()
	r.word(`,"format":`)
	m.Format = r.text()
	r.word(`,`)
	m.Server = r.server()
	r.word(`"files":[`)
	if !strings.HasPrefix(r.rest, "]") {
		m.Files = make([]manifestFile, 0, len(r.rest)/bytesPerFile)
		for more := true; more; more = r.comma() {
			file := r.file()
			if r.wrong {
				return nil, nil
			}
			if err := file.check(); err != nil {
				return nil, err
			}
			m.Files = append(m.Files, file)
		}
	}
	r.word("]}\n")
	return m, nil
}

// bytesPerFile is about what a file takes in a manifest. It decides how much is
// allocated ahead.
const bytesPerFile = 300

func (r *manifestReader) file() (f manifestFile) {
	r.word(`{"path":`)
	f.Path = r.text()
	r.word(`,"length":`)
	f.Length = r.number()
	r.word(`,"sha256":"`)
	r.hash(&f.SHA256)
	r.word(`"`)
	if strings.HasPrefix(r.rest, ",") {
		r.word(`,"same-as":`)
		f.SameAs = r.text()
		r.wrong = r.wrong || f.SameAs == ""
	}
	r.word("}")
	return f
}

func (r *manifestReader) word(w string) {
	rest, ok := strings.CutPrefix(r.rest, w)
	if r.wrong = r.wrong || !ok; !r.wrong {
		r.rest = rest
	}
}

func (r *manifestReader) comma() bool {
	if r.wrong || !strings.HasPrefix(r.rest, ",") {
		return false
	}
	r.rest = r.rest[1:]
	return true
}

func (r *manifestReader) number() int64 {
	end := strings.IndexAny(r.rest, ",}")
	if end < 0 {
		end = len(r.rest)
	}
	n, err := strconv.ParseInt(r.rest[:end], 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != r.rest[:end] {
		r.wrong = true
	}
	r.word(r.rest[:end])
	return n
}

// text reads a text of a path's characters, of which only the quote is escaped.
func (r *manifestReader) text() string {
	quoted, err := strconv.QuotedPrefix(r.rest)
	if err != nil || quoted[0] != '"' {
		r.wrong = true
		return ""
	}
	text, err := strconv.Unquote(quoted)
	if err != nil || strings.Contains(quoted, `\`) && strconv.Quote(text) != quoted {
		r.wrong = true
	}
	r.word(quoted)
	return text
}

func (r *manifestReader) hash(into *[32]byte) {
	digits := r.rest[:min(len(r.rest), hex.EncodedLen(len(into)))]
	_, err := hex.Decode(into[:], []byte(digits))
	if err != nil || len(digits) != hex.EncodedLen(len(into)) || strings.ContainsAny(digits, "ABCDEF") {
		r.wrong = true
	}
	r.word(digits)
}
