package main

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/roles"
)

// server is an online repository that signs what ceremonies leave to it, and whoever
// has its keys. Its folder is what it serves.
//
//	server keys NAME...                      NAME.pem of each of its keys
//	server vouch FILE                        its keys' fingerprints in trust.yaml
//	server take DIR BUNDLE
//	server sign DIR ROLE[=VERSION] KEY
//	server assign DIR IMAGE-DIR PATH ECU HARDWARE KEY
func server(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: server COMMAND ARGUMENTS...")
	}
	rest := args[1:]
	switch args[0] {
	case "keys":
		for _, name := range rest {
			ts.Check(writePEM(ts.MkAbs(name+".pem"), name))
		}
	case "vouch":
		ts.Check(vouch(ts.MkAbs(rest[0])))
	case "take":
		s := ceremonytest.Server{Dir: ts.MkAbs(rest[0]), Now: time.Now()}
		ts.Check(s.Take(ts.MkAbs(rest[1])))
	case "sign":
		ts.Check(serverSign(openServer(ts, rest[0]), rest[1], rest[2]))
	case "assign":
		s := openServer(ts, rest[0])
		body, err := s.Assignment(openServer(ts, rest[1]), rest[2], rest[3], rest[4])
		ts.Check(err)
		ts.Check(s.Sign(body, 0, rest[5]))
	default:
		ts.Fatalf("server: no command %s", args[0])
	}
}

func openServer(ts *testscript.TestScript, dir string) ceremonytest.Server {
	s, err := ceremonytest.OpenServer(ts.MkAbs(dir), time.Now())
	ts.Check(err)
	return s
}

func serverSign(s ceremonytest.Server, what, key string) error {
	role, number, _ := strings.Cut(what, "=")
	version, _ := strconv.ParseInt(number, 10, 64)
	body, err := s.Next(roles.Type(role))
	if err != nil {
		return err
	}
	return s.Sign(body, version, key)
}

func writePEM(file, name string) error {
	der, err := x509.MarshalPKIXPublicKey(ceremonytest.Key(name).Public())
	if err != nil {
		return err
	}
	return os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), 0o600)
}

var public = regexp.MustCompile(`keys/([a-z0-9-]+)\.yaml, fingerprint: [^}]*`)

// vouch does what people do who compare the words of keys with their owners.
func vouch(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var failed error
	vouched := public.ReplaceAllStringFunc(string(text), func(found string) string {
		name := public.FindStringSubmatch(found)[1]
		print, err := ceremonytest.FingerprintOf(name)
		if err != nil {
			failed = err
		}
		return fmt.Sprintf("keys/%s.yaml, fingerprint: %x", name, print)
	})
	if failed != nil {
		return failed
	}
	return os.WriteFile(filepath.Clean(file), []byte(vouched), 0o600)
}
