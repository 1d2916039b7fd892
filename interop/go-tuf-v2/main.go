// Command go-tuf-v2 judges a repository with go-tuf v2.
//
// Usage: go-tuf-v2 ROOT BASE STATE TARGET…, see ../README.md.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/theupdateframework/go-tuf/v2/metadata/config"
	"github.com/theupdateframework/go-tuf/v2/metadata/updater"
)

func main() {
	if err := judge(os.Args[1], os.Args[2], os.Args[3], os.Args[4:]); err != nil {
		fmt.Println("REJECT:", err)
		return
	}
	fmt.Println("ACCEPT")
}

func judge(root, base, state string, targets []string) error {
	trusted, err := os.ReadFile(root)
	if err != nil {
		return err
	}
	cfg, err := config.New(base+"/metadata", trusted)
	if err != nil {
		return err
	}
	cfg.RemoteTargetsURL = base + "/targets"
	cfg.LocalMetadataDir = filepath.Join(state, "metadata")
	cfg.LocalTargetsDir = filepath.Join(state, "targets")
	client, err := updater.New(cfg)
	if err != nil {
		return err
	}
	if err := client.Refresh(); err != nil {
		return err
	}
	for _, name := range targets {
		info, err := client.GetTargetInfo(name)
		if err != nil {
			return err
		}
		if _, _, err := client.DownloadTarget(info, "", ""); err != nil {
			return err
		}
	}
	return nil
}
