package roles

import (
	"fmt"
	"strings"
	"testing"
)

// TestHonestShortage speaks of an attack only where no signature that cannot be
// checked, or has yet to be made, explains what is missing.
func TestHonestShortage(t *testing.T) {
	const record = `{"keytype":"ml-dsa","keyval":{"public":"00"},"scheme":"ml-dsa-65"}`
	entry := func(id, sig string) string { return fmt.Sprintf(`},{"keyid":%q,"sig":%q}],"signed"`, id, sig) }
	for _, c := range []struct {
		name   string
		lists  bool // targets lists the key of an unknown scheme
		added  string
		want   string
		attack bool
	}{
		{"an unknown scheme", true, entry("0f", "00"), `key type "ml-dsa" with scheme "ml-dsa-65" is not supported`, false},
		{"a key of that scheme that did not sign", true, `}],"signed"`, "1 of 2 signatures", true},
		{"a placeholder", false, "", "sig is empty: nobody has signed there yet", false},
		{"a placeholder of a key that is not the role's", false, entry("0e", ""), "it is not a key of role targets", true},
		{"a broken signature", false, entry("0e", "zz"), "it is not a key of role targets", true},
	} {
		r := newRepo(t, TUF)
		if c.lists {
			r.root.SetRole("targets", 2, append(r.keys(3, 4), Key{ID: "0f", record: []byte(record)}))
		}
		r.signers["targets"] = []byte{3}
		if c.added == "" {
			c.added = entry(string(r.keys(4)[0].ID), "")
		}
		r.publish()
		r.edit("targets", 1, `}],"signed"`, c.added)
		r.snapshot.Meta[0] = statement(r.files["1.targets.json"])
		r.snapshot.Meta[0].Name = "targets.json"
		_, err := r.publishSnapshot().verify(nil)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "attack") != c.attack {
			t.Errorf("%s: got %v, want %s, attack %t", c.name, err, c.want, c.attack)
		}
	}
}
