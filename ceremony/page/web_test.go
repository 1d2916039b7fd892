package page

import (
	"strings"
	"testing"
)

// TestWeb sets every kind of block without pages, and escapes what it is given.
func TestWeb(t *testing.T) {
	d := &Document{Title: "<t>", Foot: "<f>", Band: "FAKE", Sections: []Section{
		{Blocks: []Block{&Cover{Title: "<c>", Sentence: "all is well"}}},
		{Title: "<s>", Blocks: []Block{
			&Text{Text: "<p>"}, Facts{{Name: "<n>", Value: "v"}}, &Verbatim{Text: "<v>"}, &Grid{Words: []string{"one"}},
			&Table{Columns: []Column{{Head: "<h>", Width: 170}}, Rows: [][]string{{"<cell>"}}}, &Figure{Alt: "<a>", High: 10},
		}},
	}}
	html, err := d.Web()
	if err != nil {
		t.Fatal(err)
	}
	text := string(html)
	for _, want := range []string{"<title>&lt;t&gt;</title>", "<footer>&lt;f&gt;</footer>", "<h2>&lt;s&gt;</h2>", "&lt;cell&gt;", `aria-label="&lt;a&gt;"`, `<div class="band">FAKE</div>`, `<th scope="col">&lt;h&gt;</th>`} {
		if !strings.Contains(text, want) {
			t.Errorf("want %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, `class="page"`) || strings.Count(text, "<h1>") != 1 || strings.Count(text, "<h2>") != 1 {
		t.Errorf("got\n%s", text)
	}
}
