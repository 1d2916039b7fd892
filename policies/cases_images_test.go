package policies

import (
	"testing"

	"github.com/uptane/keyrite/roles"
)

// imageCases are of images.
var imageCases = []wrong{
	{"IMAGE-PATH", Error, "out of the folder", "", func(t *testing.T, f *fixture) { f.rename1("../gateway-1.bin") }},
	{"IMAGE-PATH", Error, "percent", "", func(t *testing.T, f *fixture) { f.rename1("gateway%2f1.bin") }},
	{"IMAGE-PATH", Error, "a question mark", "", func(t *testing.T, f *fixture) { f.rename1("gateway?1.bin") }},
	{"IMAGE-PATH", Error, "a colon", "", func(t *testing.T, f *fixture) { f.rename1("gateway:1.bin") }},
	{"IMAGE-PATH", Warning, "a hash sign in what others made", "", func(t *testing.T, f *fixture) {
		f.rename1("gateway#1.bin")
		f.found()
	}},
	{"IMAGE-PATH", Warning, "a colon in a supplier's file", "", func(t *testing.T, f *fixture) {
		f.Next.Delegated["acme"].Images[0].Path = "acme/lamp:1.bin"
		f.Previous.Delegated["acme"].Images[0].Path = "acme/lamp:1.bin"
	}},
	{"IMAGE-PATH", Error, "a backslash in what others made", "", func(t *testing.T, f *fixture) {
		f.rename1("gateway\\1.bin")
		f.found()
	}},
	{"IMAGE-PATH", Error, "decomposed", "", func(t *testing.T, f *fixture) { f.rename1("gate\u0301.bin") }},
	{"IMAGE-PATH", Warning, "a space", "", func(t *testing.T, f *fixture) { f.rename1("gateway 1.bin") }},
	{"IMAGE-PATH", Warning, "a leading dot", "", func(t *testing.T, f *fixture) { f.rename1(".gateway") }},
	{"IMAGE-CASE", Warning, "capitals", "", func(t *testing.T, f *fixture) { f.addImage(image("Gateway-1.bin", "clock", 1)) }},
	{"IMAGE-UNIQUE", Error, "two files, one path", "", func(t *testing.T, f *fixture) {
		twin := image("acme/lamp-1.bin", "lamp", 2)
		twin.Length++
		f.addImage(twin)
		f.waive("COUNTER-FLAT", "IMAGE-CHANGED")
	}},
	{"IMAGE-CHANGED", Error, "another hash", "", func(t *testing.T, f *fixture) {
		f.Next.Targets.Images[0].Hashes = roles.HashesOf([]byte("other"))
	}},
	{"IMAGE-HASHES", Error, "sha512 alone", "", func(t *testing.T, f *fixture) { f.Next.Targets.Images[0].Hashes.SHA256 = nil }},
	{"IMAGE-ALLOWED", Error, "beyond the supplier's paths", "", func(t *testing.T, f *fixture) {
		acme := f.Next.Delegated["acme"]
		acme.Images = append(acme.Images, image("bosch/wiper-1.bin", "wiper", 1))
	}},
	{"IMAGE-CUSTOM", Warning, "a counter in quotes", "", func(t *testing.T, f *fixture) {
		f.Next.Targets.Images[0].Custom = []byte(`{"hardwareIds":["gateway"],"releaseCounter":"4"}`)
	}},
	{"IMAGE-HARDWARE", Warning, "no hardware", "", func(t *testing.T, f *fixture) {
		f.addImage(roles.Image{Path: "clock-1.bin", Hashes: roles.HashesOf(nil), Custom: []byte(`{"releaseCounter":1}`)})
	}},
	{"HARDWARE-KEPT", Warning, "the lamp has none", "", func(t *testing.T, f *fixture) { f.Next.Delegated["acme"].Images = nil }},
	{"ECU-UNIQUE", Error, "one ECU, two images", "", func(t *testing.T, f *fixture) {
		for _, path := range []string{"clock-1.bin", "clock-2.bin"} {
			f.addImage(roles.Image{Path: path, Hashes: roles.HashesOf(nil), Custom: []byte(`{"ecuIdentifiers":{"E1":{"hardwareId":"` + path + `"}},"releaseCounter":1}`)})
		}
	}},
	{"IMAGE-COUNTER", Warning, "no counter", "", func(t *testing.T, f *fixture) {
		f.addImage(roles.Image{Path: "clock-1.bin", Hashes: roles.HashesOf(nil), Custom: []byte(`{"hardwareIds":["clock"]}`)})
	}},
	{"COUNTER-CARRIED", Error, "lower than before", "", func(t *testing.T, f *fixture) { f.Previous.Targets.Images[0].Custom = image("", "gateway", 5).Custom }},
	{"COUNTER-CARRIED", Error, "another role forgets it", "", func(t *testing.T, f *fixture) {
		f.Previous.Targets.Images = append([]roles.Image{image("acme/lamp-1.bin", "lamp", 3)}, f.Previous.Targets.Images...)
		f.Previous.Delegated["acme"].Images = nil
	}},
	{"COUNTER-RISES", Warning, "a new image with a lower one", "", func(t *testing.T, f *fixture) {
		f.Next.Targets.Images = []roles.Image{image("gateway-2.bin", "gateway", 3)}
	}},
	{"COUNTER-FLAT", Note, "two images, one counter", "", func(t *testing.T, f *fixture) { f.addImage(image("gateway-2.bin", "gateway", 4)) }},
	{"IMAGE-OBSOLETE", Note, "the old image stays", "", func(t *testing.T, f *fixture) { f.addImage(image("gateway-2.bin", "gateway", 5)) }},
}
