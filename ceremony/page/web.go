package page

import (
	"bytes"
	_ "embed"
	"html/template"
	"sync"

	"github.com/uptane/keyrite/ceremony/words"
)

//go:embed web.html
var webSource string

// web sets the same blocks as pages does, for a browser of any width.
var web = sync.OnceValue(func() *template.Template {
	return template.Must(parse().New("web").Parse(webSource))
})

// Web is the document as one file for browsers: it flows, from the width of a telephone on.
// Like HTML it has no script, and no reference to anything outside of it.
func (d *Document) Web() ([]byte, error) {
	var out bytes.Buffer
	if err := web().Execute(&out, d); err != nil {
		return nil, err
	}
	return []byte(words.Printable(out.String())), nil
}
