package main

import (
	"cmp"
	"fmt"

	"github.com/uptane/keyrite/ceremony/audit"
	"github.com/uptane/keyrite/ceremony/frontdoor"
	"github.com/uptane/keyrite/ceremony/horizon"
	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/words"
)

// siteStatus tells of a published repository. A page that is old says that all is well, so
// one is written also where clients would refuse what is there.
func (a *app) siteStatus(out statusOut) error {
	now, err := a.now()
	if err != nil {
		return err
	}
	out.site.Now = now
	status, site, refusal := audit.ReadSite(out.site)
	if status == nil {
		return refusal
	}
	h := horizon.OfSite(status, site, now)
	if err := out.write(h, frontdoor.Paper(status, site, h).Web); err != nil {
		return err
	}
	err = a.printText(fullStatus{status, h, site}, func(wide int) screen.Text {
		return screen.Join(statusText(status, wide), siteText(site), horizonText(h, wide))
	})
	return cmp.Or(err, refusal, status.Waiting())
}

// siteText is where verification began, and what it came to.
func siteText(s *audit.Site) (text screen.Text) {
	whose := "given"
	if !s.Given {
		whose = "the oldest that is published; whose words nobody has compared"
	}
	text = screen.Join(screen.Blank, screen.Plainly("trusted root %d, %s", s.Trusted.Version, whose),
		screen.Plainly("sha-256  %s", s.Trusted.SHA256), screen.Plainly("images that clients find: %d", s.Images))
	if n := len(s.Ceremonies); n > 0 {
		last := s.Ceremonies[n-1]
		text = screen.Join(text, screen.Plainly("last ceremony %s, %s, %s", last.Name, last.State.Words(), last.Last.Format("2006-01-02 15:04Z")))
	}
	for _, n := range s.Notes {
		text = screen.Join(text, screen.Plainly("note: %s", words.Line(n.Text)))
	}
	for _, t := range s.Server {
		text = screen.Join(text, screen.Styled(screen.Warn, "a server has yet to sign %s", t))
	}
	if s.Unverified != "" {
		text = screen.Join(text, screen.Styled(screen.Bad, "%s", fmt.Sprintf("CLIENTS REFUSE IT: %s", words.Line(s.Unverified))))
	}
	return text
}
