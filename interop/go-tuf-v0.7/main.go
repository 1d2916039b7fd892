// Command go-tuf-v0.7 judges a repository with go-tuf v0.7, the last release of
// the first go-tuf, which many deployed clients still are.
//
// Usage: go-tuf-v0.7 ROOT BASE STATE TARGET…, see ../README.md.
package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"github.com/theupdateframework/go-tuf/client"
	filejson "github.com/theupdateframework/go-tuf/client/filejsonstore"
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
	local, err := filejson.NewFileJSONStore(filepath.Join(state, "metadata"))
	if err != nil {
		return err
	}
	options := &client.HTTPRemoteOptions{MetadataPath: "metadata", TargetsPath: "targets"}
	remote, err := client.HTTPRemoteStore(base, options, http.DefaultClient)
	if err != nil {
		return err
	}
	c := client.NewClient(local, remote)
	known, err := local.GetMeta()
	if err != nil {
		return err
	}
	if known["root.json"] == nil {
		if err := c.Init(trusted); err != nil {
			return err
		}
	}
	if _, err := c.Update(); err != nil {
		return err
	}
	for _, name := range targets {
		if err := c.Download(name, &image{}); err != nil {
			return err
		}
	}
	return nil
}

// image takes a download, which the client verifies and then deletes or keeps.
type image struct{ bytes.Buffer }

func (*image) Delete() error { return nil }
