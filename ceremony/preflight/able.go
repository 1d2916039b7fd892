package preflight

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

// wanted is what a ceremony wants of one token.
type wanted struct {
	Make  map[string]hsm.KeyType // by key
	Sign  map[string]hsm.KeyType
	Alone []string // roles that it signs without a person

	EachTime []string // keys that want the PIN for each signature
}

// Lack is something that a token cannot do of what is wanted of it, or that is to be known
// of it before people come.
type Lack struct {
	Token string   `json:"token"` // name in site.yaml
	Lack  LackKind `json:"lack"`
	Key   string   `json:"key,omitempty"`   // that it cannot make, or use
	Type  string   `json:"type,omitempty"`  // of that key
	Roles []string `json:"roles,omitempty"` // that cannot be signed without a person
}

// LackKind is what kind of thing a token lacks.
type LackKind string

// Every LackKind.
const (
	NotHere        LackKind = "not-here"     // and was not looked at
	PINLocked      LackKind = "pin-locked"   //
	PINFinalTry    LackKind = "pin-last-try" // which only a person may spend
	PINOnToken     LackKind = "pin-on-token" // it is typed there, by a person
	PINEachTime    LackKind = "pin-each-time"
	WriteProtected LackKind = "write-protected"
	CannotMake     LackKind = "cannot-make"
	CannotSign     LackKind = "cannot-sign"
)

// String is the lack in words, with the token.
func (l Lack) String() string {
	if l.Lack == NotHere {
		return fmt.Sprintf("token %s is not here, and was not looked at; keyrite preflight looks at it where it is", l.Token)
	}
	return fmt.Sprintf("token %s: %s", l.Token, l.text())
}

func (l Lack) text() string {
	switch l.Lack {
	case PINLocked:
		return "its user PIN is locked"
	case PINFinalTry:
		return fmt.Sprintf("one PIN try is left, which only a person may spend; %s without a person cannot be signed", words.List(l.Roles))
	case PINOnToken:
		return fmt.Sprintf("its PIN is typed on the token; %s without a person cannot be signed", words.List(l.Roles))
	case PINEachTime:
		return fmt.Sprintf("key %s wants the PIN for each signature, beside the login", l.Key)
	case WriteProtected:
		return fmt.Sprintf("it is write-protected: %s cannot be made on it", l.Key)
	case CannotMake:
		return fmt.Sprintf("it makes no %s keys: %s cannot be made on it", l.Type, l.Key)
	}
	return fmt.Sprintf("it does not sign with %s keys: %s is of no use on it", l.Type, l.Key)
}

// cannot says what of that a token cannot do, as it is now and as far as it tells
// without a login: better before a ceremony than when others have signed.
func (w *wanted) cannot(token string, info hsm.TokenInfo, can hsm.Capabilities) (lacks []Lack) {
	if w == nil || len(w.Make)+len(w.Sign) == 0 {
		return nil
	}
	add := func(l Lack) { l.Token = token; lacks = append(lacks, l) }
	alone := len(w.Alone) > 0
	switch {
	case !info.LoginRequired:
	case info.UserPIN == hsm.PINLocked:
		add(Lack{Lack: PINLocked})
	case info.UserPIN == hsm.PINFinalTry && alone:
		add(Lack{Lack: PINFinalTry, Roles: w.Alone})
	case info.ProtectedPath && alone:
		add(Lack{Lack: PINOnToken, Roles: w.Alone})
	}
	able := map[hsm.KeyType]hsm.KeyCapability{}
	for _, k := range can.Keys {
		able[k.Type] = k
	}
	for _, key := range slices.Sorted(maps.Keys(w.Make)) {
		switch kind := w.Make[key]; {
		case info.WriteProtected:
			add(Lack{Lack: WriteProtected, Key: key})
		case !able[kind].Generate:
			add(Lack{Lack: CannotMake, Key: key, Type: string(kind)})
		}
	}
	for _, key := range slices.Sorted(maps.Keys(w.Sign)) {
		if kind := w.Sign[key]; able[kind].Sign == "" && slices.Contains(hsm.KeyTypes(), kind) {
			add(Lack{Lack: CannotSign, Key: key, Type: string(kind)})
		}
	}
	return lacks
}

func (w *wanted) sign(key string, record *workspace.KeyRecord) {
	if record == nil { // it is yet to be made
		return
	}
	if _, there := w.Sign[key]; !there && record.Evidence != nil && record.Evidence.PINEachTime {
		w.EachTime = append(w.EachTime, key)
	}
	w.Sign[key] = record.Type
}

// wantedBy is what a plan wants of each token of the room.
func wantedBy(p *plan.Plan, site *workspace.Site, records map[string]*workspace.KeyRecord) map[string]*wanted {
	all := map[string]*wanted{}
	for _, s := range p.Steps {
		token, here := site.Keys[s.Key]
		if !here {
			continue
		}
		w := all[token]
		if w == nil {
			w = &wanted{Make: map[string]hsm.KeyType{}, Sign: map[string]hsm.KeyType{}}
			all[token] = w
		}
		switch s.Do {
		case plan.Generate:
			w.Make[s.Key] = s.Type
		case plan.Sign:
			w.sign(s.Key, records[s.Key])
			if slices.Contains(site.Tokens[token].Unattended, s.Role) && !slices.Contains(w.Alone, s.Role) {
				w.Alone = append(w.Alone, s.Role)
			}
		}
	}
	return all
}

// wantedAtAll is what trust.yaml wants of each token of the room, sooner or later; of
// a workspace that cannot be read it is nothing, which others say.
func wantedAtAll(ws *workspace.Workspace, site *workspace.Site) map[string]*wanted {
	all := map[string]*wanted{}
	trust, err := ws.Trust()
	if err != nil {
		return all
	}
	records, err := ws.Keys()
	if err != nil {
		return all
	}
	for _, name := range site.TokenNames() {
		all[name] = &wanted{Make: map[string]hsm.KeyType{}, Sign: map[string]hsm.KeyType{}, Alone: site.Tokens[name].Unattended}
	}
	for _, name := range trust.RepositoryNames() {
		for key, decl := range trust.Repositories[name].Keys {
			w, here := all[site.Keys[key]]
			switch {
			case !here:
			case records[key] != nil:
				w.sign(key, records[key])
			case decl.Type != "":
				w.Make[key] = decl.Type
			}
		}
	}
	return all
}

// Tokens says what the tokens that are plugged in cannot do of a plan, and which tokens
// could not be looked at. Nobody logs in.
func Tokens(ctx context.Context, ws *workspace.Workspace, p *plan.Plan) (lacks []Lack, err error) {
	site, err := ws.Site()
	if err != nil {
		return nil, err
	}
	records, err := ws.Keys()
	if err != nil {
		return nil, err
	}
	all := wantedBy(p, site, records)
	var viewer hsm.Viewer
	defer viewer.Close()
	for _, name := range site.TokenNames() {
		if all[name] == nil {
			continue
		}
		token, err := site.Token(name)
		if err != nil {
			return nil, err
		}
		for _, key := range all[name].EachTime {
			lacks = append(lacks, Lack{Token: name, Lack: PINEachTime, Key: key})
		}
		info, can, err := viewer.View(ctx, token.Module, token.URI)
		if err != nil {
			lacks = append(lacks, Lack{Token: name, Lack: NotHere})
			continue
		}
		lacks = append(lacks, all[name].cannot(name, info, can)...)
	}
	return lacks, nil
}
