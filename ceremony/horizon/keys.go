package horizon

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

// Key is one key on a token: how old it is, who keeps it and since when, and what is
// publicly known against its token.
type Key struct {
	Name       string    `json:"name"`
	Repository string    `json:"repository"`
	Roles      []string  `json:"roles"`
	Created    time.Time `json:"created"`
	Age        string    `json:"age"`
	Custodian  string    `json:"custodian"`
	Person     string    `json:"person,omitempty"` // who had that part last, by the transcripts
	Since      time.Time `json:"since,omitzero"`   // they have had it without another in between
	Token      string    `json:"token"`            // model and serial
	Advisories []string  `json:"advisories,omitempty"`
	Broken     bool      `json:"broken,omitempty"` // one of these forbids its use
}

// AddKeys adds the keys that trust.yaml declares and tokens made. Who kept them is read
// from the transcripts of all ceremonies.
func (h *Horizon) AddKeys(ws *workspace.Workspace) error {
	trust, err := ws.Trust()
	if err != nil {
		return err
	}
	records, err := ws.Keys()
	if err != nil {
		return err
	}
	parts, err := tenures(ws)
	if err != nil {
		return err
	}
	for _, repository := range trust.RepositoryNames() {
		repo := trust.Repositories[repository]
		for _, name := range repo.KeyNames {
			if record := records[name]; record.OnToken() {
				h.Keys = append(h.Keys, keyOf(repo, record, parts, h.At))
			}
		}
	}
	return nil
}

func keyOf(repo *workspace.Repository, r *workspace.KeyRecord, parts map[string]tenure, now time.Time) Key {
	k := Key{
		Name: r.Name, Repository: repo.Name, Roles: repo.RolesOf(r.Name), Created: r.Created, Age: words.Between(r.Created, now),
		Custodian: repo.Custodian(r.Name), Token: fmt.Sprintf("%s, serial %s", r.Token.Model, r.Token.Serial),
	}
	if t, known := parts[k.Custodian]; known {
		k.Person, k.Since = t.name, t.since
	}
	info := hsm.TokenInfo{Manufacturer: r.Token.Manufacturer, Model: r.Token.Model, Firmware: r.Token.Firmware}
	for _, a := range hsm.Advisories(info, []hsm.KeyType{r.Type}) {
		k.Advisories = append(k.Advisories, fmt.Sprintf("%s (%s)", a.Text, a.Source))
		k.Broken = k.Broken || a.Broken
	}
	return k
}

// tenure is who has a part, and since when.
type tenure struct {
	name  string
	since time.Time
}

// tenures finds who had each part last, and the first time after which nobody else had
// it. Transcripts are evidence of that and no more.
func tenures(ws *workspace.Workspace) (map[string]tenure, error) {
	names, err := ceremonies.Names(ws)
	if err != nil {
		return nil, err
	}
	var arrivals []transcript.Event
	for _, name := range names {
		sites, err := ceremonies.Sites(ws, name)
		if err != nil {
			return nil, err
		}
		for _, site := range sites {
			events, _ := transcript.ReadSoFar(ws.Folder, ceremonies.SiteDir(name, site)) // status has said what is wrong with it
			for _, e := range events {
				if _, is := e.Data.(transcript.Arrived); is {
					arrivals = append(arrivals, e)
				}
			}
		}
	}
	slices.SortStableFunc(arrivals, func(a, b transcript.Event) int { return cmp.Compare(a.Time.UnixNano(), b.Time.UnixNano()) })
	parts := map[string]tenure{}
	for _, e := range arrivals {
		a := e.Data.(transcript.Arrived)
		if parts[a.Part].name != a.Name {
			parts[a.Part] = tenure{a.Name, e.Time}
		}
	}
	return parts, nil
}

// Custody is who keeps the key, and since when.
func (k Key) Custody() string {
	if k.Person == "" {
		return k.Custodian
	}
	return fmt.Sprintf("%s (%s) since %s", k.Person, k.Custodian, k.Since.Format(time.DateOnly))
}
