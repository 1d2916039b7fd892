package page

import (
	"bytes"
	_ "embed"
	"html/template"
	"regexp"
	"strings"
	"sync"

	"github.com/uptane/keyrite/ceremony/words"
)

//go:embed page.html
var source string

func (*Cover) name() string     { return "cover" }
func (*Text) name() string      { return "text" }
func (Facts) name() string      { return "facts" }
func (*Table) name() string     { return "table" }
func (*Grid) name() string      { return "grid" }
func (*Verbatim) name() string  { return "verbatim" }
func (*Figure) name() string    { return "figure" }
func (Signatures) name() string { return "signatures" }
func (Ruled) name() string      { return "ruled" }
func (*Step) name() string      { return "step" }

// pages is parsed when it is needed: most commands write no document.
var pages = sync.OnceValue(parse)

func parse() *template.Template {
	t := template.New("document")
	return template.Must(t.Funcs(template.FuncMap{
		// set writes a block by the template of its name, escaped by it.
		"set": func(b Block) (template.HTML, error) {
			var out bytes.Buffer
			err := t.ExecuteTemplate(&out, b.name(), b)
			return template.HTML(out.String()), err
		},
		"count":    func(r Ruled) []struct{} { return make([]struct{}, r) },
		"grid":     gridRows,
		"mid":      func(a, b float64) float64 { return a + b/2 },
		"plus":     func(a, b float64) float64 { return a + b },
		"lower":    strings.ToLower,
		"unbroken": unbroken,
	}).Parse(source))
}

// dates are never broken: a browser does so behind each hyphen.
var dates = regexp.MustCompile(`\b[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:]{8}Z)?\b`)

func unbroken(text string) template.HTML {
	return template.HTML(dates.ReplaceAllString(template.HTMLEscapeString(text), `<span class="unbroken">$0</span>`))
}

// HTML is the document as one file for A4: no script, no reference to anything
// outside of it. The same document makes the same bytes.
func (d *Document) HTML() ([]byte, error) {
	var out bytes.Buffer
	err := pages().Execute(&out, struct {
		*Document
		Sheets []*sheet
	}{d, d.layout()})
	if err != nil {
		return nil, err
	}
	return []byte(words.Printable(out.String())), nil
}

// Pages is how many pages the document has.
func (d *Document) Pages() int { return len(d.layout()) }

// gridRows are the rows of a grid: numbers and words from left to right.
func gridRows(g *Grid) [8][4]struct {
	Number int
	Word   string
} {
	var rows [8][4]struct {
		Number int
		Word   string
	}
	for i := range 32 {
		cell := &rows[i%8][i/8]
		cell.Number = i + 1
		if i < len(g.Words) {
			cell.Word = g.Words[i]
		}
	}
	return rows
}
