package judge

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/uptane/keyrite/ceremony/bundle"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/words"
)

// Request says who judges what.
type Request struct {
	Bundle      string
	TrustedRoot string // what the client begins with
	// Command is run by the shell, with ROOT BASE STATE TARGET... behind it: the trusted
	// root, the address of the repository, a folder of its own, and images to download.
	// Its last line is ACCEPT, or REJECT: why. Exit codes tell nothing: some clients end
	// well when they refuse. It comes from a person's command line and never from a file.
	Command string
	Timeout time.Duration // of one run; 0: two minutes
}

// Result is what the client said. It accepted the bundle as it is.
type Result struct {
	Command string   `json:"command"`
	Images  []string `json:"images"`  // that it downloaded
	Refused []string `json:"refused"` // what was bent, each in a copy of its own
}

const defaultTimeout = 2 * time.Minute

// Judge serves a bundle on this machine's own address to a client, first as it is, then
// once for everything that can be bent. A client that refuses the one or accepts any of
// the others fails the bundle, with code Unverified.
func Judge(ctx context.Context, r Request) (*Result, error) {
	if r.Timeout == 0 {
		r.Timeout = defaultTimeout
	}
	work, err := os.MkdirTemp("", "keyrite-client-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(work)
	dir := filepath.Join(work, "served")
	if _, err := bundle.Unpack(r.Bundle, dir); err != nil {
		return nil, err
	}
	served, err := look(r.Bundle, dir)
	if err != nil {
		return nil, err
	}
	c := &client{Request: r, served: served, work: work}
	if refusal, err := c.run(ctx, nil); err != nil {
		return nil, err
	} else if refusal != "" {
		return nil, fault.Errorf(fault.Unverified, "%s: the client refuses it: %s", r.Bundle, words.Line(refusal))
	}
	result := &Result{Command: r.Command, Images: served.images}
	for _, bent := range served.bends() {
		refusal, err := c.run(ctx, bent)
		if err != nil {
			return nil, err
		}
		if refusal == "" {
			return nil, fault.Errorf(fault.Unverified, "the client accepts it with %s: what it accepts says nothing", bent.what).
				Hint("is it asked for what it verifies? its driver downloads every image that it is given, from an empty state")
		}
		result.Refused = append(result.Refused, bent.what)
	}
	return result, nil
}
