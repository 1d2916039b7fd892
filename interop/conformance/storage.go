package main

import (
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// site is a web server's folder, with or without a slash at the end, a
// roles.Source.
type site string

var web = http.Client{Timeout: time.Minute}

// Get asks for a file. Names are escaped already, as metadata's are. A store
// without the right to list answers 403 for what it does not have.
func (s site) Get(name string, limit int64) ([]byte, error) {
	response, err := web.Get(strings.TrimSuffix(string(s), "/") + "/" + name)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound, http.StatusForbidden:
		return nil, fs.ErrNotExist
	default:
		return nil, fmt.Errorf("the server says %s", response.Status)
	}
	data, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("more than %d bytes", limit)
	}
	return data, err
}

// folder keeps files, a roles.State.
type folder string

// Load returns a whole file.
func (f folder) Load(name string) ([]byte, error) { return os.ReadFile(filepath.Join(string(f), name)) }

// Save replaces a file as a whole, so that nobody finds half of one.
func (f folder) Save(name string, data []byte) error {
	temporary, err := os.CreateTemp(string(f), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name())
	if _, err := temporary.Write(data); err != nil {
		temporary.Close()
		return err
	}
	if err := temporary.Close(); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), filepath.Join(string(f), name))
}
