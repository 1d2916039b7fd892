package record

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/ceremony/transcript"
)

var update = flag.Bool("update", false, "write the golden files anew")

func mustMake(t *testing.T, s *scripted) *page.Document {
	t.Helper()
	d, err := Make(s.Open(), s.plan.Ceremony+"/main")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func html(t *testing.T, d *page.Document) []byte {
	t.Helper()
	data, err := d.HTML()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestRecordText holds the whole text of a record, but for hashes, against a file.
func TestRecordText(t *testing.T) {
	got := mustMake(t, newScripted(t, "token of b lost", nil)).Text()
	if *update {
		if err := os.WriteFile("testdata/record.txt", got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/record.txt")
	if err != nil {
		t.Fatal(err)
	}
	if ceremonytest.Masked(string(got)) != ceremonytest.Masked(string(want)) {
		t.Errorf("the record differs from testdata/record.txt (go test -update writes it anew):\n%s", got)
	}
}

// TestRecordAgain makes the record of one ceremony twice, the second time after
// the next ceremony and with other declarations.
func TestRecordAgain(t *testing.T) {
	s := newScripted(t, "token of b lost", nil)
	before := html(t, mustMake(t, s))
	s.Edit("trust.yaml", "expires: 14d", "expires: 13d")
	s.Write("site.yaml", "version: 1\n")
	if after := html(t, mustMake(t, s)); !bytes.Equal(before, after) {
		t.Error("the record is another one")
	}
}

// TestRecordHostile gives texts that want to be markup, or to drive a terminal.
func TestRecordHostile(t *testing.T) {
	const hostile = "</pre><script>alert(1)</script>\x1b[2J\u202e"
	s := newScripted(t, "</pre><script>", func(s *scripted) {
		s.write(2, transcript.ActorTool, transcript.Failed{Error: hostile})
		s.write(2, transcript.ActorPerson, transcript.Declined{Phrase: hostile})
	})
	d := mustMake(t, s)
	page := string(html(t, d))
	for _, bad := range []string{"<script", "\x1b", "\u202e", "</pre><", "javascript:"} {
		if bad != "</pre><" && strings.Contains(page, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	if n := strings.Count(page, "&lt;script&gt;"); n < 3 {
		t.Errorf("the page shows the text %d times", n)
	}
	if text := string(d.Text()); strings.ContainsAny(text, "\x1b\u202e") || !strings.Contains(strings.Join(strings.Fields(text), ""), `\u001b`) {
		t.Error("the text form has it raw, or not at all")
	}
}

// TestRecordReferences demands a page that needs nothing but itself.
func TestRecordReferences(t *testing.T) {
	page := string(html(t, mustMake(t, newScripted(t, "x", nil))))
	for _, bad := range []string{"<script", "<link", "<img", "src=", "href=", "url(", "@import", "http:", "https:", "onload"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	for _, want := range []string{"<!doctype html>", `<html lang="en">`, "<meta charset", `scope="col"`, "aria-label"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
}

// TestDemands names for each thing that auditors demand where the record has it.
func TestDemands(t *testing.T) {
	part := map[string]string{}
	for _, s := range mustMake(t, newScripted(t, "token of b lost", nil)).Sections {
		part[s.Mark] = string(html(t, &page.Document{Sections: []page.Section{s}}))
	}
	for _, demand := range []struct{ what, section, text string }{
		{"script prepared and followed", "A1", "plan.yaml"},
		{"script prepared and followed", "A11", "wrote image/metadata/2.root.json"},
		{"roles by phase", "A2", "consented at step"},
		{"hardware and activation material", "A3", "serial of root-a"},
		{"physical security", "B5", "access"},
		{"storage afterwards", "B3", "Kept at"},
		{"sign-off, followed or not", "B6", "does not agree"},
		{"deviations", "A8", "word 22 differs"},
		{"deviations on paper", "B1", "agree with A8"},
		{"auditor present or whole video", "B3", "video"},
		{"dual control", "A5", "custodian of root-a"},
		{"log with time, person, event, sequence", "A11", "operator"},
		{"dated, signed by all, kept", "A1", "keep until"},
		{"entry and exit", "A2", "Out UTC"},
		{"key inventory", "A4", "root-c"},
		{"pre-generated keys marked", "A4", "not used yet"},
		{"module model, mode, parameters", "B4", "mode of operation"},
		{"renewal early enough", "A6", "Next due: timestamp 1"},
		{"public key authentic to those who rely on it", "A6", "Trust anchor"},
		{"public key authentic to those who rely on it", "A10", "openssl pkeyutl -verify"},
		{"custody log with bag", "A3", "Bag out"},
		{"destruction", "B3", "destruction"},
		{"findings and waivers", "A7", "test: test"},
		{"rehearsal", "A9", "rehearsed"},
		{"head on the witness's paper", "B2", "words blank"},
		{"checkpoints", "A11", "Head, in words"},
	} {
		if !strings.Contains(part[demand.section], demand.text) {
			t.Errorf("%s: %s has no %q", demand.what, demand.section, demand.text)
		}
	}
}
