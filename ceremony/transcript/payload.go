package transcript

import (
	"fmt"
	"reflect"
	"time"
)

// checkPayload refuses types that could carry a PIN. PINs are byte slices from
// the prompt to the token, so a payload is a struct in which there is neither a
// byte slice nor an interface, at any depth.
func checkPayload(t reflect.Type) error {
	if t == nil || t.Kind() != reflect.Struct {
		return fmt.Errorf("data is %v, want a struct", t)
	}
	return checkPayloadType(t)
}

var timeType = reflect.TypeFor[time.Time]()

func checkPayloadType(t reflect.Type) error {
	switch t.Kind() {
	case reflect.Struct:
		if t == timeType {
			return nil
		}
		for i := range t.NumField() {
			if err := checkPayloadType(t.Field(i).Type); err != nil {
				return fmt.Errorf("%s: %w", t.Field(i).Name, err)
			}
		}
		return nil
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return fmt.Errorf("a transcript takes no %v, which might hold a PIN", t)
		}
		return checkPayloadType(t.Elem())
	case reflect.Pointer, reflect.Array, reflect.Map:
		return checkPayloadType(t.Elem())
	case reflect.Interface:
		return fmt.Errorf("a transcript takes no %v, which might hold a PIN", t)
	}
	return nil
}
