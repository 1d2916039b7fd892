package policies

import "slices"

// checks are all checks, in the order in which they run and are listed.
var checks []check

func init() {
	checks = slices.Concat(
		thresholdChecks(),
		[]check{thresholdReachable, keyReserve},
		lifetimeChecks(),
		[]check{expired, renewal},
		[]check{keyType},
		custodyChecks(),
		sizeChecks(),
		[]check{rootRotations, delegationDepth},
	)
}
