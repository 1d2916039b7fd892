package policies

import "fmt"

var imageCustom = check{CheckInfo{
	ID:       "IMAGE-CUSTOM",
	Severity: Warning,
	Title:    "hardware ids, release counters and ECU ids are of the types that Uptane gives them",
	Hint:     "write hardwareIds as a list of text and releaseCounter as a whole number",
	Sources:  []string{"UPT-015"},
	Waivable: true,
}, func(e *exam) {
	e.eachImage(e.report, ".custom", "hardwareIds as a list of text, releaseCounter as a whole number", func(i *listed) string {
		if i.broken {
			return "of other types"
		}
		return ""
	})
}}

var imageHardware = check{CheckInfo{
	ID:       "IMAGE-HARDWARE",
	Severity: Warning,
	Title:    "every image names the hardware that it is for",
	Hint:     "add custom.hardwareIds: else any ECU may be told to install the image",
	Sources:  []string{"DBP-021", "UPT-015"},
	Waivable: true,
}, func(e *exam) {
	e.eachImage(e.report, ".custom.hardwareIds", "at least one", func(i *listed) string {
		if e.policy.doc.Images.HardwareIDs == Wanted && !i.broken && len(i.facts.HardwareIDs) == 0 {
			return "missing"
		}
		return ""
	})
}}

var hardwareKept = check{CheckInfo{
	ID:       "HARDWARE-KEPT",
	Severity: Warning,
	Title:    "no hardware is left without an image",
	Hint:     "let another role list images for it, or confirm that no vehicle has it any more",
	Sources:  []string{"DBP-046"},
	Waivable: true,
}, func(e *exam) {
	if !e.needPrevious() || e.Next.Targets == nil {
		e.lacks()
		return
	}
	table := e.images()
	lost := make([]*listed, len(table.hardware)) // by hardware, an image that was there
	for i, image := range table.previous {
		for _, id := range image.hardware {
			lost[id] = &table.previous[i]
		}
	}
	for _, image := range table.next {
		for _, id := range image.hardware {
			lost[id] = nil
		}
	}
	first, more := -1, -1
	for id, image := range lost {
		if image == nil {
			continue
		}
		if more++; more == 0 {
			first = id
		}
	}
	if first >= 0 {
		got := fmt.Sprintf("without an image for hardware %q, which had %q", table.hardware[first], lost[first].Path)
		if more > 0 {
			got += fmt.Sprintf(", and for %d more", more)
		}
		e.report(place{field: "repositories." + e.Repository}, got, "an image for each hardware that had one")
	}
}}

var ecuUnique = check{CheckInfo{
	ID:       "ECU-UNIQUE",
	Severity: Error,
	Title:    "no ECU is told to install two images",
	Hint:     "assign one image to each ECU: it refuses the whole file",
	Sources:  []string{"UPT-055"},
	Waivable: true,
}, func(e *exam) {
	assigned := map[string]string{}
	e.eachImage(e.report, ".custom.ecuIdentifiers", "one image for each ECU", func(i *listed) string {
		for _, serial := range i.facts.ECUs {
			if other, ok := assigned[serial]; ok {
				return fmt.Sprintf("for ECU %q, which also gets %q", serial, other)
			}
			assigned[serial] = i.Path
		}
		return ""
	})
}}
