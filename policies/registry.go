package policies

import "slices"

// checks are all checks, in the order in which they are listed. The last one
// looks at what the others found.
var checks []check

func init() {
	checks = slices.Concat(
		thresholdChecks(),
		[]check{thresholdReachable, keyReserve},
		[]check{keysDistinct, keysOneRole, delegatedKeysApart, keysOneRepository, keyMissing, keyUnused, keyUsable, keyID, keyType, keyPossession, keyExternal},
		[]check{keyROCA, keyExponent, keyFactors, keyCommonFactor, keyPublished},
		[]check{keyStolen, keysTogether},
		custodyChecks(),
		[]check{tokenQuorum, tokenApart, custodianQuorum, custodianApart},
		[]check{officersEnough, partsApart, peoplePresent, quorumPresent},
		[]check{signQuorum, signOldQuorum},
		[]check{rootStep, versionStep, versionLimit, rootRotations, rootsKept, snapshotKeeps, vehiclesFollow},
		[]check{clock, expired, renewal, expiryOrder, freezeWindow},
		lifetimeChecks(),
		sizeChecks(),
		[]check{rolesExact, consistentSnapshot, clientSpec, clientPEM, clientLengths, clientLimits},
		[]check{delegationDepth, delegationNames, delegationNameForm, delegationTerminating, delegationHashes, delegationFile},
		[]check{patternForm, patternWide, patternPrefix, patternOverlap, patternChain},
		[]check{imagePath, imageCase, imageUnique, imageChanged, imageHashes, imageAllowed},
		[]check{imageCustom, imageHardware, hardwareKept, ecuUnique},
		[]check{imageCounter, counterCarried, counterRises, counterFlat, imageObsolete},
		[]check{waiversValid, waiversNeeded},
	)
}
