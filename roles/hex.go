package roles

import (
	"encoding/binary"
	"encoding/hex"
	"slices"
)

// Most of a targets file is hexadecimal digits, so a pair of them is read and
// written at once, as the number that its two characters make.

// pairOf holds the pair of lower-case digits of each byte.
var pairOf = func() (t [1 << 8]uint16) {
	for b := range t {
		t[b] = binary.LittleEndian.Uint16([]byte(hex.EncodeToString([]byte{byte(b)})))
	}
	return t
}()

// noPair is what byteOf has for anything but a pair of lower-case digits.
const noPair = 1 << 8

// byteOf holds the byte of each pair of lower-case digits.
var byteOf = func() (t [1 << 16]uint16) {
	for i := range t {
		t[i] = noPair
	}
	for b, pair := range pairOf {
		t[pair] = uint16(b)
	}
	return t
}()

// decodeHex decodes 2*len(dst) lower-case digits and says whether they all were.
func decodeHex(dst, digits []byte) bool {
	seen := uint16(0)
	digits = digits[:2*len(dst)]
	for i := range dst {
		b := byteOf[uint16(digits[2*i])|uint16(digits[2*i+1])<<8]
		seen |= b
		dst[i] = byte(b)
	}
	return seen < noPair
}

// appendHex appends b in lower-case digits.
func appendHex(dst, b []byte) []byte {
	start := len(dst)
	dst = slices.Grow(dst, 2*len(b))[:start+2*len(b)]
	for i, c := range b {
		binary.LittleEndian.PutUint16(dst[start+2*i:], pairOf[c])
	}
	return dst
}
