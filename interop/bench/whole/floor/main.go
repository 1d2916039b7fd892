// Command floor does what no verification can do without, with Go's standard
// library: it reads each metadata file, scans it once, and takes the digests that its
// referrer states (SHA-256, SHA-512) and that its one Ed25519 signature needs
// (SHA-512, RFC 8032 §5.1.7). Then it opens each listed image once, and hashes
// those that are there (SHA-256, SHA-512).
//
// Usage: floor METADATA [IMAGES LIST], two folders and a file with the paths of the
// images in the second, one a line; or floor FILE, which takes both digests of one file.
package main

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	err := errors.Join(digests(os.Args[1]), metadata(os.Args[1]))
	if len(os.Args) == 4 {
		err = errors.Join(err, images(os.Args[2], os.Args[3]))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "floor:", err)
		os.Exit(1)
	}
}

// metadata does nothing for what is no folder.
func metadata(dir string) error {
	names, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return err
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if !json.Valid(data) {
			return fmt.Errorf("%s is not JSON", name)
		}
		sha256.Sum256(data)
		sha512.Sum512(data)
		sha512.Sum512(data)
	}
	return nil
}

func images(dir, list string) error {
	names, err := os.ReadFile(list)
	if err != nil {
		return err
	}
	for name := range strings.Lines(string(names)) {
		err := digests(filepath.Join(dir, strings.TrimSuffix(name, "\n")))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// digests does nothing for a folder.
func digests(name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	short, long := sha256.New(), sha512.New()
	if info, err := file.Stat(); err != nil || info.IsDir() {
		return err
	}
	_, err = io.Copy(io.MultiWriter(short, long), file)
	return err
}
