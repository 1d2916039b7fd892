package main

import (
	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/derive"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/simulate"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/ceremony/workspace"
)

func (a *app) simulateCommand() *cobra.Command {
	file := ""
	c := &cobra.Command{
		Use:   "simulate [CEREMONY]",
		Short: "Which vehicles come along with a plan, who is stuck, and why",
		Long: `Have a fleet walk a plan before anybody signs it. Every file is put online as if it
were signed, in the order of publication: delegated files, targets, snapshot, root,
timestamp, and what a server signs. After each, every vehicle looks at the repository
with keyrite's own client and what it remembers, the files of suppliers too; and once
more, as one that was away until the end. With full verification it holds Director and
Image repository against each other, the other one as it is published now.

Without --clients the vehicles are one of each state: at every root, with nothing but
it, with the newest files that it can have verified, and with every older timestamp
that lies in the workspace; of a Director also those with partial verification.

The clients file is YAML:

  version: 1
  vehicles:
    - {name: sold in 2024, count: 1200, kind: full, root: 2}
    - name: long away
      count: 7
      kind: full                # or partial
      root: 1                   # version of the root that they trust
      remembers: {timestamp: 311, targets: 12, delegated: {acme: 3}}
      seen: 2025-11-30

Exit code 4 says that some do not come along.`,
		Example: `  keyrite simulate
  keyrite simulate 2026-11-22-director-3 --clients fleet.yaml`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.withWorkspace(func(ws *workspace.Workspace) error { return a.simulate(ws, args, file) })
		},
	}
	c.Flags().StringVar(&file, "clients", "", "the vehicles of the fleet, by their states")
	return a.answers(c, &simulate.Result{})
}

func (a *app) simulate(ws *workspace.Workspace, args []string, file string) error {
	name, err := a.ceremony(ws, args)
	if err != nil {
		return err
	}
	clients, err := readClients(file)
	if err != nil {
		return err
	}
	result, err := derive.Simulate(ws, name, clients)
	if err != nil {
		return err
	}
	err = a.printText(result, result.Text)
	if err == nil && len(result.Stuck()) > 0 {
		err = fault.Errorf(fault.Unverified, "%s: %s", name, result.Verdict())
	}
	return err
}

// readClients reads a clients file; nil without one.
func readClients(file string) (*simulate.Clients, error) {
	if file == "" {
		return nil, nil
	}
	data, err := disk.ReadFile(file, strict.MaxBytes)
	if err != nil {
		return nil, err
	}
	return simulate.ParseClients(file, data)
}
