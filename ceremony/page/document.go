package page

// Document is a paper: sections of blocks, in one language, for one ceremony.
type Document struct {
	Title    string  // of the file, and of the first page
	Foot     string  // stands at the foot of every page, before its number
	Band     string  // stands across the head of every page; empty for none
	Size     float64 // of the text, in points
	Sections []Section
}

// Section is a part of a paper with a mark that other papers can name: R4, A8.
type Section struct {
	Mark   string
	Title  string
	Blocks []Block
	Flows  bool // goes on where the section before it ends, and not on a new page
}

// Block is one thing on a page. Text in it may be of foreign origin.
type Block interface {
	// height is what the block takes in mm, rather too much than too little.
	height(m metrics) float64
	// split cuts the block so that the first part takes at most room mm. The
	// first part is nil where nothing fits; the rest is nil where all does.
	split(m metrics, room float64) (first, rest Block)
	// name is that of the template that writes the block.
	name() string
	// text is the block in plain text.
	text(w *plain)
}

// Cover is what a paper shows first: of which fleet it is, and what it says in
// one sentence.
type Cover struct {
	Over, Title, Under string
	Sentence           string
}

// Text is a paragraph.
type Text struct {
	Text   string
	Strong bool // what must not be missed
}

// Facts are names with their values.
type Facts []Fact

// Fact is one of them. A fact without a value is a box to fill in by hand.
type Fact struct {
	Name  string
	Value string
	Mono  bool // hashes, serials: each character counts
	// Strong is of the first of several facts about one thing: its name.
	Strong bool
}

// Table has the same columns in every row. Empty cells are boxes to fill in by
// hand, in rows that are high enough to write in.
type Table struct {
	Columns []Column
	Rows    [][]string
}

// Column is a column of a table.
type Column struct {
	Head  string
	Width float64 // mm; all columns of a table together take [Width]
	Mono  bool
}

// Grid is 32 words of a hash, or room for them, in four columns of eight that are
// read from top to bottom: "word nine" is the top of the second column.
type Grid struct {
	Caption string
	Hash    string   // under the grid, in hexadecimal; empty for none
	Words   []string // nil: boxes to write them in
}

// Verbatim is text of which each character counts: what a screen shows, or what
// is typed.
type Verbatim struct {
	Label string
	Text  string
}

// Figure is a picture, with its content in words for those who cannot see it.
type Figure struct {
	Caption string
	Alt     string
	High    float64 // mm; all figures are as wide as the page
	Shapes  []Shape
	Words   string // the same in plain text, for the text form
}

// Shape is a line, a box or a label of a figure, in mm from its top left corner.
type Shape struct {
	Kind       string // line, box, label, bold, small
	X, Y, W, H float64
	Fill       string // white, light, dark
	Text       string
	Dashed     bool
}

// Signatures are lines to sign on.
type Signatures []string // by whom

// Ruled is empty lines to write on.
type Ruled int

// Step is one numbered step of a script: who does what, what the screen shows,
// and boxes for initials and time.
type Step struct {
	Number string
	Title  string
	Acts   []Act
}

// Act is one action of a step.
type Act struct {
	Who    string
	Verb   string // DO, SAY, CHECK, WRITE, SCREEN, IF
	Text   string
	Screen bool // Text is what the screen shows, character by character
	Signs  bool // has boxes for initials and UTC
}
