package preflight

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

func TestCannot(t *testing.T) {
	key := map[string]hsm.KeyType{"root-a": hsm.Ed25519}
	can := hsm.Capabilities{Keys: []hsm.KeyCapability{{Type: hsm.Ed25519, Generate: true, Sign: "CKM_EDDSA"}, {Type: hsm.RSA3072, Sign: "CKM_RSA"}, {Type: hsm.RSA4096, Generate: true}}}
	good := hsm.TokenInfo{LoginRequired: true, UserPIN: hsm.PINOK}
	alone := wanted{Sign: key, Alone: []string{"snapshot"}}
	for _, tt := range []struct {
		want wanted
		info func(*hsm.TokenInfo)
		says string
	}{
		{wanted{Make: key, Sign: key, Alone: []string{"snapshot"}}, func(*hsm.TokenInfo) {}, ""},
		{wanted{}, func(i *hsm.TokenInfo) { i.UserPIN, i.WriteProtected = hsm.PINLocked, true }, ""},
		{wanted{Sign: key}, func(i *hsm.TokenInfo) { i.UserPIN = hsm.PINLocked }, "its user PIN is locked"},
		{wanted{Sign: key}, func(i *hsm.TokenInfo) { i.UserPIN, i.LoginRequired = hsm.PINLocked, false }, ""},
		{wanted{Sign: key}, func(i *hsm.TokenInfo) { i.UserPIN = hsm.PINFinalTry }, ""},
		{alone, func(i *hsm.TokenInfo) { i.UserPIN = hsm.PINFinalTry }, "one PIN try is left, which only a person may spend; snapshot without a person cannot be signed"},
		{wanted{Sign: key}, func(i *hsm.TokenInfo) { i.ProtectedPath = true }, ""},
		{alone, func(i *hsm.TokenInfo) { i.ProtectedPath = true }, "its PIN is typed on the token; snapshot without a person cannot be signed"},
		{wanted{Sign: key}, func(i *hsm.TokenInfo) { i.WriteProtected = true }, ""},
		{wanted{Make: key}, func(i *hsm.TokenInfo) { i.WriteProtected = true }, "it is write-protected: root-a cannot be made on it"},
		{wanted{Make: map[string]hsm.KeyType{"a": hsm.RSA3072}}, func(*hsm.TokenInfo) {}, "it makes no rsa-3072 keys: a cannot be made on it"},
		{wanted{Sign: map[string]hsm.KeyType{"a": hsm.RSA3072}}, func(*hsm.TokenInfo) {}, ""},
		{wanted{Sign: map[string]hsm.KeyType{"a": hsm.RSA4096}}, func(*hsm.TokenInfo) {}, "it does not sign with rsa-4096 keys: a is of no use on it"},
		{wanted{Sign: map[string]hsm.KeyType{"a": "rsa-2048"}}, func(*hsm.TokenInfo) {}, ""}, // not in the table
	} {
		info := good
		tt.info(&info)
		got := ""
		for _, lack := range tt.want.cannot("t", info, can) {
			got += strings.TrimPrefix(lack.String(), "token t: ")
		}
		if got != tt.says {
			t.Errorf("%+v of %+v: got %q, want %q", tt.want, info, got, tt.says)
		}
	}
}

// TestTokensOfAPlan says before a ceremony what will not work in it: the token is
// write-protected, or not there, or a key wants more than one PIN.
func TestTokensOfAPlan(t *testing.T) {
	dir := ceremonytest.Small(t)
	ws := ceremonytest.Open(t, dir)
	p := &plan.Plan{Steps: []plan.Step{{Do: plan.Generate, Key: "root-a", Type: hsm.Ed25519}, {Do: plan.Sign, Role: "root", Key: "root-a"}, {Do: plan.Verify}}}
	want := func(lines ...string) {
		t.Helper()
		lacks, err := Tokens(t.Context(), ws, p)
		var got []string
		for _, lack := range lacks {
			got = append(got, lack.String())
		}
		if err != nil || !slices.Equal(got, lines) {
			t.Errorf("got %q, %v, want %q", got, err, lines)
		}
	}
	want()

	site, err := ws.Site()
	if err != nil {
		t.Fatal(err)
	}
	module, err := site.Module("soft")
	if err != nil {
		t.Fatal(err)
	}
	habit := hsmtest.WithHabit(t, module, "read-only")
	hash, err := hsm.HashModule(habit.Path)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, workspace.SiteFile)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	write(t, file, strings.NewReplacer(module.Path, habit.Path, module.SHA256, hash,
		"env: {", fmt.Sprintf("env: {HABIT: read-only, HABIT_MODULE: %s, ", module.Path)).Replace(string(text)))
	want("token all: it is write-protected: root-a cannot be made on it")
	report, err := Here("test", nil, nil).Look(t.Context(), ws, Request{Now: ceremonytest.Now})
	if err != nil || !strings.Contains(report.Text(transcript.Warn, 500), "token all: it is write-protected: root-a cannot be made on it") {
		t.Errorf("preflight: got %v, %v", report, err)
	}

	write(t, file, strings.Replace(string(text), module.Path, "/nowhere.so", 1))
	want("token all is not here, and was not looked at; keyrite preflight looks at it where it is")
}

// TestPINThatCannotBeRight is found before it costs a try.
func TestPINThatCannotBeRight(t *testing.T) {
	dir := ceremonytest.Small(t)
	ws := ceremonytest.Open(t, dir)
	site, err := ws.Site()
	if err != nil {
		t.Fatal(err)
	}
	for pin, want := range map[string]string{hsmtest.PIN: "can be read (file:" + dir + "/pin)", "1": "has a length that the token does not take", "": "not one line"} {
		write(t, filepath.Join(dir, "pin"), pin)
		r, verdict := &Report{}, transcript.Fail
		if pin == hsmtest.PIN {
			verdict = transcript.Pass
		}
		token, err := site.Token("all")
		if err != nil {
			t.Fatal(err)
		}
		r.token(t.Context(), &hsm.Viewer{}, token, Request{}, nil)
		r.wantLine(t, verdict, CheckPIN, want)
	}
}

// TestKeyThatWantsThePINEachTime is told from its record.
func TestKeyThatWantsThePINEachTime(t *testing.T) {
	record := &workspace.KeyRecord{Type: hsm.Ed25519, Evidence: &hsm.Evidence{PINEachTime: true}}
	w := &wanted{Sign: map[string]hsm.KeyType{}}
	w.sign("root-a", record)
	w.sign("root-a", record)
	w.sign("root-b", &workspace.KeyRecord{Type: hsm.Ed25519})
	w.sign("root-c", nil)
	if !slices.Equal(w.EachTime, []string{"root-a"}) || len(w.Sign) != 2 {
		t.Errorf("got %+v", w)
	}
}
