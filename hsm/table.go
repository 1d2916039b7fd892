// The table of what tokens can do: for people on a terminal, and in the docs.

package hsm

import (
	"fmt"
	"slices"
	"strings"
)

// Report is what `keyrite token info` knows about one token.
type Report struct {
	Name         string       `json:"name" yaml:"name"` // of the token in site.yaml
	Token        TokenInfo    `json:"token" yaml:"token"`
	Capabilities Capabilities `json:"capabilities,omitzero" yaml:"capabilities"`
	Fault        string       `json:"fault,omitempty" yaml:"fault,omitempty"` // why nothing else is known of it
}

// CapabilityTable has one row per property and one column per token, as Markdown
// that is also readable as plain text, and below it a line for each token that could
// not be read.
func CapabilityTable(reports []Report) string {
	var faults strings.Builder
	for _, r := range reports {
		if r.Fault != "" {
			fmt.Fprintf(&faults, "%s: %s\n", r.Name, r.Fault)
		}
	}
	reports = slices.DeleteFunc(slices.Clone(reports), func(r Report) bool { return r.Fault != "" })
	rows := [][]string{{""}, {"module"}, {"model"}, {"manufacturer"}, {"firmware"}, {"PIN is typed on the token"}, {"remembers what it signed"}}
	for _, r := range reports {
		t := r.Token
		for i, cell := range []string{r.Name, t.Module, t.Model, t.Manufacturer, t.Firmware, yes(t.ProtectedPath), yes(t.Ledger().Holds)} {
			rows[i] = append(rows[i], cell)
		}
	}
	for i, kind := range KeyTypes() {
		generate, sign := []string{"generate " + string(kind)}, []string{"sign with " + string(kind)}
		for _, r := range reports {
			can := r.Capabilities.Keys[i]
			generate = append(generate, can.generate())
			sign = append(sign, can.sign())
		}
		rows = append(rows, generate, sign)
	}
	return markdown(rows) + faults.String()
}

// generate says whether the token makes such keys, for the table.
func (k KeyCapability) generate() string {
	if k.Unclear != "" {
		return "not clear: " + k.Unclear
	}
	return yes(k.Generate)
}

// sign says how the token signs, for the table.
func (k KeyCapability) sign() string {
	switch {
	case k.Sign == "":
		return "no"
	case !k.Listed:
		return k.Sign + " (not listed)"
	}
	return k.Sign
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// markdown writes rows, the first of which is the heading, in columns.
func markdown(rows [][]string) string {
	width := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], len(cell), 1)
		}
	}
	var b strings.Builder
	for n, row := range rows {
		for i, cell := range row {
			fmt.Fprintf(&b, "| %-*s ", width[i], cell)
		}
		b.WriteString("|\n")
		if n > 0 {
			continue
		}
		for _, columns := range width {
			b.WriteString("|" + strings.Repeat("-", columns+2))
		}
		b.WriteString("|\n")
	}
	return b.String()
}
