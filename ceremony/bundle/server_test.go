package bundle

import (
	"reflect"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/roles"
)

var halfOffline = Server{First: roles.TypeSnapshot, Due: []roles.Due{
	{Role: roles.TypeSnapshot, Version: 8, Over: []roles.Stated{{Role: "acme", Version: 3}, {Role: "targets", Version: 5}}, Keys: []string{"snapshot-2"}},
	{Role: roles.TypeTimestamp, Over: []roles.Stated{{Role: "snapshot", Version: 8}}, Keys: []string{"timestamp-2"}},
}}

const serverText = `"server":{"first":"snapshot","due":[{"role":"snapshot","version":8,"over":[{"role":"acme","version":3},{"role":"targets","version":5}],"keys":["snapshot-2"]},` +
	`{"role":"timestamp","over":[{"role":"snapshot","version":8}],"keys":["timestamp-2"]}]},`

// TestServer writes what a server has to sign as JSON, and reads no other spelling
// of it.
func TestServer(t *testing.T) {
	for _, s := range []Server{{}, {First: roles.TypeTargets, Due: []roles.Due{}}, halfOffline} {
		m := newManifest(Head{"image", "tuf", s}, nil)
		if got, err := parseManifest(encoded(t, m)); err != nil || !reflect.DeepEqual(got.Server, s) {
			t.Errorf("got %+v, %v, want %+v", got, err, s)
		}
	}
	text := encoded(t, newManifest(Head{"image", "tuf", halfOffline}, nil))
	if !strings.Contains(text, serverText) {
		t.Fatalf("got %s", text)
	}
	const spelling = "is not spelled as keyrite spells it"
	for name, tt := range map[string]struct{ old, new, want string }{
		"white space":      {`"first":`, `"first": `, spelling},
		"other case":       {`"first"`, `"First"`, spelling},
		"unknown field":    {`"first"`, `"x":1,"first"`, spelling},
		"twice":            {`"first":"snapshot"`, `"first":"targets","first":"snapshot"`, spelling},
		"escaped":          {`"first":"snapshot"`, `"first":"snapsho\u0074"`, spelling},
		"null":             {serverText, `"server":null,`, spelling},
		"no JSON":          {serverText, `"server":x,`, spelling},
		"cut off":          {serverText, `"server":{"first":"snapshot","due":[`, spelling},
		"nothing due":      {serverText, `"server":{"first":"snapshot","due":null},`, spelling},
		"nothing left out": {serverText, `"server":{"first":"","due":[]},`, spelling},
		"root":             {`"first":"snapshot"`, `"first":"root"`, `server.first is "root"`},
		"a role before":    {`"role":"timestamp"`, `"role":"targets"`, `server.due[1] is of "targets"`},
		"negative":         {`"version":8,"over"`, `"version":-8,"over"`, `server.due[0] is of "snapshot" version -8`},
		"a key":            {`"snapshot-2"`, `"\u001b[2J"`, `server.due[0].keys has "\x1b[2J"`},
		"a role":           {`"acme"`, `"../acme"`, `server.due[0].over has "../acme"`},
	} {
		changed := strings.Replace(text, tt.old, tt.new, 1)
		if _, err := parseManifest(changed); changed == text || fault.CodeOf(err) != fault.Unverified || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", name, err, tt.want)
		}
	}
}
