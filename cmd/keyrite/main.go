// Command keyrite runs offline key ceremonies and signs releases for Uptane and
// TUF repositories through PKCS#11 HSMs.
//
// This folder holds flags and words only: one file per command. What the
// commands do is in package ceremony. How they answer is in answer.go.
package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/hsm"
)

func main() {
	a := &app{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}
	os.Exit(a.main())
}

// main is the whole program: it returns the exit code.
func (a *app) main() int {
	if hsm.IsHelper() {
		return hsm.Helper()
	}
	collectSeldom()
	a.startAgain = hsm.Reexec
	ctx, end := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, endings()...)
	go func() { end(ended{(<-signals).(syscall.Signal)}) }()
	return a.execute(ctx, os.Args[1:])
}

// collectSeldom has garbage collected less often than Go does of itself, unless GOGC
// says otherwise. A command lives for a second, and what takes its memory are a few
// large files: with 100,000 images it costs a tenth less time and no memory.
func collectSeldom() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
}

// ended is why the command stops before its end.
type ended struct{ syscall.Signal }

func (e ended) Error() string { return e.Signal.String() }

// code is the exit code that shells give a program which a signal ended: 130 after
// Ctrl-C.
func (e ended) code() int { return 128 + int(e.Signal) }

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

// execute is the whole command: it returns the exit code.
func (a *app) execute(ctx context.Context, args []string) int {
	root := a.rootCommand()
	root.SetArgs(args)
	if len(args) > 1 && strings.HasPrefix(args[0], cobra.ShellCompRequestCmd) { // the shell asks what comes next
		if c, _, err := root.Find(args[1:]); err == nil {
			hideIdle(c)
		}
	}
	c, err := root.ExecuteContextC(ctx)
	if err != nil {
		err = a.explain(c, err)
	}
	if output := jsonWanted(args); err != nil && !a.started && output != "" {
		a.output = output
	}
	code := exitCode(ctx, err)
	if err == nil {
		code = a.code
	}
	if failed := a.finish(c, err, code); failed != nil {
		err = errors.Join(err, failed)
		code = exitCode(ctx, err)
	}
	if err != nil {
		a.showError(err)
	}
	return int(code)
}

// exitCode is that of a signal, if one ended the command, or of the error.
func exitCode(ctx context.Context, err error) fault.Code {
	if e := (ended{}); err != nil && errors.As(context.Cause(ctx), &e) {
		return fault.Code(e.code())
	}
	return fault.CodeOf(err)
}
