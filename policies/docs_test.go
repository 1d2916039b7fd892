package policies

import (
	"flag"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/policies.md and testdata anew")

// TestDocs shows that docs/policies.md is what the checks say.
func TestDocs(t *testing.T) {
	mustNew(t, docsExample)
	var b strings.Builder
	fmt.Fprintf(&b, docsHead, docsExample)
	b.WriteString("\n## Presets\n\n")
	writePresets(t, &b)
	b.WriteString("\n## Checks\n\n")
	writeChecks(&b)
	b.WriteString("\n## Clauses\n\n")
	writeClauses(t, &b)
	golden(t, filepath.Join("..", "docs", "policies.md"), []byte(b.String()))
}

const docsHead = `# Policies

Made by ` + "`go test ./policies -update`" + ` from the checks themselves; do not edit.

A repository's ` + "`policy`" + ` in trust.yaml is a preset or a file that extends one. The checks run in ` + "`plan`" + `, in ` + "`run`" + ` immediately
before signing, in ` + "`verify`" + `, and in ` + "`keyrite policy check`" + ` on anybody's metadata. An error stops the ceremony with exit
code 3, unless a waiver in trust.yaml sets the check aside by name and with a reason.

A policy file may be stricter than its preset as it likes. What is looser needs a name and a reason:

` + "```yaml" + `
%s` + "```" + `

The severity of a check follows its source: an error for a SHALL, a warning for a SHOULD, a note for a MAY, unless less would
let one theft or one slip through. A preset's limits come in two: below ` + "`min`" + ` (above ` + "`max`" + `) is an error, below (above) ` + "`advised`" + ` is a warning. The best
practices are advice (SHOULD), so their numbers are ` + "`advised`" + `; the error begins where one stolen or lost key is enough.
The lifetimes of the Image repository are keyrite's own: the best practices announce them and do not print them.
`

const docsExample = `version: 1
extends: uptane-image
roles:
  targets: {lifetime: {max: 31d, advised: 31d}}   # stricter
  root: {threshold: {advised: 3}}                 # looser: see below
loosen:
  - {check: ROOT-THRESHOLD, reason: "five sites, three administrators", person: A. Example}
`

// writePresets writes the limits of all presets side by side.
func writePresets(t *testing.T, b *strings.Builder) {
	fmt.Fprintf(b, "| limit | %s | check |\n|---|%s---|\n", strings.Join(Presets(), " | "), strings.Repeat("---|", len(Presets())))
	every := Document{Severity: map[string]Severity{}} // so that all lines are listed, in their order
	values := map[string]map[string]string{}
	for _, name := range Presets() {
		p := mustPreset(t, name)
		maps.Copy(every.Severity, p.doc.Severity)
		for _, s := range p.doc.settings() {
			if values[s.field] == nil {
				values[s.field] = map[string]string{}
			}
			values[s.field][name] = s.value
		}
	}
	for _, s := range every.settings() {
		if strings.Join(slices.Collect(maps.Values(values[s.field])), "") == "" {
			continue
		}
		fmt.Fprintf(b, "| %s |", s.field)
		for _, name := range Presets() {
			fmt.Fprintf(b, " %s |", values[s.field][name])
		}
		fmt.Fprintf(b, " %s |\n", s.check)
	}
}

func writeChecks(b *strings.Builder) {
	b.WriteString("Severity is that of a broken limit; presets may have it milder. Needs: what has to be known beyond the metadata.\n\n")
	b.WriteString("| id | severity | holds when it passes | sources | needs | waivable |\n|---|---|---|---|---|---|\n")
	for _, c := range Checks() {
		waivable := "no"
		if c.Waivable {
			waivable = "yes"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s |\n", c.ID, c.Severity, c.Title, strings.Join(c.Sources, ", "), c.Needs, waivable)
	}
}

func writeClauses(t *testing.T, b *strings.Builder) {
	b.WriteString("Requirements that land in policies, and others that checks stand for.\n\n")
	b.WriteString("| clause | level | asks | where | checks |\n|---|---|---|---|---|\n")
	for _, clause := range clauses {
		var ids []string
		for _, c := range Checks() {
			if slices.Contains(c.Sources, clause.ID) {
				ids = append(ids, c.ID)
			}
		}
		covered := strings.Join(ids, ", ")
		reason, left := leftOut[clause.ID]
		if left == (covered != "") {
			t.Errorf("%s: checks %q and a reason to have none: %v", clause.ID, covered, left)
		}
		if left {
			covered = "none: " + reason
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", clause.ID, clause.Level, strings.ReplaceAll(clause.Text, "|", "\\|"), clause.Where, covered)
	}
}

// policyClauses are the ids of the list of requirements that land in policies,
// in the first place or also.
var policyClauses = strings.Fields(`
UPT-002 DBP-001 DBP-002 DBP-003 DBP-004 DBP-005 DBP-006 DBP-007 DBP-008 DBP-009 DBP-010 DBP-011 TUF-001 TUF-002 TUF-003
TUF-006 DBP-014 DBP-015 DBP-016 DBP-017 UPT-009 TUF-010 TUF-011 TUF-014 TUF-015 UPT-015 UPT-017 UPT-018 UPT-019 DBP-021
DBP-022 TUF-017 UPT-023 UPT-024 UPT-025 UPT-027 DBP-025 DBP-026 DBP-027 DBP-029 TUF-019 TUF-020 TUF-021 DBP-045 DBP-046
DBP-047 UPT-055 DBP-048 DBP-052 UPT-059 UPT-060 DBP-054`)

// TestClauses shows that no clause is forgotten and none is cited that does not
// exist.
func TestClauses(t *testing.T) {
	for _, id := range policyClauses {
		if _, ok := clauseByID(id); !ok {
			t.Errorf("%s is not in the list", id)
		}
	}
	seen := map[string]bool{}
	for _, c := range Checks() {
		if seen[c.ID] {
			t.Errorf("two checks are called %s", c.ID)
		}
		seen[c.ID] = true
		if c.Title == "" || c.Hint == "" || len(c.Sources) == 0 {
			t.Errorf("%s lacks a title, a hint or a source", c.ID)
		}
		for _, source := range c.Sources {
			if _, ok := clauseByID(source); !ok {
				t.Errorf("%s cites %s, which does not exist", c.ID, source)
			}
		}
	}
}
