package roles

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"
)

// CompleteImage makes an image as the file will list it: with the custom fields
// that a format's server demands and that people left out, and without digests
// that it does not take. previous is the image of that path in the signed file, nil
// when it is new; at is the time of the change.
func CompleteImage(f Format, image Image, previous *Image, at time.Time) (Image, error) {
	completed, err := f.complete(image, previous, at)
	if err != nil {
		return image, fmt.Errorf("image %s: custom: %w", image.Path, err)
	}
	return completed, nil
}

func (tuf) complete(image Image, _ *Image, _ time.Time) (Image, error) { return image, nil }

// complete adds name, version, createdAt and updatedAt, without which OTA
// Community Edition's repo server refuses the whole file. Paths are immutable,
// so an image that is listed already keeps its times.
func (f otaCE) complete(image Image, previous *Image, at time.Time) (Image, error) {
	custom, err := members(image.Custom)
	if err != nil {
		return image, err
	}
	add := func(field, value string) {
		if custom[field] == nil {
			custom[field], err = json.Marshal(value)
		}
	}
	if previous != nil {
		before, err := members(previous.Custom)
		if err != nil {
			return image, err
		}
		for _, field := range []string{"createdAt", "updatedAt"} {
			if custom[field] == nil && before[field] != nil {
				custom[field] = before[field]
			}
		}
	}
	add("name", strings.TrimSuffix(path.Base(image.Path), path.Ext(image.Path)))
	version, err := versionOf(image, custom)
	if err != nil {
		return image, err
	}
	add("version", version)
	add("createdAt", FormatTime(at))
	add("updatedAt", FormatTime(at))
	if err == nil {
		image.Custom, err = json.Marshal(custom)
	}
	image.Hashes = f.imageHashes(image.Hashes)
	return image, err
}

// versionOf names an image's version: its release counter where it has one,
// else the beginning of its hash.
func versionOf(image Image, custom map[string]json.RawMessage) (string, error) {
	if counter := custom["releaseCounter"]; counter != nil {
		return string(counter), nil
	}
	if image.Hashes.SHA256 == nil {
		return "", errors.New("version is named after sha256, which is missing")
	}
	return fmt.Sprintf("%x", image.Hashes.SHA256[:6]), nil
}

func members(object []byte) (map[string]json.RawMessage, error) {
	m := map[string]json.RawMessage{}
	if object == nil {
		return m, nil
	}
	if err := json.Unmarshal(object, &m); err != nil {
		return nil, err
	}
	if m == nil { // custom is null
		m = map[string]json.RawMessage{}
	}
	return m, nil
}
