// What is publicly known against tokens, by the model and the firmware that they show.

package hsm

import (
	"slices"
	"strconv"
	"strings"
)

// Advisory is a published weakness of tokens.
type Advisory struct {
	Text   string // what is weak, and for whom
	Source string // who says so, by the number under which it is found
	Broken bool   // keys of these types must not be used any more

	maker, model string    // how manufacturer and model begin, in lower case; empty: any
	firmware     []span    // nil: all
	types        []KeyType // that it concerns; nil: all
}

// span is firmware from, inclusive, to before, exclusive. An empty from is the first.
type span struct{ from, before string }

// AdvisoriesOf is when the list was last compared with its sources.
const AdvisoriesOf = "November 2026"

var (
	ecdsaTypes = []KeyType{ECDSAP256, ECDSAP384}
	rsaTypes   = []KeyType{RSA2048, RSA3072, RSA4096}
)

// advisories are read from the vendors' own pages. The firmware of a YubiKey or a
// YubiHSM 2 is a.b.c, which its module shows as a.(10b+c); a TPM shows the two halves of
// TPM2_PT_FIRMWARE_VERSION_1.
var advisories = []*Advisory{
	{
		Text:   "ECDSA keys can be copied by who has the token for some hours, opens it and measures it (EUCLEAK); fixed in firmware 5.7.0, of a YubiKey Bio 5.7.2",
		Source: "Yubico YSA-2024-03, CVE-2024-45678", model: "yubikey yk5", firmware: []span{{"", "5.70"}}, types: ecdsaTypes,
	},
	{
		Text:   "ECDSA keys can be copied by who has the token for some hours, opens it and measures it (EUCLEAK); fixed in firmware 2.4.0",
		Source: "Yubico YSA-2024-03, CVE-2024-45678", model: "yubihsm", firmware: []span{{"", "2.40"}}, types: ecdsaTypes,
	},
	{
		Text:   "ECDSA keys may be copied by who has the chip for some hours and measures it (EUCLEAK); ask its vendor from which firmware on it is safe",
		Source: "CVE-2024-45678", maker: "ifx", types: ecdsaTypes,
	},
	{
		Text:   "RSA keys that it generated follow from their public keys (ROCA); fixed in firmware 4.3.5",
		Source: "Yubico YSA-2017-01, CVE-2017-15361", Broken: true, model: "yubikey yk4", firmware: []span{{"", "4.35"}}, types: rsaTypes,
	},
	{
		Text:   "keys and ECDSA signatures that it makes soon after power-up have too little randomness; fixed in firmware 4.4.5",
		Source: "Yubico YSA-2019-02", Broken: true, model: "yubikey yk4", firmware: []span{{"4.42", "4.45"}}, types: slices.Concat(ecdsaTypes, rsaTypes),
	},
	{
		Text:   "RSA keys that it generated follow from their public keys (ROCA); Infineon has new firmware",
		Source: "Microsoft ADV170012, CVE-2017-15361", Broken: true, maker: "ifx",
		firmware: []span{{"", "4.34"}, {"4.40", "4.43"}, {"5.0", "5.62"}, {"6.0", "6.43"}, {"7.0", "7.62"}, {"133.0", "133.33"}}, types: rsaTypes,
	},
	{
		Text:   "ECDSA keys follow from the time that signatures take (TPM-FAIL); ST has new firmware",
		Source: "ST TPM firmware update of 2019, CVE-2019-16863", Broken: true, maker: "stm",
		firmware: []span{{"71.0", "71.16"}, {"73.0", "73.20"}, {"74.0", "74.20"}}, types: ecdsaTypes,
	},
	{
		Text:   "with some firmware ECDSA keys follow from the time that signatures take (Minerva)",
		Source: "CVE-2019-15809", maker: "athena", types: ecdsaTypes,
	},
	{
		Text:   "RSA keys that it generated follow from their public keys (ROCA)",
		Source: "CERT/CC VU#307015, CVE-2017-15361", Broken: true, maker: "gemalto", model: ".net", types: rsaTypes,
	},
	software("soft"), // SoftHSM, openCryptoki's soft token
	software("nss "),
	software("kryoptic"),
	software("sw "), // swtpm
}

// software is what is to be said of a token that is a program.
func software(model string) *Advisory {
	return &Advisory{Text: "private keys lie in files of this machine, for whoever may read them: good for trying out", Source: "no hardware", model: model}
}

// Advisories lists what is known against a token that holds keys of these types, or of
// any type when types is nil. It goes by what the token shows: one that shows another
// model is not found.
func Advisories(info TokenInfo, types []KeyType) (list []*Advisory) {
	for _, a := range advisories {
		if a.concerns(info) && (types == nil || a.types == nil || slices.ContainsFunc(types, func(t KeyType) bool { return slices.Contains(a.types, t) })) {
			list = append(list, a)
		}
	}
	return list
}

func (a *Advisory) concerns(info TokenInfo) bool {
	if !strings.Contains(strings.ToLower(info.Manufacturer), a.maker) || !strings.Contains(strings.ToLower(info.Model), a.model) {
		return false
	}
	within := func(s span) bool {
		return !olderFirmware(info.Firmware, s.from) && olderFirmware(info.Firmware, s.before)
	}
	return a.firmware == nil || slices.ContainsFunc(a.firmware, within)
}

// olderFirmware compares major.minor by numbers. What is no version is older than
// every other.
func olderFirmware(a, b string) bool {
	return slices.Compare(numbersOf(a), numbersOf(b)) < 0
}

func numbersOf(version string) (list []int) {
	for part := range strings.SplitSeq(version, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			return nil
		}
		list = append(list, n)
	}
	return list
}
