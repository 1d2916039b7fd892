package roles

import (
	"slices"
	"strings"
	"testing"
)

func TestCheckFileName(t *testing.T) {
	for _, name := range []string{
		"a", "console", "con-1", "icon", "auxiliary.bin", "com", "com10", "lpt", "com1x.bin", "nul_", "null", "prn1", "x.con",
		"a.b", ".hidden", " a", "gateway-mk2-1.4.2.bin", "a..b", "CON1", "conin", "größe",
	} {
		if err := CheckFileName(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for want, names := range map[string][]string{
		"device": {"con", "CON", "Con.bin", "con.tar.gz", "prn", "aux", "aux.c", "nul", "NUL.json", "com0", "com1", "COM9.x", "lpt0", "lpt1", "lpt9.bin", "com¹", "lpt³.x", "conin$", "CONOUT$", "con .bin", "con  "},
		"cut":    {"a.", "a ", ".", "..", "a.bin.", "a.bin ", "..."},
	} {
		for _, name := range names {
			if err := CheckFileName(name); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%q: got %v, want %s", name, err, want)
			}
		}
	}
}

// TestNamesOfTheWorld holds what fleets of aktualizr and OTA Community Edition
// have, and names of the same kind that other disks do not take.
func TestNamesOfTheWorld(t *testing.T) {
	for _, path := range []string{
		"raspberrypi3-64-c1a8b2c9e0f1d2c3b4a5968778695a4b3c2d1e0f9a8b7c6d5e4f30211203f4e5d", // OSTree commit behind a machine
		"primary_firmware.txt", "secondary_firmware.txt", "dummy/dummy-1.0", "my-package_1.0.2-rc1+git.bin",
		"qemux86-64/lmp-42", "auxiliary-board/fw.hex", "console/con-1.bin", "Nested/Folder/FW.bin", "zephyr.signed.bin.v1",
	} {
		if err := CheckImagePath(path); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	for _, path := range []string{"aux/fw.hex", "fw/nul", "fw/NUL.bin", "com1", "fw./a", "fw/a.", "a/con.bin/b"} {
		if err := CheckImagePath(path); err == nil {
			t.Errorf("%s: accepted", path)
		}
	}
	for _, name := range []string{"brakes", "supplier-1", "ACME_corp", "Con-tinental", "auxiliary", "maps.eu", "3", "-x", "_a", "targets/eu", "a@b", "a/../b"} {
		if err := CheckDelegatedName(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"con", "Aux", "nul", "COM1", "lpt9", "", "a b", "a%2F", "a\n", "a\"b", ".a", "/a", "é", "targets", "Root", "a."} {
		if err := CheckDelegatedName(name); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestCheckClash(t *testing.T) {
	for _, names := range [][]string{
		nil, {"a"}, {"a", "b"}, {"A", "b"}, {"a", "a"}, {"A", "A"}, {"A/x", "a/y"}, {"FW-1.bin", "FW-2.bin", "fw-3.bin"},
	} {
		if err := CheckClash(slices.Values(names)); err != nil {
			t.Errorf("%q: %v", names, err)
		}
	}
	for _, names := range [][]string{
		{"A", "a"}, {"a", "A"}, {"Ab", "aB"}, {"x", "fw/A.bin", "y", "fw/a.bin"}, {"a", "b", "B"}, {"Ä", "ä"},
	} {
		if err := CheckClash(slices.Values(names)); err == nil || !strings.Contains(err.Error(), "differ in case only") {
			t.Errorf("%q: got %v", names, err)
		}
	}
}
