package policies

import "testing"

func TestPresets(t *testing.T) {
	for _, name := range Presets() {
		p, err := Preset(name)
		if err != nil {
			t.Fatal(err)
		}
		if p.Name() != name {
			t.Errorf("name is %q, want %q", p.Name(), name)
		}
		for _, line := range p.Show().Lines {
			if line.Origin == "" {
				t.Errorf("%s: %s has no origin", name, line.Field)
			}
		}
	}
}
