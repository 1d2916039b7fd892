// Command judge lets real TUF and Uptane clients judge repositories that
// keyrite makes, honest and bent ones, and writes their verdicts as tables to
// README.md. It fails when keyrite errs, or when a peer errs otherwise than
// exceptions.txt says.
//
// Usage: judge INTEROP, the folder of this module.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/uptane/keyrite/interop/generate"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: judge INTEROP")
		os.Exit(2)
	}
	if err := run(ctx, os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "interop:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, interop string) error {
	interop, err := filepath.Abs(interop)
	if err != nil {
		return err
	}
	known, err := readExceptions(filepath.Join(interop, "exceptions.txt"))
	if err != nil {
		return err
	}
	t := &trial{interop: interop, work: filepath.Join(interop, "work", "cases"), cases: generate.Cases()}
	if err := t.prepare(); err != nil {
		return err
	}
	if err := t.judge(ctx); err != nil {
		return err
	}
	if err := t.writeReasons(filepath.Join(interop, "work", "verdicts.txt")); err != nil {
		return err
	}
	if err := t.writeTables(filepath.Join(interop, "README.md"), known); err != nil {
		return err
	}
	return t.compare(known)
}
