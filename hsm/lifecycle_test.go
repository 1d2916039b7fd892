package hsm_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

func TestCloseLogsOutAndFinalises(t *testing.T) {
	g := softHSMTarget(t, hsm.Ed25519)
	log := filepath.Join(t.TempDir(), "calls")
	g.module = behindProxy(t, g.module, "", log)
	if err := g.open(t).Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	calls := strings.Fields(string(text))
	if last := calls[len(calls)-1]; last != "C_Finalize" || countCalls(t, log)["C_Logout"] != 1 {
		t.Errorf("calls: %v", calls)
	}
}

// held is a token that holdToken opens.
type held struct {
	Module hsm.Module
	URI    hsm.URI
}

// TestMain calls holdToken in a process of its own, which is then killed.
func holdToken(text string) {
	var h held
	err := json.Unmarshal([]byte(text), &h)
	if err == nil {
		_, err = hsm.Open(context.Background(), h.Module, h.URI)
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("open")
	select {}
}

func TestHelperDiesWithKeyrite(t *testing.T) {
	m, uri, _ := hsmtest.Token(t, "officer-1")
	// One that hangs does not see that keyrite is gone.
	text, err := json.Marshal(held{behindProxy(t, m, "C_CloseSession 1 before hang", os.DevNull), uri})
	if err != nil {
		t.Fatal(err)
	}
	keyrite := exec.Command("/proc/self/exe")
	keyrite.Env = append(os.Environ(), "KEYRITE_TEST_HOLD="+string(text))
	out, err := keyrite.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := keyrite.Start(); err != nil {
		t.Fatal(err)
	}
	defer keyrite.Process.Kill()
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "open\n" {
		t.Fatalf("got %q, %v", line, err)
	}
	helper := child(t, keyrite.Process.Pid)
	if err := keyrite.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = keyrite.Wait() // it was killed
	for range 100 {
		if !running(helper) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("the helper, process %d, is still there", helper)
}

// running reports whether a process is there and no zombie.
func running(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(stat), ") Z ")
}

// child returns the one child of a process.
func child(t *testing.T, parent int) int {
	t.Helper()
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", parent))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range tasks {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var pid int
		if n, _ := fmt.Sscan(string(text), &pid); n == 1 {
			return pid
		}
	}
	t.Fatal("no child")
	return 0
}

// SoftHSM finds nothing, without an error, on a token that is gone.
func TestTokenThatIsGoneIsNotAMissingKey(t *testing.T) {
	m, uri, pin := hsmtest.Token(t, "officer-1")
	token := target{module: m, uri: uri, pin: pin, kind: hsm.Ed25519}.open(t)
	defer token.Close()
	key := hsmtest.Generate(t, token, "root-a", hsm.Ed25519)
	if err := os.RemoveAll(filepath.Join(filepath.Dir(m.Env["SOFTHSM2_CONF"]), "tokens")); err != nil {
		t.Fatal(err)
	}
	_, err := token.Find(t.Context(), key.Public())
	wantError(t, err, hsm.ErrFailed, "C_GetTokenInfo")
}

// A ceremony has several tokens open at once, here of one SoftHSM directory.
func TestSeveralTokensAtOnce(t *testing.T) {
	m := hsmtest.Module(t)
	var uris []hsm.URI
	for i := range 3 {
		uris = append(uris, hsmtest.AddToken(t, m, fmt.Sprintf("officer-%d", i+1)))
	}
	var work sync.WaitGroup
	for _, uri := range uris {
		token := target{module: m, uri: uri, pin: hsmtest.PIN, kind: hsm.Ed25519}.open(t)
		defer token.Close()
		work.Go(func() {
			for i := range 5 {
				key, err := token.Generate(t.Context(), hsm.KeySpec{ID: [16]byte{byte(i)}, Label: fmt.Sprint("key-", i), Type: hsm.Ed25519})
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := key.Sign(t.Context(), []byte("metadata")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	work.Wait()
}

func TestSeveralGoroutinesSignWithOneKey(t *testing.T) {
	token := hsmtest.Open(t, "officer-1")
	key := hsmtest.Generate(t, token, "root-a", hsm.Ed25519)
	var work sync.WaitGroup
	for i := range 8 {
		work.Go(func() {
			for j := range 20 {
				if _, err := key.Sign(t.Context(), fmt.Appendf(nil, "message %d of %d", j, i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	work.Wait()
}
