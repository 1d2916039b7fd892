package horizon

import (
	"cmp"
	"encoding/hex"
	"time"

	"github.com/uptane/keyrite/ceremony/audit"
)

// OfSite says what of a published repository expires when. Who renews it, with what,
// only its workspace knows.
func OfSite(status *audit.Status, site *audit.Site, now time.Time) *Horizon {
	h := &Horizon{Fleet: cmp.Or(status.Fleet, site.Path), ID: hex.EncodeToString(site.Trusted.SHA256[:4]), At: now, Items: []Item{}, Next: []Gathering{}}
	for _, r := range status.Repositories {
		h.repository(r)
	}
	for i := range h.Items {
		h.Items[i].Here, h.Items[i].Command = false, ""
	}
	h.sort()
	return h
}
