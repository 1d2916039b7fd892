package kits

import (
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/declare"
	"github.com/uptane/keyrite/ceremony/kit"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// Declare has trust.yaml name the keys of a kit that can be completed then, and says
// which it did not name yet, by those in whose place they are.
func Declare(ws *workspace.Workspace, k *kit.Kit, now time.Time) (map[string]string, error) {
	past, err := ceremonies.ReadPast(ws, k.Repository, "")
	if err != nil {
		return nil, err
	}
	why, _, err := unfitAt(ws, past, k, now)
	if err != nil {
		return nil, err
	}
	if why != nil {
		return nil, k.Refuse(why)
	}
	trust, err := ws.Trust()
	if err != nil {
		return nil, err
	}
	repo, err := trust.Repository(k.Repository)
	if err != nil {
		return nil, err
	}
	left := map[string]string{}
	for old, instead := range k.Replace {
		if _, declared := repo.Keys[old]; declared {
			left[old] = instead
		}
	}
	return left, declare.EditTrust(ws, func(text []byte) ([]byte, error) { return declare.ReplaceKeys(text, k.Repository, k.Replace) })
}
