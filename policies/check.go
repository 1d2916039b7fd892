package policies

import (
	"fmt"
	"slices"
	"sync"
)

// CheckInfo describes a check.
type CheckInfo struct {
	ID       string   `json:"id"`
	Severity Severity `json:"severity"`        // of a finding that breaks the limit; less for what is only advised against
	Title    string   `json:"title"`           // what holds when it passes
	Hint     string   `json:"hint"`            // what to do about a finding
	Sources  []string `json:"sources"`         // ids of clauses
	Needs    string   `json:"needs,omitempty"` // facts beyond the metadata
	Waivable bool     `json:"waivable"`
}

// check is one rule: its description and the function that judges.
type check struct {
	CheckInfo
	run func(*exam)
}

// CheckIDs are those of all checks, which waivers and severities name.
func CheckIDs() (ids []string) {
	for _, c := range checks {
		ids = append(ids, c.ID)
	}
	return ids
}

// IDs are those of all checks and clauses.
func IDs() []string {
	ids := CheckIDs()
	for _, c := range clauses {
		ids = append(ids, c.ID)
	}
	return ids
}

// Checks describes all checks, in the order in which results list them.
func Checks() []CheckInfo {
	infos := make([]CheckInfo, len(checks))
	for i, c := range checks {
		infos[i] = c.CheckInfo
	}
	return infos
}

// checkByID returns nil for an unknown id.
func checkByID(id string) *check {
	i := slices.IndexFunc(checks, func(c check) bool { return c.ID == id })
	if i < 0 {
		return nil
	}
	return &checks[i]
}

// exam is one check at work on one subject.
type exam struct {
	*Subject
	*shared
	policy   *Policy
	check    *check
	sofar    *Result // of the other checks; for WAIVERS-NEEDED alone
	findings []Finding
	count    map[Severity]int
	unknown  bool
}

// report adds a finding of the severity that the check has in this policy. got
// and want complete the sentence FIELD is GOT, want WANT.
func (e *exam) report(p place, got, want string) { e.add(e.policy.severity(e.check), p, got, want) }

// advise adds a finding about something that is only advised against.
func (e *exam) advise(p place, got, want string) {
	e.add(milder(Warning, e.policy.severity(e.check)), p, got, want)
}

// weigh adds a finding about something that some clients break on: an error in a
// file that is being signed, a warning in one that others made.
func (e *exam) weigh(role string, p place, got, want string) {
	if e.signs(role) {
		e.report(p, got, want)
		return
	}
	e.advise(p, got, want)
}

// remark adds a finding that is worth knowing and no more.
func (e *exam) remark(p place, got, want string) { e.add(Note, p, got, want) }

// maxFindings bounds the findings of one severity that one check lists.
const maxFindings = 100

func (e *exam) add(severity Severity, p place, got, want string) {
	if e.count[severity]++; e.count[severity] > maxFindings {
		return
	}
	p.field, got, want = printable(p.field), printable(got), printable(want)
	e.findings = append(e.findings, Finding{
		ID: e.check.ID, Severity: severity, Sources: e.check.Sources,
		Repository: e.Repository, Role: p.role, Field: p.field, Got: got, Want: want,
		Message: fmt.Sprintf("%s is %s, want %s", p.field, got, want),
		Hint:    e.check.Hint,
	})
}

// lacks notes that facts are missing for a full judgement.
func (e *exam) lacks() { e.unknown = true }

// Check runs every check on a subject.
func (p *Policy) Check(s *Subject) Result {
	if s.Next == nil {
		whole := *s
		whole.Next = &Set{}
		s = &whole
	}
	exams, common := make([]*exam, len(checks)), share(s)
	for i := range checks {
		exams[i] = &exam{Subject: s, shared: common, policy: p, check: &checks[i], count: map[Severity]int{}}
	}
	r := Result{Policy: p.name, Findings: []Finding{}, Passed: []string{}, Unknown: []string{}}
	last := exams[len(exams)-1] // WAIVERS-NEEDED, which looks at what the others found
	r.run(exams[:len(exams)-1])
	last.sofar = &r
	r.run([]*exam{last})
	waive(s.Waivers, r.Findings)
	return r
}

// run lets checks work side by side and adds what came of them, in their order.
func (r *Result) run(exams []*exam) {
	var wait sync.WaitGroup
	for _, e := range exams {
		wait.Go(func() { e.check.run(e) })
	}
	wait.Wait()
	for _, e := range exams {
		switch {
		case len(e.findings) > 0:
			r.Findings = append(r.Findings, e.findings...)
		case e.unknown:
			r.Unknown = append(r.Unknown, e.check.ID)
		default:
			r.Passed = append(r.Passed, e.check.ID)
		}
	}
}

// severity is what a check's findings have in this policy.
func (p *Policy) severity(c *check) Severity {
	if s, ok := p.doc.Severity[c.ID]; ok {
		return s
	}
	return c.Severity
}

func milder(a, b Severity) Severity {
	if slices.Index(severities, string(a)) < slices.Index(severities, string(b)) {
		return a
	}
	return b
}

// place is where a finding lies: a role and the path of a field in trust.yaml.
type place struct{ role, field string }
