package images

import (
	"errors"
	"fmt"

	"github.com/uptane/keyrite/roles"
)

// Of is an image of metadata as images.yaml lists it. An image that it cannot list, by
// its path, its hashes or its custom, is an error that names it.
func Of(image roles.Image) (Image, error) {
	refuse := func(err error) (Image, error) { return Image{}, fmt.Errorf("%s: %w", roles.Quote(image.Path), err) }
	if err := roles.CheckImagePath(image.Path); err != nil {
		return refuse(err)
	}
	if image.Hashes.SHA256 == nil || len(image.Hashes.Other)+len(image.Extra) > 0 {
		return refuse(errors.New("want a sha256, and no hashes and fields that are not known"))
	}
	c := Claim{}
	if image.Custom != nil {
		if err := c.setCustom(image.Custom); err != nil {
			return refuse(err)
		}
	}
	return Image{image.Path, image.Length, *image.Hashes.SHA256, (*Sha512Hex)(image.Hashes.SHA512), c.Custom}, nil
}
