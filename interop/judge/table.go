package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/roles"
)

// The tables stand between these lines of README.md.
const begin, end = "<!-- verdicts -->\n", "<!-- end of verdicts -->\n"

// writeTables replaces the tables in the README.
func (t *trial) writeTables(path string, known []exception) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	head, rest, found := strings.Cut(string(text), begin)
	_, tail, also := strings.Cut(rest, end)
	if !found || !also {
		return fmt.Errorf("%s: the lines %q and %q are missing", path, begin, end)
	}
	var b strings.Builder
	b.WriteString(head + begin)
	fmt.Fprintf(&b, "Run of %s. **Bold** is a wrong verdict; – was not asked.\n", time.Now().UTC().Format(time.DateOnly))
	for _, f := range roles.Formats {
		if err := t.table(&b, f); err != nil {
			return err
		}
	}
	t.remarks(&b, known)
	b.WriteString(end + tail)
	return os.WriteFile(path, []byte(b.String()), 0o644)
}

// table writes the verdicts on the repositories of one format.
func (t *trial) table(b *strings.Builder, f roles.Format) error {
	fmt.Fprintf(b, "\n### `format: %s`\n\n| repository | what it is |", f.Name())
	var columns []int
	for j, p := range t.peers {
		if !p.reads(f) {
			continue
		}
		version, err := p.version(t.interop)
		if err != nil {
			return err
		}
		columns = append(columns, j)
		fmt.Fprintf(b, " %s |", strings.TrimSpace(p.name+" "+version))
	}
	b.WriteString("\n|-|-|" + strings.Repeat("-|", len(columns)) + "\n")
	for _, good := range []bool{true, false} {
		fmt.Fprintf(b, "| **%s** | |%s\n", map[bool]string{true: "to accept", false: "to refuse"}[good], strings.Repeat(" |", len(columns)))
		for i, c := range t.cases {
			if c.Good != good || c.Profile.Format != f {
				continue
			}
			fmt.Fprintf(b, "| %s | %s |", c.Name, c.Says)
			for _, j := range columns {
				fmt.Fprintf(b, " %s |", cell(t.said[i][j], good))
			}
			b.WriteString("\n")
		}
	}
	return nil
}

func cell(v *verdict, good bool) string {
	switch {
	case v == nil:
		return "–"
	case v.accepts != good:
		return "**" + v.word() + "**"
	}
	return v.word()
}

// remarks explains the wrong verdicts and names the peers that are left out.
func (t *trial) remarks(b *strings.Builder, known []exception) {
	b.WriteString("\n### Wrong verdicts, and why\n\n")
	for _, e := range known {
		took := slices.DeleteFunc(slices.Clone(e.peers), func(name string) bool {
			return !slices.ContainsFunc(t.peers, func(p peer) bool { return p.name == name })
		})
		if len(took) > 0 && !slices.Contains(e.cases, leftOut) {
			fmt.Fprintf(b, "- %s (%s): %s.\n", strings.Join(e.cases, ", "), strings.Join(took, ", "), e.why)
		}
	}
	b.WriteString("\n### Left out\n\n")
	for _, a := range t.left {
		fmt.Fprintf(b, "- %s: %v.", a.peer.name, a.err)
		for _, e := range known {
			if e.covers(a.peer, leftOut) {
				fmt.Fprintf(b, " Known: %s.", e.why)
			}
		}
		b.WriteString("\n")
	}
	if len(t.left) == 0 {
		b.WriteString("Nobody.\n")
	}
}

// writeReasons writes every verdict with the peer's own words, for who wonders
// whether a refusal has the right reason.
func (t *trial) writeReasons(path string) error {
	var b strings.Builder
	for i, c := range t.cases {
		for j, p := range t.peers {
			if v := t.said[i][j]; v != nil {
				fmt.Fprintf(&b, "%s: %s %s. %s\n", c.Name, p.name, v.word(), v.reason)
			}
		}
	}
	return os.WriteFile(path, []byte(b.String()), 0o644)
}
