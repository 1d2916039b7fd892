package authority

import (
	"crypto/sha256"
	"strings"
	"testing"

	"github.com/uptane/keyrite/roles"
)

// TestChip holds that what comes and what goes can be told apart without colour.
func TestChip(t *testing.T) {
	for _, test := range []struct {
		changes, goes bool
		text, fill    string
		dashed        bool
	}{
		{false, false, "root-a", "", false},
		{false, true, "root-a", "", false},
		{true, false, "+ root-a", "dark", false},
		{true, true, "− root-a", "", true},
	} {
		shapes := narrow.key(0, 0, "root-a", "officer 1", test.changes, test.goes)
		if box, text := shapes[0], shapes[1]; box.Fill != test.fill || box.Dashed != test.dashed || text.Text != test.text {
			t.Errorf("%+v: got %+v", test, shapes)
		} else if who := shapes[2]; who.Text != "officer 1" || who.Fill != text.Fill {
			t.Errorf("%+v: got %+v", test, who)
		}
	}
	if got := cut("a-very-long-name-of-a-key", 10); got != "a-very-lo…" {
		t.Errorf("got %s", got)
	}
}

// TestLongNames holds that keys which differ only at the end of their names can be told
// apart in the picture: it then has one column of them.
func TestLongNames(t *testing.T) {
	ids := []roles.KeyID{"director-root-a", "director-root-b", "director-root-c"}
	root := &roles.Root{Head: roles.Head{Version: 1}, Roles: []roles.Role{{Name: "root", Threshold: 2, KeyIDs: ids}}}
	for _, id := range ids {
		root.Keys = append(root.Keys, roles.Key{ID: id, Fingerprint: sha256.Sum256([]byte(id))})
	}
	c := &Change{After: map[string]*roles.File{"root": {Body: root}}, Name: func(k roles.Key) string { return string(k.ID) }}
	var texts []string
	for _, s := range c.Diagram().Shapes {
		texts = append(texts, s.Text)
	}
	for _, id := range ids {
		if all := strings.Join(texts, "\n"); !strings.Contains(all, "+ "+string(id)) {
			t.Errorf("%s is not whole in\n%s", id, all)
		}
	}
	c.Name = func(k roles.Key) string { return strings.TrimPrefix(string(k.ID), "director-") }
	if got := c.chip(); got != narrow {
		t.Errorf("short names: got %+v", got)
	}
}
