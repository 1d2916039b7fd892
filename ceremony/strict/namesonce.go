package strict

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// NamesOnce refuses JSON in which an object has a name twice, since readers differ in
// which value they take; which is nested more than 32 deep; or behind which something
// comes.
func NamesOnce(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if err := namesOnceIn(d, maxJSONDepth); err != nil {
		return err
	}
	if d.More() {
		return errors.New("something comes after the JSON")
	}
	return nil
}

// maxJSONDepth bounds the nesting of JSON made elsewhere.
const maxJSONDepth = 32

func namesOnceIn(d *json.Decoder, depth int) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	open, nested := token.(json.Delim)
	if !nested {
		return nil
	}
	if depth == 0 {
		return fmt.Errorf("is nested more than %d deep", maxJSONDepth)
	}
	names := map[string]bool{}
	for d.More() {
		if open == '{' {
			name, err := d.Token()
			if err != nil {
				return err
			}
			if names[name.(string)] {
				return fmt.Errorf("%q is there twice", name)
			}
			names[name.(string)] = true
		}
		if err := namesOnceIn(d, depth-1); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}
