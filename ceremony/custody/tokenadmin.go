package custody

import (
	"context"
	"errors"
	"fmt"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

// ListedToken is a token that is plugged in, and what site.yaml calls it; or what is
// to be said of a slot or a module that shows none.
type ListedToken struct {
	Name string `json:"name,omitempty"` // in site.yaml; empty for a token that it does not name
	hsm.TokenInfo
	Remark string `json:"remark,omitempty"` // why there is none; then only module and slot are named
}

// ListTokens lists the tokens of every module in site.yaml. A slot or a module that
// cannot be read hides no other; it fails where no module can be used.
func ListTokens(ctx context.Context, ws *workspace.Workspace) ([]ListedToken, error) {
	site, err := ws.Site()
	if err != nil {
		return nil, err
	}
	list := []ListedToken{}
	var failures []error
	for _, name := range site.ModuleNames() {
		module, err := site.Module(name)
		if err != nil {
			return nil, err
		}
		listing, err := hsm.Tokens(ctx, module)
		if err != nil {
			failures = append(failures, err) // it names the module
			list = append(list, ListedToken{TokenInfo: hsm.TokenInfo{Module: name}, Remark: err.Error()})
			continue
		}
		list = append(list, listed(site, module, listing)...)
	}
	if len(failures) == len(site.ModuleNames()) {
		return nil, errors.Join(failures...)
	}
	return list, nil
}

// listed is what one module shows.
func listed(site *workspace.Site, module hsm.Module, listing hsm.Listing) (list []ListedToken) {
	for _, info := range listing.Tokens {
		list = append(list, ListedToken{Name: site.NameOf(info), TokenInfo: info})
	}
	for _, bad := range listing.Faults {
		list = append(list, ListedToken{TokenInfo: hsm.TokenInfo{Module: module.Name, Slot: bad.Slot}, Remark: bad.Err.Error()})
	}
	if list == nil {
		list = append(list, ListedToken{TokenInfo: hsm.TokenInfo{Module: module.Name}, Remark: module.Empty()})
	}
	return list
}

// TokenRequest says which token to set up, and how.
type TokenRequest struct {
	Label       string
	Module      string // in site.yaml; empty when there is one
	Slot        *uint  // nil: the one empty token
	EraseSerial string // of a token whose keys are to be destroyed
	PIN, SOPIN  string // sources; `ask` asks twice
}

// InitToken sets up a token with both PINs. A PIN that is asked for is asked
// twice, until both are the same.
func InitToken(ctx context.Context, r room.Room, t TokenRequest) (info hsm.TokenInfo, err error) {
	site, err := r.Workspace.Site()
	if err != nil {
		return info, err
	}
	if workspace.IsFake(t.Label) {
		return info, fault.Errorf(fault.Usage, "label is %q; want one that does not begin as those of rehearsals do", t.Label)
	}
	if t.Module == "" && len(site.ModuleNames()) == 1 {
		t.Module = site.ModuleNames()[0]
	}
	module, err := site.Module(t.Module)
	if err != nil {
		return info, err
	}
	if module.SHA256 == "" {
		return info, site.ErrUnpinned(module.Name)
	}
	err = trace(r, func(log *log) error {
		info, err = t.init(ctx, r, log, module)
		return err
	})
	return info, err
}

func (t TokenRequest) init(ctx context.Context, r room.Room, log room.Log, module hsm.Module) (info hsm.TokenInfo, err error) {
	if t.EraseSerial != "" {
		what := fmt.Sprintf("Setting up the token with serial %s again destroys every key on it.", t.EraseSerial)
		if err := ask(ctx, r, log, what, "destroy the keys on "+t.EraseSerial); err != nil {
			return info, err
		}
	}
	which := hsm.InitTarget{Slot: t.Slot, EraseSerial: t.EraseSerial}
	empty, err := t.insert(ctx, r, module, which)
	if err != nil {
		return info, err
	}
	label := t.Label + lengthOf(", ", empty)
	soPIN, err := newPIN(ctx, r.Prompter, t.SOPIN, "security-officer PIN of token "+label)
	if err != nil {
		return info, err
	}
	defer hsm.Wipe(soPIN)
	pin, err := newPIN(ctx, r.Prompter, t.PIN, "user PIN of token "+label)
	if err != nil {
		return info, err
	}
	defer hsm.Wipe(pin)
	if err := empty.CheckPINs(soPIN, pin); err != nil {
		return info, err
	}
	if err := log.Append(0, transcript.ActorTool, transcript.Initialising{Module: module.Name, Label: t.Label, Erases: t.EraseSerial}); err != nil {
		return info, err
	}
	info, err = hsm.InitToken(ctx, module, which, t.Label, soPIN, pin)
	if err != nil {
		return info, err
	}
	return info, log.Append(0, transcript.ActorTool, transcript.Initialised{Label: t.Label, Serial: info.Serial})
}

// insert finds the empty token, and waits for a person to insert it where there is
// none.
func (t TokenRequest) insert(ctx context.Context, r room.Room, module hsm.Module, which hsm.InitTarget) (hsm.TokenInfo, error) {
	for {
		empty, err := hsm.ChooseEmpty(ctx, module, which, t.Label)
		if !errors.Is(err, hsm.ErrTokenNotFound) || !r.Prompter.Asks() || which != (hsm.InitTarget{}) {
			return empty, err
		}
		if _, err := r.Prompter.Line(ctx, InsertQuestion(t.Label)); err != nil {
			return empty, err
		}
	}
}

// InsertQuestion waits for an empty token.
func InsertQuestion(label string) string {
	return "Insert the empty token for " + label + ", then Enter: "
}

// newPIN gets a PIN that is being set.
func newPIN(ctx context.Context, prompter prompt.Prompter, source, what string) ([]byte, error) {
	parsed, err := hsm.ParsePINSource(source)
	if err != nil {
		return nil, &fault.Error{Code: fault.Usage, Err: fmt.Errorf("%s: %w", what, err)}
	}
	return parsed.Read(func() ([]byte, error) {
		pin, err := Twice(prompter, func(again bool) ([]byte, error) {
			if again {
				return prompter.PIN(ctx, "Again: ")
			}
			return prompter.PIN(ctx, "New "+what+": ")
		})
		return pin, Unasked(prompter, err, "or say where the PINs come from: --pin and --so-pin take file:/PATH, env:NAME and fd:N")
	})
}

// DescribeTokens opens tokens of site.yaml, all of them when none is named, and
// asks what they can do. Nobody logs in. Of all, one that cannot be opened hides no
// other: its report says why.
func DescribeTokens(ctx context.Context, ws *workspace.Workspace, names []string) ([]hsm.Report, error) {
	site, err := ws.Site()
	if err != nil {
		return nil, err
	}
	all := len(names) == 0
	if all {
		names = site.TokenNames()
	}
	var list []hsm.Report
	for _, name := range names {
		r, err := describeToken(ctx, site, name)
		if err != nil && !all {
			return nil, err
		}
		if err != nil {
			r = hsm.Report{Name: name, Fault: err.Error()}
		}
		list = append(list, r)
	}
	return list, nil
}

func describeToken(ctx context.Context, site *workspace.Site, name string) (hsm.Report, error) {
	declared, err := site.Token(name)
	if err != nil {
		return hsm.Report{}, err
	}
	token, err := hsm.Open(ctx, declared.Module, declared.URI)
	if err != nil {
		return hsm.Report{}, fmt.Errorf("token %s: %w", name, err)
	}
	defer token.Close()
	capabilities, err := token.Capabilities(ctx)
	return hsm.Report{Name: name, Token: token.Info(), Capabilities: capabilities}, err
}
