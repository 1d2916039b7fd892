package judge

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/words"
)

// client is the fleet's own, run once for each repository that it judges.
type client struct {
	Request
	*served
	work string
	runs int
}

// run serves the repository, bent or as it is, to the client. It returns why the client
// refuses it, "" where it accepts it.
func (c *client) run(ctx context.Context, bent *bent) (refusal string, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	server := &http.Server{Handler: c.handler(bent), ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	defer server.Close()
	c.runs++
	state := filepath.Join(c.work, fmt.Sprintf("state-%d", c.runs))
	if err := os.Mkdir(state, 0o700); err != nil {
		return "", err
	}
	root, err := filepath.Abs(c.TrustedRoot)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	args := append([]string{"-c", c.Command + ` "$@"`, "sh", root, "http://" + listener.Addr().String(), state}, c.images...)
	said, err := c.output(exec.CommandContext(ctx, "/bin/sh", args...))
	if ctx.Err() != nil {
		return "", fault.Errorf(fault.Failed, "client %q: no verdict within %s", c.Command, c.Timeout)
	}
	return c.verdict(said, err)
}

// maxSaid bounds what is kept of what a client says, in bytes.
const maxSaid = 64 << 10

// output runs the client in a group of its own, which ends with it.
func (c *client) output(run *exec.Cmd) (string, error) {
	var said tail
	run.Stdout, run.Stderr = &said, &said
	run.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	run.Cancel = func() error { return syscall.Kill(-run.Process.Pid, syscall.SIGKILL) }
	run.WaitDelay = 5 * time.Second
	err := run.Run()
	return string(said), err
}

// tail keeps the end of what is written to it.
type tail []byte

func (t *tail) Write(p []byte) (int, error) {
	*t = append(*t, p...)
	*t = (*t)[max(0, len(*t)-maxSaid):]
	return len(p), nil
}

// verdict takes it from the client's last line that is one.
func (c *client) verdict(said string, err error) (refusal string, _ error) {
	lines := strings.Split(said, "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		if line := strings.TrimSpace(lines[i]); line == "ACCEPT" {
			return "", nil
		} else if why, refuses := strings.CutPrefix(line, "REJECT"); refuses {
			if why = strings.TrimSpace(strings.TrimPrefix(why, ":")); why == "" {
				why = "it does not say why"
			}
			return why, nil
		}
	}
	if err == nil {
		err = errors.New("it ended")
	}
	return "", fault.Errorf(fault.Failed, "client %q: no verdict: %w; it said:\n%s", c.Command, err, words.Printable(strings.TrimSpace(said))).
		Hint("want ACCEPT, or REJECT: why, on a line of its own; interop has drivers of many clients")
}

// handler serves the folder, with what is bent.
func (c *client) handler(bent *bent) http.Handler {
	files := http.FileServer(http.Dir(c.dir))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
		bend := func([]byte) []byte { return nil }
		if bent != nil {
			bend = bent.files[name]
		}
		if bent == nil || bend == nil {
			files.ServeHTTP(w, r)
			return
		}
		data, err := disk.ReadFile(filepath.Join(c.dir, name), disk.MaxInput)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(bend(data)))
	})
}
