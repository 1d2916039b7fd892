package ci

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/hsm"
	"gopkg.in/yaml.v3"
)

// keyrite is the command, built once, in a folder of its own.
var bin string

func TestMain(m *testing.M) {
	if hsm.IsHelper() {
		os.Exit(hsm.Helper())
	}
	dir, err := os.MkdirTemp("", "keyrite-ci-")
	if err != nil {
		panic(err)
	}
	bin = dir
	if out, err := exec.Command("go", "build", "-o", filepath.Join(dir, "keyrite"), "../../cmd/keyrite").CombinedOutput(); err != nil {
		panic(string(out))
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// step is one shell step, with the environment that the template gives it.
type step struct {
	name, run string
	env       map[string]string
}

// github reads the steps of a workflow that are run by a shell.
func github(t *testing.T, file string) (steps []step) {
	var workflow struct {
		Jobs map[string]struct {
			Env   map[string]string
			Steps []struct {
				Name, Run, Uses string
				Env             map[string]string
			}
		}
	}
	parse(t, file, &workflow)
	for _, job := range workflow.Jobs {
		for _, s := range job.Steps {
			env := map[string]string{}
			for _, from := range []map[string]string{job.Env, s.Env} {
				for name, value := range from {
					env[name] = value
				}
			}
			if s.Run != "" {
				steps = append(steps, step{s.Name, s.Run, env})
			}
		}
	}
	return steps
}

// gitlab reads the script of a job.
func gitlab(t *testing.T, job string) []step {
	var file map[string]yaml.Node
	parse(t, "gitlab.yml", &file)
	var variables map[string]string
	var decoded struct{ Script []string }
	for name, into := range map[string]any{"variables": &variables, job: &decoded} {
		node := file[name]
		if err := node.Decode(into); err != nil {
			t.Fatal(err)
		}
	}
	return []step{{job, strings.Join(decoded.Script, "\n"), variables}}
}

func parse(t *testing.T, file string, into any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(ceremonytest.Content(t, file)), into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// project is a checkout of a repository with a workspace, whose remote is beside it.
type project struct {
	t   *testing.T
	dir string
	env map[string]string // what the site of CI gives: secrets and variables
}

func newProject(t *testing.T) *project {
	p := &project{t: t, dir: filepath.Join(t.TempDir(), "checkout")}
	ceremonytest.MakeDir(t, p.dir)
	small := ceremonytest.Small(t)
	pin := strings.TrimSpace(ceremonytest.Content(t, small, "pin"))
	if err := os.CopyFS(filepath.Join(p.dir, "trust"), os.DirFS(small)); err != nil {
		t.Fatal(err)
	}
	p.rewrite("trust/trust.yaml", "expires: 90d}", "expires: 90d, images: images.yaml}")
	waivers := "waivers:\n"
	for _, check := range []string{"NETWORK", "ROUTE", "SWAP", "MEMORY", "MEMORY-LOCK", "HELPER", "CORE-DUMPS", "ADVISORY"} {
		waivers += "  - {check: " + check + ", reason: a machine that runs tests, person: a test}\n"
	}
	p.rewrite("trust/site.yaml", "file:"+small+"/pin", "env:KEYRITE_PIN", "keys: {", waivers+"keys: {")
	p.rewrite("trust/hsm/softhsm2.conf", small, filepath.Join(p.dir, "trust"))
	p.write("trust/images.yaml", "version: 1\nimages: []\n")
	p.write(".gitignore", "trust/hsm/\nbuild/\n")
	if err := os.Remove(filepath.Join(p.dir, "trust/pin")); err != nil {
		t.Fatal(err)
	}
	p.write("build/images/gateway.bin", "gateway, 1")
	scripts, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	p.env = map[string]string{"KEYRITE_PIN": pin, "SCRIPTS": scripts, "XDG_CACHE_HOME": t.TempDir(),
		"DESTINATION": filepath.Join(t.TempDir(), "www"), "BUNDLE": filepath.Join(t.TempDir(), "release.tar"), "OUT": filepath.Join(t.TempDir(), "judged"),
		"REASON": "release v1", "CI_COMMIT_TAG": "v1", "CI_DEFAULT_BRANCH": "main", "KEYRITE_PUSH_URL": "origin", "PULL": "7", "GH_TOKEN": "none"}
	p.firstCeremony()
	p.sh(`git init -q -b main . && git add -A && git -c user.name=t -c user.email=t@localhost commit -q -m "first root"
		git clone -q --bare . ../remote.git && git remote add origin ../remote.git && git push -q -u origin main`)
	sum, _, _ := strings.Cut(p.sh("sha256sum trust/site.yaml"), " ")
	p.env["ROOM_SHA256"], p.env["KEYRITE_ROOM_SHA256"] = sum, sum
	return p
}

func (p *project) write(name, text string) {
	p.t.Helper()
	ceremonytest.MakeDir(p.t, filepath.Dir(filepath.Join(p.dir, name)))
	if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

func (p *project) rewrite(name string, oldnew ...string) {
	p.t.Helper()
	p.write(name, strings.NewReplacer(oldnew...).Replace(ceremonytest.Content(p.t, p.dir, name)))
}

// firstCeremony makes the keys and root, as people did.
func (p *project) firstCeremony() {
	p.sh(`keyrite -C trust plan image > ../plan
		set -- $(sed -n 's/^sha-256 *//p' ../plan)
		keyrite -C trust run --yes "$(sed -n 's/^ceremony \([^: ]*\).*/\1/p' ../plan)" --plan-sha256 "$1" --room-sha256 "$2"`)
}

// sh runs a script that must end well.
func (p *project) sh(script string) string {
	p.t.Helper()
	code, out := p.run(step{run: script})
	if code != 0 {
		p.t.Fatalf("%s: exit code %d\n%s", script, code, out)
	}
	return out
}

// run runs a step as it stands. What CI fills in, the project does.
func (p *project) run(s step) (int, string) {
	p.t.Helper()
	c := exec.Command("bash", "-e", "-o", "pipefail", "-c", s.run)
	c.Dir = p.dir
	c.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))
	for name, value := range s.env {
		if !strings.Contains(value, "${{") && p.env[name] == "" {
			c.Env = append(c.Env, name+"="+value)
		}
	}
	for name, value := range p.env {
		c.Env = append(c.Env, name+"="+value)
	}
	out, err := c.CombinedOutput()
	if c.ProcessState == nil {
		p.t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), string(out)
}

// TestRelease signs and publishes by the templates, twice each.
func TestRelease(t *testing.T) {
	for name, steps := range map[string][]step{"GitHub": github(t, "github-release.yml"), "GitLab": gitlab(t, "release")} {
		t.Run(name, func(t *testing.T) {
			p := newProject(t)
			for _, image := range []string{"", "brakes.bin"} {
				if image != "" {
					p.write("build/images/"+image, image)
					if err := os.Remove(p.env["BUNDLE"]); err != nil {
						t.Fatal(err)
					}
				}
				for _, s := range steps {
					if strings.Contains(s.run, "${{") {
						t.Errorf("step %s has an expression, which others could fill with commands", s.name)
					}
					if code, out := p.run(s); code != 0 {
						t.Fatalf("step %s: exit code %d\n%s", s.name, code, out)
					}
				}
			}
			p.sh(`keyrite verify "$DESTINATION" --trusted-root trust/image/metadata/1.root.json`)
			if log := p.sh("git log --oneline origin/main | wc -l; git status --porcelain"); strings.TrimSpace(log) != "3" {
				t.Errorf("commits and changes: %s", log)
			}
			if got := p.sh(`ls "$DESTINATION/targets" | grep -c 'gateway.bin\|brakes.bin'`); strings.TrimSpace(got) != "4" {
				t.Errorf("published: %s", got)
			}
		})
	}
}

// TestReleaseRefused ends where the room is not the one that was reviewed, or the PIN is
// not there, before anything is signed.
func TestReleaseRefused(t *testing.T) {
	p := newProject(t)
	steps := github(t, "github-release.yml")
	p.rewrite("trust/site.yaml", "unattended: [root", "unattended: [ root")
	if code, out := p.run(steps[1]); code != 4 || !strings.Contains(out, "site.yaml is not the one that was reviewed") {
		t.Errorf("another room: exit code %d\n%s", code, out)
	}
	p.sh("git checkout -q trust/site.yaml")
	p.env["KEYRITE_PIN"] = ""
	if code, out := p.run(steps[1]); code != 6 {
		t.Errorf("no PIN: exit code %d\n%s", code, out)
	}
	if out := p.sh("git status --porcelain"); out != "" {
		t.Errorf("left behind: %s", out)
	}
}

// TestJudge says what a proposed change would do.
func TestJudge(t *testing.T) {
	for name, steps := range map[string][]step{"GitHub": github(t, "github-judge.yml")[:1], "GitLab": gitlab(t, "judge")} {
		p := newProject(t)
		p.env["KEYRITE_PIN"] = "" // nobody gives it to those who propose
		if code, out := p.run(steps[0]); code != 0 {
			t.Errorf("%s: no change: exit code %d\n%s", name, code, out)
		}
		p.sh(`rm -r "$OUT"`)
		p.rewrite("trust/trust.yaml", "timestamp: {keys: [timestamp-a], threshold: 1, expires: 14d}", "timestamp: {keys: [timestamp-a], threshold: 1, expires: 13d}",
			"root: {keys: [root-a]", "root: {keys: [root-a, targets-a]")
		code, out := p.run(steps[0])
		comment := ceremonytest.Content(t, p.env["OUT"], "comment.md")
		for _, want := range []string{"## What this change of trust would do", "### Policy", "### Plan of image", "root 2", "### Vehicles of image"} {
			if !strings.Contains(comment, want) {
				t.Errorf("%s: exit code %d, the comment has no %q:\n%s\n%s", name, code, want, comment, out)
				break
			}
		}
		var sarif struct{ Runs []struct{ Results []any } }
		if err := json.Unmarshal([]byte(ceremonytest.Content(t, p.env["OUT"], "findings.sarif")), &sarif); err != nil || len(sarif.Runs) == 0 || len(sarif.Runs[0].Results) == 0 {
			t.Errorf("%s: findings %+v, %v", name, sarif, err)
		}
	}
}
