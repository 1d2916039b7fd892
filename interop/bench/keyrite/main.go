// Command keyrite measures package roles; see package candidate.
package main

import (
	"crypto/ed25519"
	"fmt"
	"os"
	"sync"

	"github.com/uptane/keyrite/interop/bench/candidate"
	"github.com/uptane/keyrite/roles"
)

func main() {
	if err := candidate.Run(candidate.Jobs{Verify: verify, Sign: sign}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func verify(in candidate.Input) (func() error, error) {
	file, err := roles.Read(roles.TUF, roles.TypeRoot, in.Root)
	if err != nil {
		return nil, err
	}
	root := file.Body.(*roles.Root)
	return func() error {
		file, err := roles.Read(roles.TUF, roles.TypeTargets, in.Targets)
		if err != nil {
			return err
		}
		return roles.CheckThreshold(file, *root.Role("targets"), root.Keys).Err()
	}, nil
}

// writeFile writes where nothing lasts. The peers leave it at a buffer.
func writeFile(draft *roles.Draft, signatures []roles.SignedBy) error {
	file, err := os.CreateTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	return draft.WriteFile(file, signatures)
}

func sign(in candidate.Input) (func() error, error) {
	file, err := roles.Read(roles.TUF, roles.TypeTargets, in.Targets)
	if err != nil {
		return nil, err
	}
	var keys [2]roles.Key
	for i, private := range in.Keys {
		if keys[i], err = roles.NewKey(roles.TUF, private.Public()); err != nil {
			return nil, err
		}
	}
	return func() error {
		draft, err := roles.Encode(roles.TUF, file.Body)
		if err != nil {
			return err
		}
		var signatures [2]roles.SignedBy
		var wait sync.WaitGroup // signatures are independent: use all cores, as CheckThreshold does
		for i, private := range in.Keys {
			wait.Go(func() { signatures[i] = roles.SignedBy{Key: keys[i], Value: ed25519.Sign(private, draft.Signed)} })
		}
		wait.Wait()
		return writeFile(draft, signatures[:])
	}, nil
}
