package ceremonies_test

import (
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/transcript"
)

// TestCopiedPast counts what a key signed once, however many transcripts tell of it.
func TestCopiedPast(t *testing.T) {
	s := ceremonytest.SignedSoftware(t)
	by := transcript.MarkedKey{Key: digest.Of([]byte("key")), Record: 7}
	ended := transcript.Aborted{Repository: "image", Because: "test", Signed: []transcript.Mark{{Role: "targets", Version: 2, By: []transcript.MarkedKey{by}}}}
	for _, site := range []string{"main", "oslo"} {
		log, err := transcript.Open(s.Open().Folder, ceremonies.SiteDir("2026-11-23-image-1", site), func() time.Time { return s.Now })
		if err != nil {
			t.Fatal(err)
		}
		if err := log.Append(0, transcript.ActorPerson, ended); err != nil {
			t.Fatal(err)
		}
		log.Close()
	}
	past, err := ceremonies.ReadPast(s.Open(), "image", "")
	if err != nil {
		t.Fatal(err)
	}
	if known := past.Signatures(by.Key, "targets"); len(known) != 1 || known[0].Seq != 7 {
		t.Errorf("got %+v", known)
	}
}
