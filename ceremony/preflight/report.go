package preflight

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// Report is what was found of a machine, in the order in which it was looked at.
type Report struct {
	transcript.Inspected
}

// pass, warn and fail add a line whose text reads forwards, with its verdict before it.
func (r *Report) pass(check, of, format string, args ...any) {
	r.add(transcript.Pass, check, of, format, args...)
}

func (r *Report) warn(check, of, format string, args ...any) {
	r.add(transcript.Warn, check, of, format, args...)
}

func (r *Report) fail(check, of, format string, args ...any) {
	r.add(transcript.Fail, check, of, format, args...)
}

func (r *Report) add(v transcript.Verdict, check, of, format string, args ...any) {
	r.Lines = append(r.Lines, transcript.Inspection{Check: check, Of: of, Verdict: v, Text: words.Line(fmt.Sprintf(format, args...))})
}

// waive sets lines aside as site.yaml has it: what fails or warns under a check that
// it names. A waiver of what cannot be waived fails itself.
func (r *Report) waive(waivers []workspace.Waiver) {
	for _, w := range waivers {
		if c, known := checks[w.Check]; !known || c.never {
			r.fail(CheckWaiver, "", "site.yaml waives %s, which %s", w.Check, c.whyNot(w.Check, known))
			continue
		}
		for i, l := range r.Lines {
			if l.Check == w.Check && (l.Verdict == transcript.Fail || l.Verdict == transcript.Warn) {
				r.Lines[i].Verdict, r.Lines[i].WaivedBy, r.Lines[i].Because = transcript.Waived, w.Person, w.Reason
			}
		}
	}
}

// brief is the report with one line for all ways out of a module's helper that are
// shut.
func (r *Report) brief() {
	shut := make(map[string]int)
	for _, l := range r.Lines {
		if l.Check == CheckHelper && l.Verdict == transcript.Pass {
			shut[l.Of]++
		}
	}
	var lines []transcript.Inspection
	for _, l := range r.Lines {
		if l.Check == CheckHelper && l.Verdict == transcript.Pass {
			if shut[l.Of] == 0 {
				continue
			}
			l.Text = fmt.Sprintf("the helper of module %s is locked in; ways out that were tried, all shut: %d", l.Of, shut[l.Of])
			shut[l.Of] = 0
		}
		lines = append(lines, l)
	}
	r.Lines = lines
}

// severity is the order in which lines are shown, what fails last: that is where
// people look.
var severity = []transcript.Verdict{transcript.Pass, transcript.Waived, transcript.Warn, transcript.Fail}

// Text shows lines of at least this severity, in lines of at most width columns.
func (r *Report) Text(from transcript.Verdict, width int) string {
	lines := slices.DeleteFunc(slices.Clone(r.Lines), func(l transcript.Inspection) bool { return rank(l.Verdict) < rank(from) })
	slices.SortStableFunc(lines, func(a, b transcript.Inspection) int { return cmp.Compare(rank(a.Verdict), rank(b.Verdict)) })
	var b strings.Builder
	for _, l := range lines {
		text := l.Text
		if l.Verdict == transcript.Waived {
			text += fmt.Sprintf("; waived by %s: %s", l.WaivedBy, l.Because)
		}
		b.WriteString(page.Fill(fmt.Sprintf("%-6s  ", l.Verdict), text, width))
	}
	return b.String()
}

func rank(v transcript.Verdict) int { return slices.Index(severity, v) }

// Summary counts the lines: "35 lines: 31 pass, 2 waived, 1 warning, 1 fails".
func (r *Report) Summary() string {
	n := make(map[transcript.Verdict]int)
	for _, l := range r.Lines {
		n[l.Verdict]++
	}
	return fmt.Sprintf("%s: %d pass, %d waived, %s, %d fail", words.Count(len(r.Lines), "line"),
		n[transcript.Pass], n[transcript.Waived], words.Count(n[transcript.Warn], "warning"), n[transcript.Fail])
}

// Failed is an error that repeats the lines that fail, nil when none does. It has code
// Token when all of them are about tokens.
func (r *Report) Failed() error {
	var failed, waivable []string
	code := fault.Token // when nothing but tokens fails
	for _, l := range r.Lines {
		if l.Verdict != transcript.Fail {
			continue
		}
		failed = append(failed, l.Text)
		if l.Check != CheckToken && l.Check != CheckPIN {
			code = fault.Failed
		}
		if !checks[l.Check].never && !slices.Contains(waivable, l.Check) {
			waivable = append(waivable, l.Check)
		}
	}
	if failed == nil {
		return nil
	}
	err := fault.Errorf(code, "this machine is not fit for a ceremony: %s", strings.Join(failed, "; "))
	if waivable != nil {
		err.Hint("mend it; or say in site.yaml who set it aside and why: waivers: [{check: %s, reason: TEXT, person: NAME}]", waivable[0])
	}
	return err
}

// ConfirmClock says which people compared the clock with a watch of their own. Fewer
// than two different ones confirm nothing.
func (r *Report) ConfirmClock(people ...string) {
	people = slices.Compact(slices.Sorted(slices.Values(people)))
	for i, l := range r.Lines {
		if l.Check == CheckClock && l.Verdict == transcript.Warn && len(people) >= 2 {
			r.Lines[i].Verdict = transcript.Pass
			r.Lines[i].Text = strings.TrimSuffix(l.Text, unconfirmed) + ", confirmed by " + words.List(people)
		}
	}
}

// ClockOpen says that the clock waits for people to confirm it.
func (r *Report) ClockOpen() bool {
	return slices.ContainsFunc(r.Lines, func(l transcript.Inspection) bool { return l.Check == CheckClock && l.Verdict == transcript.Warn })
}

const unconfirmed = ", and nobody has confirmed it"
