package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/uptane/keyrite/interop/generate"
)

// trial is one run: the peers that take part, the cases, and who said what.
type trial struct {
	interop string // folder of the module
	work    string // folder of the cases
	cases   []generate.Case
	peers   []peer
	left    []absence
	said    [][]*verdict // by case and peer; nil where the peer is not asked
}

// absence is a peer that does not take part, and why.
type absence struct {
	peer peer
	err  error
}

// prepare builds the peers and writes the cases.
func (t *trial) prepare() error {
	for _, p := range peers {
		fmt.Fprintf(os.Stderr, "interop: making %s\n", p.name)
		if err := p.make(t.interop); err != nil {
			if p.name == own {
				return err
			}
			t.left = append(t.left, absence{p, err})
			fmt.Fprintf(os.Stderr, "interop: LEFT OUT %s: %v\n", p.name, err)
			continue
		}
		t.peers = append(t.peers, p)
	}
	if err := os.RemoveAll(t.work); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "interop: writing %d repositories\n", len(t.cases))
	for _, c := range t.cases {
		if err := c.Write(filepath.Join(t.work, c.Name)); err != nil {
			return fmt.Errorf("%s: %w", c.Name, err)
		}
	}
	return nil
}

// judge asks every peer about every case of its format.
func (t *trial) judge(ctx context.Context) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer listener.Close()
	go http.Serve(listener, http.FileServer(http.Dir(t.work)))
	web := "http://" + listener.Addr().String()

	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.NumCPU())
	t.said = make([][]*verdict, len(t.cases))
	for i, c := range t.cases {
		t.said[i] = make([]*verdict, len(t.peers))
		for j, p := range t.peers {
			if !p.judges(c) {
				continue
			}
			group.Go(func() error {
				v, err := t.ask(ctx, p, c, web)
				t.said[i][j] = &v
				return err
			})
		}
	}
	return group.Wait()
}

// ask runs one peer on one case, after the honest repository where the case
// wants the peer to remember that.
func (t *trial) ask(ctx context.Context, p peer, c generate.Case, web string) (verdict, error) {
	dir := filepath.Join(t.work, c.Name)
	base := dir
	if p.web {
		base = web + "/" + c.Name
	}
	state := filepath.Join(dir, "state", strings.ReplaceAll(p.name, " ", "-"))
	if err := os.MkdirAll(state, 0o700); err != nil {
		return verdict{}, err
	}
	root := filepath.Join(dir, "root.json")
	if c.Remembers {
		before, err := p.run(ctx, t.interop, root, base+"/before", state, p.images(c))
		if err != nil {
			return verdict{}, err
		}
		if !before.accepts {
			return verdict{}, fmt.Errorf("%s: %s refuses the honest repository: %s", c.Name, p.name, before.reason)
		}
	}
	v, err := p.run(ctx, t.interop, root, base+"/now", state, p.images(c))
	if err != nil {
		return v, fmt.Errorf("%s: %w", c.Name, err)
	}
	return v, nil
}
