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
	if err := candidate.Run(candidate.Jobs{"verify": verify, "canonicalise": canonicalise, "sign": sign, "alone": alone}); err != nil {
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

func canonicalise(in candidate.Input) (func() error, error) {
	file, err := roles.Read(roles.TUF, roles.TypeTargets, in.Targets)
	if err != nil {
		return nil, err
	}
	return func() error {
		_, err := roles.Encode(roles.TUF, file.Body)
		return err
	}, nil
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
		for i, value := range signTwice(in.Keys, draft.Signed) {
			signatures[i] = roles.SignedBy{Key: keys[i], Value: value}
		}
		return writeFile(draft, signatures[:])
	}, nil
}

// alone is the part of sign that is Go's standard library: no program that signs
// with it, as keyrite and go-tuf do, can take less.
func alone(in candidate.Input) (func() error, error) {
	file, err := roles.Read(roles.TUF, roles.TypeTargets, in.Targets)
	if err != nil {
		return nil, err
	}
	return func() error {
		signTwice(in.Keys, file.Signed)
		return nil
	}, nil
}

// signTwice uses all cores, as CheckThreshold does: signatures are independent.
func signTwice(keys [2]ed25519.PrivateKey, message []byte) (signatures [2][]byte) {
	var wait sync.WaitGroup
	for i, private := range keys {
		wait.Go(func() { signatures[i] = ed25519.Sign(private, message) })
	}
	wait.Wait()
	return signatures
}

// writeFile writes where nothing lasts. The peers leave it at a buffer.
func writeFile(draft *roles.Draft, signatures []roles.SignedBy) error {
	file, err := os.CreateTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	data, err := draft.Seal(signatures)
	if err == nil {
		_, err = file.Write(data)
	}
	return err
}
