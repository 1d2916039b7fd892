package hsm_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

// A viewer sees what whoever opens a token sees, and starts one helper for all of a module.
func TestViewer(t *testing.T) {
	t.Parallel()
	m, first, _ := hsmtest.Token(t, "officer-1")
	second := hsmtest.AddToken(t, m, "officer-2")
	log := filepath.Join(t.TempDir(), "log")
	logged := behindProxy(t, m, "", log)
	var viewer hsm.Viewer
	defer viewer.Close()
	_, _, err := viewer.View(t.Context(), logged, hsm.URI{Token: "officer-3"})
	wantError(t, err, hsm.ErrTokenNotFound, "officer-3")
	for _, uri := range []hsm.URI{second, first} {
		info, can, err := viewer.View(t.Context(), logged, uri)
		if err != nil {
			t.Fatal(err)
		}
		wantAsOpened(t, m, uri, info, can, log)
	}
}

// wantAsOpened compares with the token itself, which is not locked any more.
func wantAsOpened(t *testing.T, m hsm.Module, uri hsm.URI, info hsm.TokenInfo, can hsm.Capabilities, log string) {
	t.Helper()
	calls, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(calls), "C_Initialize"); n != 1 {
		t.Errorf("%d helpers, want 1", n)
	}
	token, err := hsm.Open(t.Context(), m, uri)
	if err != nil {
		t.Fatal(err)
	}
	defer token.Close()
	want, err := token.Capabilities(t.Context())
	if err != nil || !reflect.DeepEqual(can, want) || info != token.Info() {
		t.Errorf("got %+v, %+v; want %+v, %+v, %v", info, can, token.Info(), want, err)
	}
}

// A module that crashes at one token takes nothing of what is seen of others with it.
func TestViewerOfModuleThatCrashes(t *testing.T) {
	t.Parallel()
	m, first, _ := hsmtest.Token(t, "officer-1")
	second := hsmtest.AddToken(t, m, "officer-2")
	m = behindProxy(t, m, "C_OpenSession 2 before crash", os.DevNull)
	var viewer hsm.Viewer
	defer viewer.Close()
	for _, uri := range []hsm.URI{first, second, first} {
		_, _, err := viewer.View(t.Context(), m, uri)
		if uri == second {
			wantError(t, err, hsm.ErrCrashed, "officer-2")
		} else if err != nil {
			t.Error(err)
		}
	}
}

// That one token gives only sessions that read says nothing of the next.
func TestViewerReadOnly(t *testing.T) {
	t.Parallel()
	m, first, _ := hsmtest.Token(t, "officer-1")
	second := hsmtest.AddToken(t, m, "officer-2")
	m = behindProxy(t, m, "C_OpenSession 1 before E2", os.DevNull) // CKR_TOKEN_WRITE_PROTECTED
	var viewer hsm.Viewer
	defer viewer.Close()
	for _, uri := range []hsm.URI{first, second} {
		if info, _, err := viewer.View(t.Context(), m, uri); err != nil || info.WriteProtected != (uri == first) {
			t.Errorf("%s: write-protected %v, %v", uri, info.WriteProtected, err)
		}
	}
}

// A token that another keyrite holds is told as such.
func TestViewerOfBusyToken(t *testing.T) {
	t.Parallel()
	m, uri, _ := hsmtest.Token(t, "officer-1")
	token, err := hsm.Open(t.Context(), m, uri)
	if err != nil {
		t.Fatal(err)
	}
	defer token.Close()
	var viewer hsm.Viewer
	defer viewer.Close()
	_, _, err = viewer.View(t.Context(), m, uri)
	wantError(t, err, hsm.ErrBusy, "officer-1")
}
