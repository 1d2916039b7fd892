// Command keyrite runs offline key ceremonies and signs releases for Uptane and
// TUF repositories through PKCS#11 HSMs.
//
// This folder holds flags and words only: one file per command. What the
// commands do is in package ceremony.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/uptane/keyrite/ceremony"
	"github.com/uptane/keyrite/hsm"
)

func main() {
	if hsm.IsHelper() {
		os.Exit(hsm.Helper())
	}
	hsm.Reexec()
	ctx, stop := signal.NotifyContext(context.Background(), endings()...)
	code := run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// endings are the signals at which keyrite stops in order: a prompt restores the
// terminal, and nothing of what Go would show for SIGQUIT and SIGABRT shows. A
// SIGHUP that nohup(1) ignores stays ignored.
func endings() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT, syscall.SIGABRT}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}

// run is the whole command: it returns the exit code.
func run(ctx context.Context, args []string) int {
	a := &app{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}
	root := a.rootCommand()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	if !a.started {
		err = ceremony.Errorf(ceremony.Usage, "%w", err).Hint("see keyrite --help")
	}
	complain(a.stderr, err)
	return int(ceremony.CodeOf(err))
}

// complain prints an error and its hints, each on a line of its own.
func complain(w io.Writer, err error) {
	fmt.Fprintf(w, "keyrite: %v\n", err)
	for _, hint := range ceremony.Hints(err) {
		fmt.Fprintf(w, "hint: %s\n", hint)
	}
}
