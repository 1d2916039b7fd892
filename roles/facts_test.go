package roles

import (
	"reflect"
	"testing"
)

func TestFacts(t *testing.T) {
	for _, test := range []struct {
		custom string
		want   Facts
		fails  bool
	}{
		{custom: ``, want: Facts{Counter: -1}},
		{custom: `{"hardwareIds":["a","b"],"releaseCounter":3}`, want: Facts{HardwareIDs: []string{"a", "b"}, Counter: 3}},
		{custom: `{"ecuIdentifiers":{"E1":{"hardwareId":"a"},"E2":{}}}`, want: Facts{HardwareIDs: []string{"a"}, Counter: -1, ECUs: []string{"E1", "E2"}}},
		{custom: `{"name":"{\"releaseCounter\":9}"}`, want: Facts{Counter: -1}},
		{custom: `{"releaseCounter":"3"}`, fails: true},
	} {
		image := Image{}
		if test.custom != "" {
			image.Custom = []byte(test.custom)
		}
		got, err := image.Facts()
		if (err != nil) != test.fails {
			t.Errorf("%s: got error %v", test.custom, err)
		}
		if err == nil && !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %+v, want %+v", test.custom, got, test.want)
		}
	}
}
