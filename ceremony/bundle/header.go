package bundle

import (
	"archive/tar"
	"bytes"
	"fmt"
	"strings"
)

// tarBlock is the unit of tar archives, in bytes.
const tarBlock = 512

// bundleHeader makes the one header that an entry may have. The tar package
// leaves the plain USTAR form only for names and sizes that do not fit in it.
func bundleHeader(path string, length int64) *tar.Header {
	return &tar.Header{Typeflag: tar.TypeReg, Name: path, Size: length, Mode: 0o644}
}

// encodeHeader returns the blocks of the header of an entry.
func encodeHeader(path string, length int64) ([]byte, error) {
	if prefix, name, ok := splitPath(path); ok && length < plainLength {
		return plainHeader(prefix, name, length), nil
	}
	var b bytes.Buffer
	err := tar.NewWriter(&b).WriteHeader(bundleHeader(path, length))
	return b.Bytes(), err
}

// What fits in the fields of a header of one block (POSIX.1-2017 pax, ustar
// interchange format).
const (
	plainName   = 100
	plainPrefix = 155
	plainLength = 8 << 30
)

// splitPath splits a path as the fields of a header hold it, if they can: at the
// last slash that leaves a prefix that is short enough.
func splitPath(path string) (prefix, name string, ok bool) {
	if len(path) <= plainName {
		return "", path, true
	}
	i := strings.LastIndexByte(path[:min(len(path), plainPrefix+1)], '/')
	if i <= 0 || i+1 == len(path) || len(path)-i-1 > plainName {
		return "", "", false
	}
	return path[:i], path[i+1:], true
}

// plainBlock is the header of a file of mode 0644, time 0 and owner 0, without name,
// length and sum.
var plainBlock = func() (block [tarBlock]byte) {
	copy(block[100:], "0000644\x00"+"0000000\x00"+"0000000\x00"+"00000000000\x00"+"00000000000\x00")
	block[156] = tar.TypeReg
	copy(block[257:], "ustar\x00"+"00")
	copy(block[329:], "0000000\x00"+"0000000\x00")
	return block
}()

// plainHeader is the header that nearly all of a million entries have, without
// the tar package's detour.
func plainHeader(prefix, name string, length int64) []byte {
	block := plainBlock
	copy(block[:plainName], name)
	copy(block[345:], prefix)
	copy(block[124:], fmt.Sprintf("%011o", length))
	copy(block[148:156], "        ") // the sum is made with blanks in its place
	sum := 0
	for _, b := range block {
		sum += int(b)
	}
	copy(block[148:], fmt.Sprintf("%06o\x00 ", sum))
	return block[:]
}

// headerLength is the length of a header, in bytes.
func headerLength(path string, length int64) (int64, error) {
	if _, _, ok := splitPath(path); ok && length < plainLength {
		return tarBlock, nil
	}
	header, err := encodeHeader(path, length)
	return int64(len(header)), err
}

// paddingLength is how many zeros fill the last block of a content.
func paddingLength(length int64) int64 { return -length & (tarBlock - 1) }
