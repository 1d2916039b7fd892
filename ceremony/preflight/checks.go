package preflight

import (
	"maps"
	"slices"

	"github.com/uptane/keyrite/ceremony/words"
)

// Checks of preflight, by the names that waivers in site.yaml use.
const (
	CheckBuild      = "BUILD"
	CheckCoreDumps  = "CORE-DUMPS"
	CheckMemory     = "MEMORY"
	CheckMemoryLock = "MEMORY-LOCK"
	CheckOwnNetwork = "OWN-NETWORK"
	CheckNetwork    = "NETWORK"
	CheckRoute      = "ROUTE"
	CheckSwap       = "SWAP"
	CheckClock      = "CLOCK"
	CheckFolder     = "FOLDER"
	CheckTerminal   = "TERMINAL"
	CheckModule     = "MODULE"
	CheckModulePin  = "MODULE-PIN"
	CheckHelper     = "HELPER"
	CheckToken      = "TOKEN"
	CheckPIN        = "PIN"
	CheckAdvisory   = "ADVISORY"
	CheckWaiver     = "WAIVER"
)

// check is what preflight looks at under one name.
type check struct {
	what  string
	never bool // it cannot be waived
}

var checks = map[string]check{
	CheckBuild:      {what: "keyrite was built from a commit"},
	CheckCoreDumps:  {what: "a crash leaves no secret on the disk"},
	CheckMemory:     {what: "no other process looks into keyrite or a helper"},
	CheckMemoryLock: {what: "memory stays out of swap"},
	CheckOwnNetwork: {what: "keyrite itself can open no connection"},
	CheckNetwork:    {what: "no network interface is up"},
	CheckRoute:      {what: "no route leads anywhere"},
	CheckSwap:       {what: "swap is off"},
	CheckClock:      {what: "the clock is plausible, and people confirmed it"},
	CheckFolder:     {what: "results can be written"},
	CheckTerminal:   {what: "what people consent to fits on the screen"},
	CheckModule:     {what: "the module is the pinned file", never: true},
	CheckModulePin:  {what: "the module is pinned"},
	CheckHelper:     {what: "a module reaches only what site.yaml declares"},
	CheckToken:      {what: "the token is here and can be used"},
	CheckPIN:        {what: "tries of the user PIN are left"},
	CheckAdvisory:   {what: "no weakness of the token's model and firmware is known"},
	CheckWaiver:     {what: "waivers name checks that can be waived", never: true},
}

// OfTheMachine are the checks that any machine may fail on which somebody only tries
// keyrite out, with tokens that are programs.
var OfTheMachine = []string{CheckAdvisory, CheckCoreDumps, CheckHelper, CheckMemory, CheckMemoryLock, CheckNetwork, CheckRoute, CheckSwap}

// whyNot says why a waiver of this check is none.
func (c check) whyNot(id string, known bool) string {
	if known {
		return "cannot be waived: " + c.what
	}
	if near, ok := words.Nearest(id, waivable()); ok {
		return "is no check; did you mean " + near + "?"
	}
	return "is no check; want one of " + words.List(waivable())
}

// waivable lists the checks that a waiver may name.
func waivable() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(checks)), func(id string) bool { return checks[id].never })
}
