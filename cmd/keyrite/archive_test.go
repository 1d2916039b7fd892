package main

import (
	"archive/tar"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// archive makes an archive as keyrite makes one, of whatever an attacker likes:
// releases of tar(1) fill in headers differently.
//
//	archive DIR NAMES FILE
func archive(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: archive DIR NAMES FILE")
	}
	out, err := os.Create(ts.MkAbs(args[2]))
	ts.Check(err)
	defer out.Close()
	w := tar.NewWriter(out)
	for name := range strings.FieldsSeq(ts.ReadFile(args[1])) {
		ts.Check(addTo(w, ts.MkAbs(args[0]), name))
	}
	ts.Check(w.Close())
}

// addTo adds a file, or a link as it is.
func addTo(w *tar.Writer, dir, name string) error {
	path := filepath.Join(dir, name)
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	header := &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: info.Size(), Mode: 0o644, ModTime: time.Unix(0, 0), Format: tar.FormatUSTAR}
	if info.Mode()&os.ModeSymlink != 0 {
		header.Typeflag, header.Size = tar.TypeSymlink, 0
		header.Linkname, err = os.Readlink(path)
		if err != nil {
			return err
		}
		return w.WriteHeader(header)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := w.WriteHeader(header); err != nil {
		return err
	}
	_, err = w.Write(data)
	return err
}
