package policies

import (
	"crypto/elliptic"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/roles"
)

// fileCases are of versions, lifetimes, sizes and formats.
var fileCases = []wrong{
	{"ROOT-STEP", Error, "version 3 after 1", "", func(t *testing.T, f *fixture) {
		f.Next.Root.Version = 3
		f.Roots = []int64{1, 2, 3}
	}},
	{"VERSION-STEP", Error, "the same version again", "", func(t *testing.T, f *fixture) { f.Next.Targets.Version = 1 }},
	{"VERSION-STEP", Error, "a lower version", "", func(t *testing.T, f *fixture) { f.Previous.Timestamp.Version = 7 }},
	{"VERSION-STEP", Error, "one version lower", "", func(t *testing.T, f *fixture) { f.Previous.Timestamp.Version = 3 }},
	{"VERSION-STEP", Error, "a supplier's file goes back", "", func(t *testing.T, f *fixture) { f.Previous.Delegated["acme"].Version = 5 }},
	{"VERSION-STEP", Warning, "a jump", "", func(t *testing.T, f *fixture) { f.Next.Snapshot.Version = 9 }},
	{"VERSION-STEP", Warning, "down, with new keys for both", "", func(t *testing.T, f *fixture) {
		f.Previous.Snapshot.Version = 2_000_000
		f.freshOnline(t)
	}},
	{"VERSION-STEP", Error, "down, with new keys for snapshot only", "", func(t *testing.T, f *fixture) {
		f.Previous.Snapshot.Version = 2_000_000
		kept := f.Next.Root.Role("timestamp").KeyIDs
		f.freshOnline(t)
		f.Next.Root.Role("timestamp").KeyIDs = append(f.Next.Root.Role("timestamp").KeyIDs, kept[0])
		f.Next.Root.Keys = append(f.Next.Root.Keys, f.keys["timestamp-1"])
	}},
	{"VERSION-LIMIT", Error, "version 0, as old files have it", "", func(t *testing.T, f *fixture) {
		f.found()
		f.Next.Delegated["acme"].Version = 0
	}},
	{"VERSION-LIMIT", Error, "more than 31 bits", "", func(t *testing.T, f *fixture) { f.Next.Delegated["acme"].Version = 1 << 31 }},
	{"VERSION-LIMIT", Warning, "half way", "", func(t *testing.T, f *fixture) { f.Next.Delegated["acme"].Version = 1<<30 + 1 }},
	{"ROOT-ROTATIONS", Error, "300 roots", "", func(t *testing.T, f *fixture) { f.rotate(300) }},
	{"ROOT-ROTATIONS", Warning, "140 roots", "", func(t *testing.T, f *fixture) { f.rotate(140) }},
	{"VEHICLES-FOLLOW", Warning, "some are stuck", "", func(t *testing.T, f *fixture) {
		f.Stranded = []Stranded{{Who: "partial verification and root 1", Why: "0 of 1 signatures", Workshop: true}}
	}},
	{"ROOTS-KEPT", Error, "version 1 is gone", "", func(t *testing.T, f *fixture) { f.Roots = []int64{2} }},
	{"SNAPSHOT-KEEPS", Error, "a name is dropped", "", func(t *testing.T, f *fixture) { f.Next.Snapshot.Meta = f.Next.Snapshot.Meta[1:] }},

	{"CLOCK", Error, "before the inputs", "", func(t *testing.T, f *fixture) { f.NotBefore = now.Add(time.Minute) }},
	{"EXPIRED", Error, "a supplier's file", "", func(t *testing.T, f *fixture) { f.Next.Delegated["acme"].Expires = now }},
	{"EXPIRED", Warning, "an old copy of what a service renews", "", func(t *testing.T, f *fixture) {
		delete(f.Signing, "timestamp")
		f.Next.Timestamp.Version, f.Next.Timestamp.Expires = 1, now.Add(-day)
	}},
	{"EXPIRED", Error, "in what was found", "", func(t *testing.T, f *fixture) {
		f.Signing = nil
		f.Previous = f.Next
		f.Next.Timestamp.Expires = now.Add(-day)
	}},
	{"RENEWAL", Warning, "a supplier's file", "", func(t *testing.T, f *fixture) { f.Next.Delegated["acme"].Expires = now.Add(2 * day) }},
	{"EXPIRY-ORDER", Warning, "timestamp outlives snapshot", "", func(t *testing.T, f *fixture) {
		f.Next.Snapshot.Expires = now.Add(2 * day)
		f.Next.Timestamp.Expires = now.Add(3 * day)
	}},
	{"ROOT-LIFETIME", Error, "too short", "", func(t *testing.T, f *fixture) { f.Next.Root.Expires = now.Add(40 * day); f.waive("EXPIRY-ORDER") }},
	{"TARGETS-LIFETIME", Error, "a day, which no renewal mends", "", func(t *testing.T, f *fixture) { f.Next.Targets.Expires = now.Add(day); f.waive("EXPIRY-ORDER") }},
	{"ROOT-LIFETIME", Error, "ten years", "", func(t *testing.T, f *fixture) { f.Next.Root.Expires = now.Add(3650 * day) }},
	{"ROOT-LIFETIME", Warning, "two years", "", func(t *testing.T, f *fixture) { f.Next.Root.Expires = now.Add(730 * day) }},
	{"TARGETS-LIFETIME", Warning, "half a year", "", func(t *testing.T, f *fixture) { f.Next.Targets.Expires = now.Add(180 * day) }},
	{"SNAPSHOT-LIFETIME", Warning, "two months", "", func(t *testing.T, f *fixture) { f.Next.Snapshot.Expires = now.Add(60 * day) }},
	{"TIMESTAMP-LIFETIME", Error, "an hour", "", func(t *testing.T, f *fixture) { f.Next.Timestamp.Expires = now.Add(time.Hour) }},
	{"SNAPSHOT-LIFETIME", Error, "half a year", "", func(t *testing.T, f *fixture) { f.Next.Snapshot.Expires = now.Add(180 * day); f.waive("EXPIRY-ORDER") }},
	{"SNAPSHOT-LIFETIME", Warning, "half a year, as a server signed it", "", func(t *testing.T, f *fixture) {
		f.Next.Snapshot.Expires = now.Add(180 * day)
		f.serve("snapshot", "timestamp")
	}},
	{"FREEZE-WINDOW", Warning, "targets for three months, of a server of OTA CE", "", func(t *testing.T, f *fixture) {
		f.otaCE(t)
		f.serve("snapshot", "timestamp")
	}},
	{"DELEGATED-LIFETIME", Error, "two years", "", func(t *testing.T, f *fixture) { f.Next.Delegated["acme"].Expires = now.Add(730 * day) }},
	{"ROOT-SIZE", Error, "64 KiB and a byte", "", func(t *testing.T, f *fixture) { f.Next.Bytes["root"] = 65537 }},
	{"ROOT-SIZE", Warning, "40 KiB", "", func(t *testing.T, f *fixture) { f.Next.Bytes["root"] = 40 << 10 }},
	{"TARGETS-SIZE", Error, "2 GiB", "", func(t *testing.T, f *fixture) { f.Next.Bytes["targets"] = 2 << 30 }},
	{"SNAPSHOT-SIZE", Error, "100 MiB", "", func(t *testing.T, f *fixture) { f.Next.Bytes["snapshot"] = 100 << 20 }},
	{"TIMESTAMP-SIZE", Error, "1 MiB", "", func(t *testing.T, f *fixture) { f.Next.Bytes["timestamp"] = 1 << 20 }},
	{"DELEGATED-SIZE", Error, "2 GiB", "", func(t *testing.T, f *fixture) { f.Next.Bytes["acme"] = 2 << 30 }},

	{"ROLES-EXACT", Error, "mirrors", "", func(t *testing.T, f *fixture) {
		f.Next.Root.Roles = append(f.Next.Root.Roles, roles.Role{Name: "mirrors", Threshold: 1})
	}},
	{"CONSISTENT-SNAPSHOT", Warning, "plain names", "", func(t *testing.T, f *fixture) { f.Next.Root.ConsistentSnapshot = false }},
	{"CLIENT-SPEC-VERSION", Note, "1.0.31", "", func(t *testing.T, f *fixture) { f.Next.Delegated["acme"].SpecVersion = "1.0.31" }},
	{"CLIENT-PEM", Note, "one P-256 key", "", func(t *testing.T, f *fixture) { f.replace(t, "acme-1", "ecdsa-p256", ecPublic(t, elliptic.P256())) }},

	{"CLIENT-LENGTHS", Error, "6 MB of targets in what others made", "", func(t *testing.T, f *fixture) { f.large("targets", 6e6); f.unstate("targets.json") }},
	{"CLIENT-LENGTHS", Error, "6 MB of a supplier", "", func(t *testing.T, f *fixture) { f.large("acme", 6e6); f.unstate("acme.json") }},
	{"CLIENT-LENGTHS", Error, "3 MB of snapshot", "", func(t *testing.T, f *fixture) { f.large("snapshot", 3e6); f.Next.Timestamp.Snapshot.Length = -1 }},
	{"CLIENT-LIMITS", Note, "a fraction in a time", "", func(t *testing.T, f *fixture) {
		f.Next.Delegated["acme"].SpelledExpires = "2027-01-22T09:00:00.5Z"
	}},
	{"CLIENT-LIMITS", Error, "two dots in a path", "", func(t *testing.T, f *fixture) {
		f.otaCE(t)
		f.rename1("gateway..1.bin")
	}},
	{"CLIENT-LIMITS", Error, "no hardware ids", "", func(t *testing.T, f *fixture) {
		f.otaCE(t)
		f.addImage(roles.Image{Path: "clock-1.bin", Hashes: roles.HashesOf(nil), Custom: []byte(`{"releaseCounter":1}`)})
		f.waive("IMAGE-HARDWARE")
	}},
	{"CLIENT-LIMITS", Error, "a long pattern, in what was found", "", func(t *testing.T, f *fixture) {
		f.otaCE(t)
		f.found()
		f.addPath("acme/" + strings.Repeat("x", 249))
	}},
	{"CLIENT-LIMITS", Note, "a root that the key server refuses", "", func(t *testing.T, f *fixture) {
		f.otaCE(t)
		f.Next.Root.Extra = []roles.Member{{Name: "x", Raw: []byte("1")}}
	}},
}

// serve has a server sign the last roles.
func (f *fixture) serve(names ...string) {
	for _, role := range names {
		f.Server = append(f.Server, roles.Type(role))
		delete(f.Signing, role)
		roles.HeadOf(f.Next.body(role)).Version = 1
	}
}
