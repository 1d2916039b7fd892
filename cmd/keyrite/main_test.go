package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/uptane/keyrite/hsm"
)

func TestMain(m *testing.M) {
	if hsm.IsHelper() {
		os.Exit(hsm.Helper())
	}
	testscript.Main(m, map[string]func(){"keyrite": checkedMain})
}

// TestScripts runs the command as people do, on SoftHSM tokens that each script
// has for itself.
func TestScripts(t *testing.T) {
	answered := filepath.Join(t.TempDir(), "answered")
	t.Cleanup(func() { allAnswer(t, answered) })
	testscript.Run(t, scriptParams(t, newTokens(t), answered))
}

// scriptParams are those of all scripts, with copies of tokens. The names of all answers
// are collected in a file.
func scriptParams(t *testing.T, tokens, answered string) testscript.Params {
	module, err := hsm.SoftHSM()
	if err != nil {
		t.Fatal(err)
	}
	vectors, err := filepath.Abs("../../roles/testdata/vectors")
	if err != nil {
		t.Fatal(err)
	}
	return testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			checkFiles(env)
			env.Setenv("KEYRITE_ANSWERED", answered)
			env.Setenv("PIN_2", pin)
			env.Setenv("MODULE", module)
			env.Setenv("XDG_CACHE_HOME", filepath.Join(env.WorkDir, ".tmp", "cache"))
			env.Setenv("VECTORS", vectors)
			return furnish(env.WorkDir, tokens)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"archive": archive,
			"exits":   exits,
			"foreign": foreignRepository,
			"keep":    keep,
			"signs":   signs,
			"refuses": refuses,
			"plans":   plans,
			"prints":  prints,
			"room":    roomNow,
			"server":  server,
			"site":    siteOf(tokens),
			"serial":  serial,
			"types":   types,
		},
	}
}

// pin is the user PIN, and the security officer's, of every token.
const pin = "correct horse"

// newTokens makes the tokens of testdata/fleet once, with keyrite. Scripts get
// copies, since setting one up takes longer than most scripts.
func newTokens(t *testing.T) (dir string) {
	dir = t.TempDir()
	if err := furnish(dir, ""); err != nil {
		t.Fatal(err)
	}
	for _, label := range []string{"officer-1", "officer-2", "officer-3", "release"} {
		source := "file:" + filepath.Join(dir, "pin")
		out, err := exec.Command("keyrite", "-C", dir, "token", "init", label, "--pin", source, "--so-pin", source).CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	return filepath.Join(dir, "hsm", "tokens")
}

// furnish makes dir the workspace of testdata/fleet, with copies of tokens.
func furnish(dir, tokens string) error {
	if err := os.Mkdir(filepath.Join(dir, "hsm"), 0o700); err != nil {
		return err
	}
	softhsm, err := hsm.NewSoftHSM(filepath.Join(dir, "hsm"))
	if err != nil {
		return err
	}
	if tokens != "" {
		if err := os.CopyFS(filepath.Join(dir, "hsm", "tokens"), os.DirFS(tokens)); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "pin"), []byte(pin+"\n"), 0o600); err != nil {
		return err
	}
	if err := os.CopyFS(dir, os.DirFS("testdata/fleet")); err != nil {
		return err
	}
	return edit(filepath.Join(dir, "site.yaml"), "$MODULE", softhsm.Path, "$SHA256", softhsm.SHA256, "$WORK", dir)
}

// siteOf makes a folder the workspace of a site, with tokens of its own that are called
// as those of every site: site NAME KEY,... OTHER=KEY,...
func siteOf(tokens string) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) < 2 {
			ts.Fatalf("usage: site NAME KEY,... OTHER=KEY,...")
		}
		dir := ts.MkAbs(args[0])
		ts.Check(os.MkdirAll(dir, 0o755))
		ts.Check(furnish(dir, tokens))
		var site strings.Builder
		held := strings.Split(args[1], ",")
		for line := range strings.Lines(ts.ReadFile(filepath.Join(dir, "site.yaml"))) {
			key, _, isKey := strings.Cut(strings.TrimSpace(line), ": ")
			if isKey && strings.HasPrefix(line, "  ") && strings.Contains(line, "-") && !strings.Contains(line, "{") && !slices.Contains(held, key) {
				continue
			}
			site.WriteString(strings.Replace(line, "site: main", "site: "+args[0], 1))
		}
		site.WriteString("elsewhere:\n")
		for _, other := range args[2:] {
			name, keys, _ := strings.Cut(other, "=")
			for key := range strings.SplitSeq(keys, ",") {
				fmt.Fprintf(&site, "  %s: %s\n", key, name)
			}
		}
		ts.Check(os.WriteFile(filepath.Join(dir, "site.yaml"), []byte(site.String()), 0o644))
	}
}

// edit replaces old texts with new ones in a file.
func edit(file string, oldnew ...string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return os.WriteFile(file, []byte(strings.NewReplacer(oldnew...).Replace(string(data))), 0o644)
}

var (
	planLine = regexp.MustCompile(`(?m)^plan +(\S+)$`)
	hashLine = regexp.MustCompile(`(?m)^sha-256 +([0-9a-f]{64})$`)
)

// plans is keyrite plan, of image unless another repository is named. The name of the plan is in $PLAN afterwards, and
// what people would have on paper in $PLANSHA and $ROOMSHA.
func plans(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: plans ARGUMENTS...")
	}
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		args = append([]string{"image"}, args...)
	}
	ts.Check(ts.Exec("keyrite", append([]string{"plan"}, args...)...))
	shown := ts.ReadFile("stdout")
	found, hashes := planLine.FindStringSubmatch(shown), hashLine.FindAllStringSubmatch(shown, -1)
	if found == nil || len(hashes) != 2 {
		ts.Fatalf("no plan was made")
	}
	ts.Setenv("PLAN", found[1])
	ts.Setenv("CEREMONY", path.Base(path.Dir(found[1])))
	ts.Setenv("PLANSHA", hashes[0][1])
	ts.Setenv("ROOMSHA", hashes[1][1])
}

// prints puts flags into $HEARD that say the fingerprints of keys in the workspace of
// another site, as people hear them by voice: prints DIR KEY...
func prints(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: prints DIR KEY...")
	}
	var flags []string
	for _, name := range args[1:] {
		ts.Check(ts.Exec("keyrite", "-C", args[0], "key", "show", name))
		found := regexp.MustCompile(`[0-9a-f]{64}`).FindString(ts.ReadFile("stdout"))
		flags = append(flags, name+"="+found)
	}
	ts.Setenv("HEARD", "--key-sha256="+strings.Join(flags, ","))
}

// room takes site.yaml as it is now for the one that people reviewed.
func roomNow(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: room")
	}
	sum := sha256.Sum256([]byte(ts.ReadFile("site.yaml")))
	ts.Setenv("ROOMSHA", hex.EncodeToString(sum[:]))
}

// exits runs a command that must end with exactly this exit code:
//
//	exits CODE keyrite ARGUMENTS...
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGUMENTS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code: got %d, want %d", got, want)
	}
}

// refuses is exits for a bad input: the command must print nothing on stdout and
// must leave every file as it was, and no new one.
func refuses(ts *testscript.TestScript, neg bool, args []string) {
	dir := ts.Getenv("WORK")
	before := snapshot(ts, dir)
	exits(ts, neg, args)
	if out := ts.ReadFile("stdout"); out != "" {
		ts.Fatalf("stdout: got %q, want nothing", out)
	}
	after := snapshot(ts, dir)
	for name, content := range after {
		if old, there := before[name]; !there {
			ts.Fatalf("%s was left behind", name)
		} else if old != content {
			ts.Fatalf("%s was changed", name)
		}
	}
	for name := range before {
		if _, there := after[name]; !there {
			ts.Fatalf("%s is gone", name)
		}
	}
}

// snapshot reads all files below dir, but those of SoftHSM, which touches them
// when it only looks, and temporary ones: the lock of a module lies there.
func snapshot(ts *testscript.TestScript, dir string) map[string]string {
	files := make(map[string]string)
	ts.Check(filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if entry.Name() == "hsm" || entry.Name() == ".tmp" {
				return fs.SkipDir
			}
			files[name] = "a folder"
			return nil
		}
		data, err := os.ReadFile(name)
		files[name] = string(data)
		return err
	}))
	return files
}
