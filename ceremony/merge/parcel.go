package merge

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// parcel is the files of one site in one file. All of them are text.
type parcel struct {
	Version  int           `json:"keyrite-parcel"` // of the file format: 1
	Ceremony string        `json:"ceremony"`
	Plan     digest.SHA256 `json:"plan"`
	Site     string        `json:"site"`
	Files    []packed      `json:"files"`
}

// packed is one file.
type packed struct {
	Path string `json:"path"` // below the site's folder
	Text string `json:"text"`
}

var parcelStart = []byte(`{"keyrite-parcel":`)

func isParcel(text []byte) bool { return bytes.HasPrefix(text, parcelStart) }

// Pack makes a parcel of what this site did: everything that others need, or with small
// only what they cannot go on without, which is what fits into QR codes; with key, of that
// key alone.
func Pack(ws *workspace.Workspace, ceremony, key string, small bool) (data []byte, site string, err error) {
	_, sum, err := plan.Read(ws, ceremony)
	if err != nil {
		return nil, "", err
	}
	declared, err := ws.Site()
	if err != nil {
		return nil, "", err
	}
	p := parcel{Version: 1, Ceremony: ceremony, Plan: sum, Site: declared.Name}
	if !small {
		for _, rel := range []string{transcript.File, custodyFile} {
			if err := p.add(ws, rel); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return nil, "", err
			}
		}
	}
	for _, dir := range []string{ceremonies.KeysDir, ceremonies.SignaturesDir, "witnesses"} {
		names, err := ws.List(path.Join(ceremonies.SiteDir(ceremony, p.Site), dir))
		if err != nil {
			return nil, "", err
		}
		for _, name := range names {
			if small && (dir == "witnesses" || !isOf(name, key)) {
				continue
			}
			if err := p.add(ws, dir+"/"+name); err != nil {
				return nil, "", err
			}
		}
	}
	if len(p.Files) == 0 && key != "" {
		return nil, "", fault.Errorf(fault.Usage, "%s: %s has nothing of key %s", ceremony, p.Site, key)
	}
	if len(p.Files) == 0 {
		return nil, "", fault.Errorf(fault.Incomplete, "%s: %s has nothing yet that others need", ceremony, p.Site).
			Hint("keyrite run %s", ceremony)
	}
	data, err = p.encode()
	return data, p.Site, err
}

// encode is the one spelling of a parcel.
func (p *parcel) encode() ([]byte, error) {
	data, err := strict.JSON(p)
	return append(data, '\n'), err
}

// isOf says whether a file is the record of a key, or a signature by it; of any for "".
func isOf(name, key string) bool {
	return key == "" || name == key+".yaml" || strings.HasSuffix(name, "-"+key+".json")
}

func (p *parcel) add(ws *workspace.Workspace, rel string) error {
	name := item{site: p.Site, rel: rel}.place(p.Ceremony)
	data, err := ws.Read(name, maxItem)
	if err != nil {
		return err
	}
	if !utf8.Valid(data) {
		return fault.Errorf(fault.Unverified, "%s: is no text", name)
	}
	p.Files = append(p.Files, packed{rel, string(data)})
	return nil
}

// parcel takes the files out of one.
func (b *bag) parcel(name string, data []byte) error {
	p, err := parseParcel(name, data)
	if err != nil {
		return err
	}
	switch {
	case p.Ceremony != b.plan.Ceremony:
		return fault.Errorf(fault.Unverified, "%s: is of ceremony %q, want %s", name, p.Ceremony, b.plan.Ceremony)
	case p.Plan != b.sum:
		return fault.Errorf(fault.Unverified, "%s: is of another plan of that name; got SHA-256 %s, want %s", name, p.Plan, b.sum).
			Hint("compare the words of keyrite plan show %s at both sites", p.Ceremony)
	}
	for _, f := range p.Files {
		if err := b.add(item{p.Site, f.Path, []byte(f.Text), fmt.Sprintf("%s, %s", name, f.Path)}); err != nil {
			return err
		}
	}
	return nil
}

// parseParcel takes the one spelling that Pack has.
func parseParcel(name string, data []byte) (*parcel, error) {
	if err := strict.LineEnds(name, data); err != nil {
		return nil, err
	}
	p := new(parcel)
	err := json.Unmarshal(data, p)
	if err == nil {
		err = p.check(data)
	}
	if err != nil {
		return nil, fault.Errorf(fault.Unverified, "%s: %w", name, err)
	}
	return p, nil
}

func (p *parcel) check(data []byte) error {
	again, err := p.encode()
	if err != nil {
		return err
	}
	if !bytes.Equal(again, data) {
		return errors.New("it is not spelled as keyrite export spells it")
	}
	if p.Version != 1 {
		return fmt.Errorf("keyrite-parcel is %d, want 1", p.Version)
	}
	if i := slices.IndexFunc(p.Files, func(f packed) bool { return !wanted.MatchString(f.Path) }); i >= 0 {
		return fmt.Errorf("files[%d].path is %q, which no site gives to others", i, p.Files[i].Path)
	}
	return nil
}
