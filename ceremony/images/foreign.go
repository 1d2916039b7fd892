package images

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/roles"
)

// Claim is what a list says of an image: any of its length and its hashes.
type Claim struct {
	Path   string
	Length int64 // bytes; -1: the list does not say
	SHA256 *sha256Hex
	SHA512 *Sha512Hex
	Custom Custom
}

// ReadClaims reads lists that keyrite or others made: images.yaml; what sha256sum,
// sha512sum and the BSDs' programs print; CSV with a line of names (path, length or
// size, sha256, sha512); JSON, a list of objects with these names or an object of them
// by path, also within `images` or `targets`, with hashes also within `hashes`. Other
// names are passed over. What several lists say of a path is put together, and must
// agree. In order of path.
func ReadClaims(files []string) ([]Claim, error) {
	byPath := map[string]*Claim{}
	for _, file := range files {
		data, err := disk.ReadFile(file, MaxImagesYAML)
		if err != nil {
			return nil, &fault.Error{Code: fault.Usage, Err: err}
		}
		claims, err := readClaims(file, data)
		if err != nil {
			return nil, err
		}
		for _, c := range claims {
			if err := c.join(byPath); err != nil {
				return nil, fault.Errorf(fault.Usage, "%s: %w", file, err)
			}
		}
	}
	all := make([]Claim, 0, len(byPath))
	for _, c := range byPath {
		all = append(all, *c)
	}
	slices.SortFunc(all, func(a, b Claim) int { return strings.Compare(a.Path, b.Path) })
	return all, nil
}

// join adds what is new about a path to what is known.
func (c Claim) join(byPath map[string]*Claim) error {
	if err := roles.CheckImagePath(c.Path); err != nil {
		return fmt.Errorf("%q: %w", c.Path, err)
	}
	known := byPath[c.Path]
	if known == nil {
		byPath[c.Path] = &c
		return nil
	}
	differ := known.Length >= 0 && c.Length >= 0 && known.Length != c.Length ||
		known.SHA256 != nil && c.SHA256 != nil && *known.SHA256 != *c.SHA256 ||
		known.SHA512 != nil && c.SHA512 != nil && *known.SHA512 != *c.SHA512 ||
		known.Custom != nil && c.Custom != nil && !bytes.Equal(known.Custom, c.Custom)
	if differ {
		return fmt.Errorf("%q is there twice, with different values", c.Path)
	}
	known.Length = max(known.Length, c.Length)
	known.SHA256, known.SHA512 = cmp.Or(known.SHA256, c.SHA256), cmp.Or(known.SHA512, c.SHA512)
	if known.Custom == nil {
		known.Custom = c.Custom
	}
	return nil
}

// readClaims finds out how a list is spelled, by how it begins.
func readClaims(file string, data []byte) ([]Claim, error) {
	text := bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), " \t\r\n")
	first, _, _ := bytes.Cut(text, []byte("\n"))
	var claims []Claim
	var err error
	switch {
	case len(text) > 0 && (text[0] == '[' || text[0] == '{'):
		claims, err = jsonClaims(text)
	case sumLine.Match(bytes.TrimRight(first, "\r")):
		claims, err = sumClaims(text)
	case hasPathColumn(string(first)):
		claims, err = csvClaims(text)
	default:
		return yamlClaims(file, data)
	}
	if err != nil {
		return nil, fault.Errorf(fault.Usage, "%s: %w", file, err)
	}
	return claims, nil
}

// hasPathColumn says whether a line names the columns of CSV.
func hasPathColumn(line string) bool {
	return slices.ContainsFunc(strings.Split(line, ","), func(name string) bool {
		return strings.EqualFold(strings.Trim(name, " \t\r\""), "path")
	})
}

func yamlClaims(file string, data []byte) ([]Claim, error) {
	list, err := Parse(file, data)
	if err != nil {
		return nil, err
	}
	claims := make([]Claim, len(list.Images))
	for i := range list.Images {
		image := &list.Images[i]
		claims[i] = Claim{image.Path, image.Length, &image.SHA256, image.SHA512, image.Custom}
	}
	return claims, nil
}

// sumLine is a line of sha256sum or sha512sum, or of a BSD.
var sumLine = regexp.MustCompile(`^(?:([0-9a-fA-F]{64}|[0-9a-fA-F]{128})[ \t]+\*?(\S.*)|SHA(?:256|512) \((.+)\) = ([0-9a-fA-F]{64}|[0-9a-fA-F]{128}))$`)

func sumClaims(text []byte) (claims []Claim, err error) {
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimRight(lines.Text(), "\r")
		if line == "" {
			continue
		}
		found := sumLine.FindStringSubmatch(line)
		if found == nil {
			return nil, fmt.Errorf("line %d is %q, want a hash and a path", n, line)
		}
		c := Claim{Path: path.Clean(found[2] + found[3]), Length: -1}
		if err := c.set(found[1] + found[4]); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		claims = append(claims, c)
	}
	return claims, lines.Err()
}

// set takes a hash, which its length tells apart.
func (c *Claim) set(hexadecimal string) error {
	text := []byte(strings.ToLower(hexadecimal))
	if len(text) == hex.EncodedLen(len(sha256Hex{})) {
		c.SHA256 = new(sha256Hex)
		return c.SHA256.UnmarshalText(text)
	}
	c.SHA512 = new(Sha512Hex)
	return c.SHA512.UnmarshalText(text)
}

func csvClaims(text []byte) (claims []Claim, err error) {
	r := csv.NewReader(bytes.NewReader(text))
	r.TrimLeadingSpace = true
	names, err := r.Read()
	if err != nil {
		return nil, err
	}
	for i := range names {
		names[i] = strings.ToLower(strings.TrimSpace(names[i]))
		if slices.Contains(names[:i], names[i]) {
			return nil, fmt.Errorf("column %q is there twice", names[i])
		}
	}
	for {
		row, err := r.Read()
		if err == io.EOF {
			return claims, nil
		}
		if err != nil {
			return nil, err
		}
		c := Claim{Length: -1}
		line, _ := r.FieldPos(0)
		for i, value := range row {
			if err := c.column(names[i], value); err != nil {
				return nil, fmt.Errorf("line %d: %w", line, err)
			}
		}
		claims = append(claims, c)
	}
}

func (c *Claim) column(name, value string) (err error) {
	switch name {
	case "path":
		c.Path = path.Clean(value)
	case "length", "size":
		if c.Length, err = strconv.ParseInt(value, 10, 64); err != nil || c.Length < 0 {
			return fmt.Errorf("%s is %q, want a number of bytes", name, value)
		}
	case "sha256", "sha512":
		if want := map[string]int{"sha256": 64, "sha512": 128}[name]; len(value) != want {
			return fmt.Errorf("%s is %q, want %d hexadecimal digits", name, value, want)
		}
		return c.set(value)
	}
	return nil
}
