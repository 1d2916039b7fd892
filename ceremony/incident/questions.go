package incident

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/words"
)

// Case is what somebody says has happened.
type Case struct {
	About    string   // key, supplier, software, people, machine or change
	Happened string   // one of the words that fit what it is about
	Of       []string // keys or tokens, or a repository, or roles
}

// choice is an answer, by the word that stands for it and what people read.
type choice struct{ word, text string }

// abouts is the first question.
var abouts = []choice{
	{"key", "a key or a token"},
	{"supplier", "a supplier"},
	{"software", "the software in vehicles"},
	{"people", "people, or the owner of the fleet"},
	{"machine", "this machine, or its disk"},
	{"change", "nothing bad: something expires, or shall change"},
}

// situation is an answer to the second question, and its runbook; empty where the third
// question decides.
type situation struct {
	choice
	runbook string
	of      string // what the third question asks for; empty: for nothing
}

const (
	whichKeys = "Which keys, or tokens"
	whichRole = "Which role"
)

// situations are the second question, by what it is about.
var situations = map[string][]situation{
	"key": {
		{choice{"lost", "it is lost, broken or locked, and nobody else can use it"}, "lost-token", whichKeys},
		{choice{"stolen", "somebody else may be able to use it"}, "", whichKeys},
	},
	"supplier": {
		{choice{"comes", "a new one comes"}, "supplier-added", ""},
		{choice{"goes", "one goes, in peace"}, "supplier-removed", ""},
		{choice{"changes", "one takes over from another"}, "supplier-replaced", ""},
		{choice{"stolen", "somebody else may have its key"}, "supplier-key-stolen", whichKeys},
	},
	"software": {
		{choice{"bad", "a release is bad, the older one is wanted again"}, "software-rollback", ""},
		{choice{"versions", "vehicles refuse updates, since somebody signed much higher versions"}, "fast-forward", ""},
		{choice{"unseen", "a new Image root is out, and no vehicle looks at it"}, "image-root-unseen", ""},
	},
	"people": {
		{choice{"officer", "an officer leaves, or changes their post"}, "officer-replaced", ""},
		{choice{"threshold", "more or fewer people shall have to agree"}, "threshold-changed", ""},
		{choice{"owner", "another company takes the fleet over"}, "handover", ""},
	},
	"machine": {
		{choice{"died", "it died in the middle of a ceremony"}, "machine-died", ""},
		{choice{"disk", "the workspace is gone"}, "restore-from-backup", ""},
	},
	"change": {
		{choice{"expires", "something expires soon"}, "", whichRole},
		{choice{"first", "there is no root yet"}, "first-root", ""},
		{choice{"type", "keys shall be of another type"}, "key-type-changed", ""},
		{choice{"all", "all keys shall be others"}, "all-keys-replaced", ""},
		{choice{"targets", "the targets keys shall be others"}, "targets-keys-rotated", ""},
		{choice{"secondaries", "the Director's targets key, and there are Secondaries with partial verification"}, "partial-verification", ""},
	},
}

// Ask asks, at the terminal, what a case does not say yet: three questions.
func (c *Case) Ask(ctx context.Context, p prompt.Prompter) (err error) {
	if c.About, err = pick(ctx, p, "about", "What is it about?", c.About, abouts); err != nil {
		return err
	}
	var list []choice
	for _, s := range situations[c.About] {
		list = append(list, s.choice)
	}
	if c.Happened, err = pick(ctx, p, "happened", "What is lost or stolen, or what has happened?", c.Happened, list); err != nil {
		return err
	}
	if s := c.situation(); s.of != "" && len(c.Of) == 0 {
		if !p.Asks() {
			return fault.Errorf(fault.Usage, "--of is missing: %s, with commas between them", strings.ToLower(s.of))
		}
		line, err := p.Line(ctx, s.of+", with commas between them: ")
		if err != nil {
			return err
		}
		for name := range strings.FieldsFuncSeq(line, func(r rune) bool { return r == ',' || r == ' ' }) {
			c.Of = append(c.Of, name)
		}
	}
	return nil
}

// situation is the answer to the second question, which was checked.
func (c *Case) situation() situation {
	list := situations[c.About]
	return list[slices.IndexFunc(list, func(s situation) bool { return s.word == c.Happened })]
}

// pick takes an answer that was given with a flag, or asks for its number or word.
func pick(ctx context.Context, p prompt.Prompter, flag, question, given string, list []choice) (string, error) {
	is := func(word string) bool {
		return slices.ContainsFunc(list, func(c choice) bool { return c.word == word })
	}
	if given != "" || !p.Asks() {
		if !is(given) {
			return "", fault.Errorf(fault.Usage, "--%s is %q, want one of %s", flag, given, words.List(wordsOf(list))).Suggest(given, wordsOf(list))
		}
		return given, nil
	}
	text := screen.Plainly("%s", question)
	for i, c := range list {
		text = screen.Join(text, screen.Plainly("  %d  %s (%s)", i+1, c.text, c.word))
	}
	p.Show(text)
	for {
		line, err := p.Line(ctx, fmt.Sprintf("1 to %d: ", len(list)))
		if err != nil {
			return "", err
		}
		line = strings.TrimSpace(line)
		if n, err := strconv.Atoi(line); err == nil && n >= 1 && n <= len(list) {
			return list[n-1].word, nil
		}
		if is(line) {
			return line, nil
		}
		if line == "" {
			return "", fault.Errorf(fault.Failed, "nothing was chosen")
		}
		p.Say("%s is none of them", words.Quote(line))
	}
}

func wordsOf(list []choice) (all []string) {
	for _, c := range list {
		all = append(all, c.word)
	}
	return all
}
