package images

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"

	"github.com/uptane/keyrite/ceremony/strict"
	"gopkg.in/yaml.v3"
)

// jsonImage is an image as JSON lists it.
type jsonImage struct {
	Path   string          `json:"path"`
	Length *int64          `json:"length"`
	Size   *int64          `json:"size"`
	SHA256 string          `json:"sha256"`
	SHA512 string          `json:"sha512"`
	Hashes jsonHashes      `json:"hashes"`
	Custom json.RawMessage `json:"custom"`
}

type jsonHashes struct {
	SHA256 string `json:"sha256"`
	SHA512 string `json:"sha512"`
}

func jsonClaims(text []byte) ([]Claim, error) {
	if err := strict.NamesOnce(text); err != nil {
		return nil, err
	}
	var within struct{ Images, Targets json.RawMessage }
	if text[0] == '{' && json.Unmarshal(text, &within) == nil && len(within.Images)+len(within.Targets) > 0 {
		text = slices.Concat(within.Images, within.Targets)
	}
	var list []jsonImage
	if err := json.Unmarshal(text, &list); err != nil {
		byPath := map[string]jsonImage{}
		if err := json.Unmarshal(text, &byPath); err != nil {
			return nil, err
		}
		for path, image := range byPath {
			image.Path = path
			list = append(list, image)
		}
	}
	claims := make([]Claim, len(list))
	for i, image := range list {
		var err error
		if claims[i], err = image.claim(); err != nil {
			return nil, fmt.Errorf("image %q: %w", image.Path, err)
		}
	}
	return claims, nil
}

func (j jsonImage) claim() (c Claim, err error) {
	c = Claim{Path: path.Clean(j.Path), Length: -1}
	if length := cmp.Or(j.Length, j.Size); length != nil {
		if c.Length = *length; c.Length < 0 {
			return c, fmt.Errorf("length is %d, want a number of bytes", c.Length)
		}
	}
	for name, value := range map[string]string{"sha256": cmp.Or(j.SHA256, j.Hashes.SHA256), "sha512": cmp.Or(j.SHA512, j.Hashes.SHA512)} {
		if value != "" {
			err = errors.Join(err, c.column(name, value))
		}
	}
	if len(j.Custom) > 0 {
		err = errors.Join(err, c.setCustom(j.Custom))
	}
	return c, err
}

// setCustom takes a custom object by the rules of images.yaml: JSON is YAML too.
func (c *Claim) setCustom(text []byte) error {
	var node yaml.Node
	if err := yaml.Unmarshal(text, &node); err != nil {
		return fmt.Errorf("custom: %w", err)
	}
	if len(node.Content) != 1 {
		return errors.New("custom: want an object")
	}
	if err := c.Custom.DecodeNode(node.Content[0]); err != nil {
		return fmt.Errorf("custom %w", err)
	}
	return nil
}
