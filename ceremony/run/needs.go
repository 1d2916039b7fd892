package run

import (
	"strings"

	"github.com/uptane/keyrite/ceremony/workspace"
)

// showNeeds says what each module of site.yaml can reach beyond the system's
// libraries: its helper is locked in to no more than that.
func (m *machine) showNeeds() {
	for _, name := range m.site.ModuleNames() {
		m.Prompter.Say("module %s can reach: %s", name, needs(m.site.Modules[name]))
	}
}

func needs(d workspace.ModuleDecl) string {
	var list []string
	for _, n := range []struct {
		verb string
		what []string
	}{{"writes to ", d.State}, {"reads ", d.Reads}, {"connects to ", d.Connects}, {"network ", d.Network}} {
		if len(n.what) > 0 {
			list = append(list, n.verb+strings.Join(n.what, ", "))
		}
	}
	if list == nil {
		return "nothing"
	}
	return strings.Join(list, "; ")
}
