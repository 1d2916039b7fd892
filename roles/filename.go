package roles

import (
	"errors"
	"fmt"
	"iter"
	"strings"
	"unicode/utf8"
)

// isDevice says whether Windows gives a name to a device, in any case, whatever
// follows the first dot: a file of that name cannot be made there, nor read.
func isDevice(name string) bool {
	stem, _, _ := strings.Cut(name, ".")
	stem = strings.TrimRight(stem, " ")
	if len(stem) > len("conout$") { // as nearly all of a million
		return false
	}
	switch stem = strings.ToLower(stem); stem {
	case "con", "prn", "aux", "nul", "conin$", "conout$":
		return true
	}
	port, ok := strings.CutPrefix(stem, "com")
	if !ok {
		port, ok = strings.CutPrefix(stem, "lpt")
	}
	return ok && utf8.RuneCountInString(port) == 1 && strings.Contains("0123456789¹²³", port)
}

// CheckFileName checks one part of a path that becomes the name of a file or of
// a folder. Files are carried on sticks and served by machines of all kinds, and
// a name that one of them changes or refuses is found there too late.
func CheckFileName(name string) error {
	switch {
	case isDevice(name):
		return errors.New("is the name of a device on Windows")
	case strings.HasSuffix(name, ".") || strings.HasSuffix(name, " "):
		return errors.New("ends with a dot or a space, which Windows and FAT cut off")
	}
	return nil
}

// CheckClash refuses two names in one list that differ in case only: on Windows,
// macOS and FAT they are one file. Names that are equal are not its business.
func CheckClash(names iter.Seq[string]) error {
	folded := map[string]string{} // of names with capitals; one of two that clash has some
	for name := range names {
		lower := strings.ToLower(name)
		if lower == name {
			continue
		}
		if other, found := folded[lower]; found && other != name {
			return clash(other, name)
		}
		folded[lower] = name
	}
	if len(folded) == 0 {
		return nil
	}
	for name := range names {
		if other, found := folded[name]; found {
			return clash(name, other)
		}
	}
	return nil
}

func clash(a, b string) error {
	return fmt.Errorf("%s and %s differ in case only, want one spelling", Quote(min(a, b)), Quote(max(a, b)))
}
