package judge

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/carry"
	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/images"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/roles"
)

// TestMain is a client of a fleet too, with a fault or without.
func TestMain(m *testing.M) {
	if flaw, isClient := os.LookupEnv("JUDGE_TEST_CLIENT"); isClient {
		if err := client1(flaw, os.Args[1:]); err != nil {
			fmt.Println("REJECT:", err)
		} else {
			fmt.Println("ACCEPT")
		}
		return
	}
	os.Exit(m.Run())
}

// client1 is the client ROOT BASE STATE TARGET...
func client1(flaw string, args []string) error {
	trusted, err := os.ReadFile(args[0])
	if err != nil || flaw == "accepts all" {
		return err
	}
	if flaw == "refuses all" {
		return errors.New("I do not like it")
	}
	c, err := roles.NewClient(trusted, source(args[1]+"/metadata/"), time.Now())
	if err != nil {
		return err
	}
	if err := c.Refresh(); err != nil {
		return err
	}
	for _, path := range args[3:] {
		image, _, err := c.Find(path)
		if err != nil {
			return err
		}
		content, err := get(args[1]+"/targets/"+c.Format().ImagePaths(*image)[0], 1<<20)
		if err != nil {
			return err
		}
		if err := roles.CheckImage(image, roles.HashesOf(content), int64(len(content))); err != nil && flaw != "never looks at images" {
			return err
		}
	}
	return nil
}

// source is metadata that is served.
type source string

func (s source) Get(name string, limit int64) ([]byte, error) { return get(string(s)+name, limit+1) }

func get(url string, limit int64) ([]byte, error) {
	answer, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fs.ErrNotExist
	}
	return io.ReadAll(io.LimitReader(answer.Body, limit))
}

// packed is a bundle of a workspace with an image.
func packed(t *testing.T, format string) (file, root string) {
	t.Helper()
	s := ceremonytest.NewSoftware(t)
	s.Now = time.Now().UTC().Truncate(time.Second)
	s.Edit("trust.yaml", "format: tuf", "format: "+format)
	s.Write("images/app.bin", "content")
	s.Remove("images.yaml")
	if _, err := images.Hash(t.Context(), images.HashRequest{From: []string{s.Path("images")}, Out: s.Path("images.yaml"), HardwareIDs: []string{"ecu"}}, nil); err != nil {
		t.Fatal(err)
	}
	s.CarryOut(plan.Request{})
	file = filepath.Join(t.TempDir(), "image.tar")
	if _, err := carry.Bundle(s.Open(), carry.BundleRequest{Repository: "image", Out: file, Images: s.Path("images"), Now: s.Now, NoEvidence: true}); err != nil {
		t.Fatal(err)
	}
	return file, s.Path("image/metadata/1.root.json")
}

func TestJudge(t *testing.T) {
	for _, format := range []string{"tuf", "ota-ce"} {
		file, root := packed(t, format)
		for flaw, want := range map[string]string{
			"":                      "",
			"accepts all":           "the client accepts it with no valid signature of timestamp",
			"refuses all":           "the client refuses it: I do not like it",
			"never looks at images": "the client accepts it with another content of app.bin",
		} {
			t.Setenv("JUDGE_TEST_CLIENT", flaw)
			result, err := Judge(t.Context(), Request{Bundle: file, TrustedRoot: root, Command: os.Args[0]})
			if want == "" {
				if err != nil || len(result.Refused) != 4 || len(result.Images) != 1 {
					t.Errorf("%s: got %+v, %v", format, result, err)
				}
				continue
			}
			if fault.CodeOf(err) != fault.Unverified || !strings.Contains(fmt.Sprint(err), want) {
				t.Errorf("%s, client that %s: got %v (code %d)", format, flaw, err, fault.CodeOf(err))
			}
			if hints := fault.Hints(err); flaw != "refuses all" && !slices.Contains(hints, "is it asked for what it verifies? its driver downloads every image that it is given, from an empty state") {
				t.Errorf("%s: got the hints %q", flaw, hints)
			}
		}
	}
}

// TestNoVerdict tells a client that says nothing, never ends or is not there from one that
// refuses.
func TestNoVerdict(t *testing.T) {
	file, root := packed(t, "tuf")
	for command, want := range map[string]string{
		"echo hello; true":      "no verdict: it ended; it said:\nhello",
		"exit 3; true":          "no verdict: exit status 3",
		"/no/such/client":       "no verdict: exit status 127",
		"sleep 60; echo ACCEPT": "no verdict within 300ms",
	} {
		begun := time.Now()
		_, err := Judge(t.Context(), Request{Bundle: file, TrustedRoot: root, Command: command, Timeout: 300 * time.Millisecond})
		if fault.CodeOf(err) != fault.Failed || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%s: got %v", command, err)
		}
		if hints := fault.Hints(err); !strings.HasPrefix(command, "sleep") && !slices.Contains(hints, "want ACCEPT, or REJECT: why, on a line of its own; interop has drivers of many clients") {
			t.Errorf("%s: got the hints %q", command, hints)
		}
		if time.Since(begun) > 20*time.Second {
			t.Errorf("%s: took %s", command, time.Since(begun))
		}
	}
	if _, err := Judge(t.Context(), Request{Bundle: file, TrustedRoot: root, Command: "echo REJECT #", Timeout: time.Minute}); !strings.Contains(fmt.Sprint(err), "it does not say why") {
		t.Errorf("got %v", err)
	}
}

// TestHalfBundle has no client judge what a server completes.
func TestHalfBundle(t *testing.T) {
	s := ceremonytest.NewSoftware(t)
	s.GiveToServer("timestamp-a")
	s.CarryOut(plan.Request{})
	file := filepath.Join(t.TempDir(), "image.tar")
	if _, err := carry.Bundle(s.Open(), carry.BundleRequest{Repository: "image", Out: file, Now: s.Now, NoEvidence: true}); err != nil {
		t.Fatal(err)
	}
	_, err := Judge(t.Context(), Request{Bundle: file, TrustedRoot: s.Path("image/metadata/1.root.json"), Command: "echo ACCEPT #"})
	if fault.CodeOf(err) != fault.Incomplete {
		t.Errorf("got %v", err)
	}
}
