package policies

import "fmt"

var imageCounter = check{CheckInfo{
	ID:       "IMAGE-COUNTER",
	Severity: Warning,
	Title:    "every image has a release counter",
	Hint:     "add custom.releaseCounter: it is what keeps an older image from coming back",
	Sources:  []string{"UPT-015"},
	Waivable: true,
}, func(e *exam) {
	e.eachImage(e.report, ".custom.releaseCounter", "a whole number", func(i *listed) string {
		if e.policy.doc.Images.ReleaseCounters == Wanted && !i.broken && i.facts.Counter < 0 {
			return "missing"
		}
		return ""
	})
}}

var counterCarried = check{CheckInfo{
	ID:       "COUNTER-CARRIED",
	Severity: Error,
	Title:    "an image keeps its release counter or raises it, whoever signs it",
	Hint:     "carry the release counter over from the role that signed the image before",
	Sources:  []string{"DBP-047", "UPT-060"},
	Waivable: true,
}, func(e *exam) {
	if !e.needPrevious() {
		return
	}
	e.eachImage(e.report, ".custom.releaseCounter", "not less than is signed", func(i *listed) string {
		if b := i.before; b != nil && i.facts.Counter < b.facts.Counter && !i.broken {
			return fmt.Sprintf("%s, after %d", counterText(i.facts.Counter), b.facts.Counter)
		}
		return ""
	})
}}

var counterRises = check{CheckInfo{
	ID:       "COUNTER-RISES",
	Severity: Warning,
	Title:    "a new image has no lower release counter than the images that its hardware has",
	Hint:     "raise the release counter: vehicles that installed the other image refuse this one",
	Sources:  []string{"UPT-059", "UPT-060"},
	Waivable: true,
}, func(e *exam) {
	if !e.needPrevious() {
		return
	}
	table := e.images()
	highest := make([]int64, len(table.hardware))
	for _, image := range table.previous {
		for _, id := range image.hardware {
			highest[id] = max(highest[id], image.facts.Counter)
		}
	}
	e.eachImage(e.report, ".custom.releaseCounter", "at least as much", func(i *listed) string {
		for _, id := range i.hardware {
			if i.before == nil && i.facts.Counter >= 0 && i.facts.Counter < highest[id] {
				return fmt.Sprintf("%d, but hardware %q has an image with %d", i.facts.Counter, table.hardware[id], highest[id])
			}
		}
		return ""
	})
}}

var counterFlat = check{CheckInfo{
	ID:       "COUNTER-FLAT",
	Severity: Note,
	Title:    "the images of one hardware do not all share one release counter",
	Hint:     "raise the release counter when an older image must not come back: among equal ones any may be installed",
	Sources:  []string{"DBP-054"},
	Waivable: true,
}, func(e *exam) {
	e.eachHardware("one release counter", func(s series) int { return s.flat() }, "a higher counter for a newer image")
}}

var imageObsolete = check{CheckInfo{
	ID:       "IMAGE-OBSOLETE",
	Severity: Note,
	Title:    "no image is listed that a newer one has replaced",
	Hint:     "drop it, unless some vehicle needs it as a step between",
	Sources:  []string{"DBP-022"},
	Waivable: true,
}, func(e *exam) {
	e.eachHardware("a lower release counter than another", func(s series) int { return s.older }, "the newest images only")
}}

// series is the images of one hardware id that have a release counter.
type series struct {
	highest int64
	images  int
	older   int // images below the highest counter
}

func (s *series) add(counter int64) {
	switch {
	case s.images == 0 || counter == s.highest:
		s.highest = counter
	case counter > s.highest:
		s.older, s.highest = s.images, counter
	default:
		s.older++
	}
	s.images++
}

// flat is the number of images when all have one counter.
func (s series) flat() int {
	if s.images > 1 && s.older == 0 {
		return s.images
	}
	return 0
}

// eachHardware reports, in one finding, the hardware ids whose images a count
// does not like.
func (e *exam) eachHardware(what string, count func(series) int, want string) {
	if e.Next.Targets == nil {
		e.lacks()
		return
	}
	first, images, more := "", 0, -1
	for id, s := range e.images().series() {
		n := count(s)
		if n == 0 {
			continue
		}
		if more++; more == 0 {
			first, images = e.images().hardware[id], n
		}
	}
	if more >= 0 {
		got := fmt.Sprintf("a list of images of which %d for hardware %q have %s", images, first, what)
		if more > 0 {
			got += fmt.Sprintf(", and for %d more hardware ids likewise", more)
		}
		e.report(place{field: "repositories." + e.Repository + ".roles.targets.images"}, got, want)
	}
}

// series sorts the images of Next by hardware.
func (t *imageTable) series() []series {
	all := make([]series, len(t.hardware))
	for _, image := range t.next {
		for _, id := range image.hardware {
			if image.facts.Counter >= 0 {
				all[id].add(image.facts.Counter)
			}
		}
	}
	return all
}

func counterText(n int64) string {
	if n < 0 {
		return "missing"
	}
	return fmt.Sprint(n)
}
