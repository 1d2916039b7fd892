package strict

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/uptane/keyrite/ceremony/fault"
	"gopkg.in/yaml.v3"
)

var yamlError = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?((?s:.*))$`)

// mistake says which line is no YAML, and why, in words of people who wrote it. The
// parser names the line where a block began, or the one before.
func mistake(s Source, data []byte, err error) *fault.Error {
	m := yamlError.FindStringSubmatch(err.Error())
	begun, _ := strconv.Atoi(m[1]) // not every error has a line
	if len(data) > maxSearched {
		return s.Problem(max(begun, 1), fault.Usage, "", "not YAML: %s", m[2])
	}
	lines := strings.Split(string(data), "\n")
	line := faulty(lines, begun-1)
	if tab := tabbed(lines); tab > 0 && tab <= line {
		return s.Problem(tab, fault.Usage, "", "is indented with a tab; want spaces")
	}
	what := inWords[m[2]]
	if what == "" {
		return s.Problem(line, fault.Usage, "", "not YAML: %s", m[2])
	}
	if what == misplaced {
		what += misplacedBy(indentOf(lines[line-1]), indentOf(above(lines[:line-1])))
	}
	return s.Problem(line, fault.Usage, "", "%s (%s)", what, m[2])
}

const misplaced = "does not fit the lines above it"

func misplacedBy(indent, above int) string {
	if indent == above {
		return ", which may lack a colon or a quote"
	}
	return fmt.Sprintf(": it is indented by %d, the line above by %d", indent, above)
}

// inWords are what the parser says, as what people did.
var inWords = map[string]string{
	"did not find expected key":                              misplaced,
	"did not find expected '-' indicator":                    misplaced,
	"mapping values are not allowed in this context":         misplaced,
	"block sequence entries are not allowed in this context": misplaced,
	"did not find expected ',' or '}'":                       "has a { that is not closed, or a value that needs quotes",
	"did not find expected ',' or ']'":                       "has a [ that is not closed, or a value that needs quotes",
	"did not find expected node content":                     "lacks a value",
	"could not find expected ':'":                            "has no colon behind its name",
	"found unexpected end of stream":                         "has a quote that is not closed",
	"found character that cannot start any token":            "has a value that needs quotes",
	"found unknown escape character":                         "has a backslash in double quotes; want single quotes, or two backslashes",
}

// The most that is looked through for the faulty line: people write smaller files.
const (
	maxSearched = 64 << 10 // bytes
	maxAhead    = 400      // lines
)

// faulty is the number of the line with which the text stops to be YAML for good: the
// one behind the longest good beginning. It is at least from.
func faulty(lines []string, from int) int {
	from = min(max(from, 0), len(lines)-1)
	text := strings.Join(lines[:from], "\n") + "\n"
	good := from
	for i := from; i < len(lines) && i < from+maxAhead; i++ {
		text += lines[i] + "\n"
		if parses([]byte(text)) {
			good = i + 1
		}
	}
	for good < len(lines)-1 && strings.TrimSpace(lines[good]) == "" {
		good++
	}
	return min(good+1, len(lines))
}

func parses(data []byte) bool {
	return yaml.NewDecoder(bytes.NewReader(data)).Decode(new(yaml.Node)) == nil
}

// tabbed is the number of the first line that begins with a tab among its blanks, 0
// for none.
func tabbed(lines []string) int {
	for i, line := range lines {
		text := strings.TrimLeft(line, " \t")
		if text != "" && text[0] != '#' && strings.Contains(line[:len(line)-len(text)], "\t") {
			return i + 1
		}
	}
	return 0
}

func indentOf(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// above is the last line that says something.
func above(lines []string) string {
	for i := len(lines) - 1; i >= 0; i-- {
		if text := strings.TrimSpace(lines[i]); text != "" && text[0] != '#' {
			return lines[i]
		}
	}
	return ""
}
