// Command conformance speaks the command line of the TUF conformance suite
// (theupdateframework/tuf-conformance, CLIENT-CLI.md) with keyrite's own
// client, package roles. It exists for tests: keyrite has no network.
//
// Usage:
//
//	conformance --metadata-dir D init ROOT
//	conformance --metadata-dir D --metadata-url U refresh
//	conformance --metadata-dir D --metadata-url U --target-name P --target-base-url T --target-dir O download
//
// --target-name may be repeated: one client gets the images in their order and
// stops at the first that it refuses. D keeps the verified files under their names
// without version. The exit code is 0 when all went well, else 1.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	var s session
	flags := flag.NewFlagSet("conformance", flag.ContinueOnError)
	flags.StringVar((*string)(&s.metadata), "metadata-dir", "", "`folder` of the verified metadata")
	flags.StringVar((*string)(&s.server), "metadata-url", "", "`URL` of the repository's metadata")
	flags.Func("target-name", "`path` of an image to download", func(path string) error {
		s.wanted = append(s.wanted, path)
		return nil
	})
	flags.StringVar((*string)(&s.images), "target-base-url", "", "`URL` of the repository's images")
	flags.StringVar((*string)(&s.downloads), "target-dir", "", "`folder` for downloaded images")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch command := flags.Args(); {
	case len(command) == 2 && command[0] == "init":
		return s.init(command[1])
	case len(command) == 1 && command[0] == "refresh":
		_, err := s.refresh()
		return err
	case len(command) == 1 && command[0] == "download":
		return s.download()
	}
	return fmt.Errorf("got %q, want init ROOT, refresh or download", flags.Args())
}

// clock asks date(1) for the time: the suite moves the clock with libfaketime,
// which Go programs do not notice.
func clock() (time.Time, error) {
	out, err := exec.Command("date", "+%s").Output()
	if err != nil {
		return time.Time{}, err
	}
	seconds, err := strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
	return time.Unix(seconds, 0), err
}
